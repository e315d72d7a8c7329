"""Optional writes of a release: its events, counts and explanations.

Their size is limited here. A write that DynamoDB refuses permanently is logged and omitted: an alias must
never stay split or locked because a sentence could not be written.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tidegate.aws.failures import FAILED_CALL, is_busy
from tidegate.aws.ledger import table
from tidegate.aws.ledger.table import Item
from tidegate.aws.logger import logger

LARGEST = 350_000
"""Most bytes of an optional item. DynamoDB takes 400 KB, which is 409,600 bytes (DynamoDB guide, "Quotas")."""

LONGEST = 8_000
"""Characters of one text in an item that would be larger."""

KEPT = {"pk", "sk", "kind", "at", "ttl", "started", "target", "canary"}
"""The key attributes of an item; all are short."""

UNWRITABLE = (*FAILED_CALL, ArithmeticError)
"""Exceptions of a call, and of the encoding of a number that DynamoDB refuses, for example with more than 38 digits.

A TypeError or a ValueError is none of these: it is a mistake of ours, whatever was to be written.
"""


def put(item: Item, *, condition: str | None = None, insist: bool = True) -> Item:
    """Write an item, shortened if necessary, and return it; for `insist` see `logged`.

    Raises
    ------
    ConditionUnmet
        When the existing item does not meet the `condition`.
    """
    fitting = fitted(item)
    with logged(f"{item['pk']} {item['sk']}", insist=insist):
        table.put(fitting, condition=condition)
    return fitting


@contextmanager
def logged(what: str, *, insist: bool = True) -> Iterator[None]:
    """Log that something could not be written, and continue.

    With `insist`, a transient error is raised: the caller will be retried, and has already done
    its urgent work. Mistakes of ours are raised, too.
    """
    try:
        yield
    except UNWRITABLE as error:
        if insist and is_busy(error):
            raise
        logger.error("not written down: %s: %s: %s", what, type(error).__name__, error)


def fitted(item: Item) -> Item:
    """Return an item that fits: with shorter texts and, if that is not enough, without its largest attributes."""
    if size(item) <= LARGEST:
        return item
    fitting = {name: _shortened(value) for name, value in item.items()}
    left_out = list[str]()
    while size(fitting) > LARGEST:
        name = max(fitting.keys() - KEPT, key=lambda name: size(fitting[name]))
        left_out.append(name)
        fitting |= {name: type(fitting[name])(), "left_out": left_out}
    return fitting


def size(value: Any) -> int:
    """Return the bytes that a value takes in DynamoDB, or more.

    As JSON, every value is at least as long as by the rules of the DynamoDB guide, "DynamoDB item sizes and formats": a
    test compares both.
    """
    return len(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace"))


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}…"
    if isinstance(value, Mapping):
        return {name: _shortened(each) for name, each in value.items()}
    return [_shortened(each) for each in value] if isinstance(value, list | tuple) else value
