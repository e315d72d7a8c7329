"""Freezes: one item for each pattern of names. They are no locks, and go by themselves when their time is over."""

from collections.abc import Collection

from tidegate.aws.ledger import table
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.errors import Frozen
from tidegate.domain.people import freeze as domain
from tidegate.domain.people.freeze import Freeze

PARTITION = "freezes"


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
    """Give every freeze that is not over; DynamoDB takes a few days to delete those that are."""
    found = (Freeze.of(item) for item in table.query(PARTITION))
    return [freeze for freeze in found if now < freeze.until]


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
