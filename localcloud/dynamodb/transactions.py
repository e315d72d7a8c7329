"""Transactions that back up what they write, where moto deep-copies the whole table, once for each item.

The ledger of a long run makes that most of what this cloud does.
"""

import copy
from collections.abc import Iterable
from contextvars import ContextVar
from functools import wraps
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

Operation = dict[str, Any]

_written: ContextVar[list[Operation] | None] = ContextVar("written", default=None)


def install() -> None:
    Table.__deepcopy__ = _copied  # type: ignore[attr-defined]
    DynamoDBBackend.transact_write_items = _naming_what_it_writes(  # type: ignore[method-assign]
        DynamoDBBackend.transact_write_items
    )


def under_way() -> bool:
    """Return whether the caller is a part of a transaction."""
    return _written.get() is not None


def _naming_what_it_writes(transact: Any) -> Any:
    @wraps(transact)
    def named(self: DynamoDBBackend, transact_items: list[dict[str, Operation]]) -> None:
        token = _written.set([operation for item in transact_items for operation in item.values()])
        try:
            transact(self, transact_items)
        finally:
            _written.reset(token)

    return named


def _copied(table: Table, memo: dict[int, Any]) -> Table:
    written = _written.get()
    backup = copy.copy(table)
    if written is None:
        backup.__dict__ = copy.deepcopy(table.__dict__, memo)
        return backup
    backup.items = copy.copy(table.items)
    for partition, key in _places(table, written):
        kept = backup.items.get(partition)
        if kept is not None and table.range_key_attr:
            backup.items[partition] = kept = dict(kept)
            if key in kept:
                kept[key] = copy.deepcopy(kept[key])
        elif kept is not None:
            backup.items[partition] = copy.deepcopy(kept)
    return backup


def _places(table: Table, written: list[Operation]) -> Iterable[tuple[DynamoType, DynamoType | None]]:
    """Return the partition and sort key of each item that is written in this table."""
    for operation in written:
        if operation.get("TableName") == table.name:
            item = operation.get("Key") or operation.get("Item") or {}
            if table.hash_key_attr in item:
                key = DynamoType(item[table.range_key_attr]) if table.range_key_attr in item else None
                yield DynamoType(item[table.hash_key_attr]), key
