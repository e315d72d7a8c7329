"""Freezes: one item for each pattern of names. They are not locks, and expire at their end."""

from collections.abc import Collection

from tidegate.aws.ledger import reading, table
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.control import freeze as domain
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.errors import Frozen
from tidegate.domain.ledger_items import FREEZES
from tidegate.domain.schedule import HOUR, is_time

PARTITION = FREEZES

AS_LONG_AS_UNREADABLE = HOUR
"""Seconds from each check for which a freeze with an unreadable end is in force: until somebody thaws it."""


def put(freeze: Freeze) -> None:
    """Freeze, or change the reason and the end of a freeze of the same pattern."""
    table.put({"pk": PARTITION, "sk": freeze.pattern, **freeze.document(), "ttl": freeze.until})


def remove(pattern: str) -> bool:
    """Thaw; False if there was no freeze of exactly this pattern."""
    try:
        table.delete(PARTITION, pattern, condition="attribute_exists(#pk)")
    except ConditionUnmet:
        return False
    return True


def read(now: int) -> list[Freeze]:
    """Return every freeze that has not ended; DynamoDB takes a few days to delete ended ones.

    A malformed freeze is in force for its pattern, which is its sort key. Otherwise a frozen
    function could be released; a person can thaw it by its pattern.
    """
    skipped = list[reading.Item]()
    found = reading.each(table.query(PARTITION), Freeze.of, skipped)
    found += [_unreadable(item, now) for item in skipped]
    return [freeze for freeze in found if now < freeze.until]


def _unreadable(item: reading.Item, now: int) -> Freeze:
    until = item.get("ttl")
    return Freeze(
        pattern=str(item["sk"]),
        reason="the item of this freeze cannot be read",
        until=until if isinstance(until, int) and is_time(until) else now + AS_LONG_AS_UNREADABLE,
        by="(unknown)",
        since=now,
    )


def covering(functions: Collection[str], now: int) -> Freeze | None:
    return domain.covering(read(now), functions, now)


def refuse(functions: Collection[str], now: int, advice: str = "") -> None:
    """Explain why these functions may not be released now, if a freeze covers one of them; add `advice`.

    Raises
    ------
    Frozen
        When one does.
    """
    freeze = covering(functions, now)
    if freeze:
        raise Frozen(domain.refusal(freeze, functions) + advice)
