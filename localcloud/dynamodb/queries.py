"""Queries that look at their partition, where moto sorts the whole table for each."""

import inspect
from contextvars import ContextVar
from functools import wraps
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_partition: ContextVar[DynamoType | None] = ContextVar("partition", default=None)
_whole = Table.all_items
_parameters = inspect.signature(Table.query)


def install() -> None:
    Table.all_items = _items  # type: ignore[assignment, method-assign]
    Table.query = _naming_its_partition(Table.query)  # type: ignore[method-assign]


def _naming_its_partition(query: Any) -> Any:
    @wraps(query)
    def named(*arguments: Any, **options: Any) -> Any:
        asked = _parameters.bind(*arguments, **options).arguments
        token = _partition.set(None if asked.get("index_name") else asked["hash_key"])
        try:
            return query(*arguments, **options)
        finally:
            _partition.reset(token)

    return named


def _items(table: Table) -> list[Item]:
    partition = _partition.get()
    if partition is None:
        return _whole(table)
    found = table.items.get(partition)
    if found is None:
        return []
    return list(found.values()) if table.range_key_attr else [found]  # type: ignore[list-item]
