"""Malformed items are skipped, and named in the log.

Somebody may have edited the table, or a later version may have written to it. One such item must not stop the
work for other functions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from tidegate.aws.logger import logger
from tidegate.domain.errors import ItemUnreadable
from tidegate.domain.ledger_items import RECORD, release_partition
from tidegate.domain.schedule import is_time

MALFORMED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Exceptions when reading such an item: an attribute is missing or has another type."""

Item = Mapping[str, Any]
Read = TypeVar("Read")


@contextmanager
def of_item(pk: str, sk: str) -> Iterator[None]:
    """Name the item if reading it fails.

    Raises
    ------
    ItemUnreadable
        When the item is malformed.
    """
    try:
        yield
    except MALFORMED as error:
        raise ItemUnreadable(unreadable(pk, sk, error)) from error


def of_record(release: str) -> AbstractContextManager[None]:
    """Name the record of a release if reading it fails; raises like `of_item`."""
    return of_item(release_partition(release), RECORD)


def unreadable(pk: str, sk: str, error: Exception) -> str:
    return (
        f"The ledger's item pk={pk}, sk={sk} cannot be read ({type(error).__name__}: {error}). It does not have the "
        "format of this version of Tidegate; see docs/trouble.md."
    )


def each(items: Iterable[Item], read: Callable[[Item], Read], skipped: list[Item] | None = None) -> list[Read]:
    """Return the items as `read` returns them; skip and log malformed items, and add them to `skipped`."""
    found = list[Read]()
    for item in items:
        try:
            found.append(read(item))
        except MALFORMED as error:
            logger.error(unreadable(str(item["pk"]), str(item["sk"]), error))
            if skipped is not None:
                skipped.append(item)
    return found


def moment(item: Item, name: str) -> int:
    """Return an attribute that is a time in seconds since 1970; raises like `typed`."""
    value = typed(item, name, int)
    if not is_time(value):
        raise ValueError(f"{name} is {value!r:.100}, which is not a time")
    return value


def typed(item: Item, name: str, kind: type[Read]) -> Read:
    """Return an attribute of an item; raise TypeError if it has another type, KeyError if it is missing."""
    value = item[name]
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {value!r:.100}")
    return value
