"""Freezes: one item for each pattern of names. They are no locks, and go by themselves when their time is over."""

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
"""Seconds from each look for which a freeze holds whose end cannot be read: until somebody thaws it."""


def put(freeze: Freeze) -> None:
    """Freeze, or change the reason and the end of a freeze of the same pattern."""
    table.put({"pk": PARTITION, "sk": freeze.pattern, **freeze.document(), "ttl": freeze.until})


def remove(pattern: str) -> bool:
    """Thaw; False when there was no freeze of this very pattern."""
    try:
        table.delete(PARTITION, pattern, condition="attribute_exists(#pk)")
    except ConditionUnmet:
        return False
    return True


def read(now: int) -> list[Freeze]:
    """Give every freeze that is not over; DynamoDB takes a few days to delete those that are.

    A malformed one holds by its sort key, which is its pattern, for the functions that this covers and no others. To
    ignore it would release what somebody froze; a person can thaw it by its pattern.
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


def refuse(functions: Collection[str], now: int) -> None:
    """Say why these functions may not be released now, if a freeze covers one of them.

    Raises
    ------
    Frozen
        When one does.
    """
    freeze = covering(functions, now)
    if freeze:
        raise Frozen(domain.refusal(freeze, functions))
