"""DynamoDB: moto's, with its calls one after the other.

moto looks at a condition and writes in two steps, and a transaction that fails puts the whole table back:
without a lock, two conditional writes may both succeed, and a cancelled transaction reverts writes by others.
"""

from collections.abc import Callable
from copy import copy
from functools import wraps
from threading import RLock
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from localcloud.dynamodb import answers, expressions, queries, sizes, transactions

CALLS = ("put_item", "get_item", "query", "scan", "update_item", "delete_item", "transact_write_items")

_one_at_a_time = RLock()  # a transaction is made of the other calls
_depth = 0  # calls that whoever has the lock is in
_installed = False


def install() -> None:
    """Patch moto's classes, once: they belong to the process."""
    global _installed  # noqa: PLW0603 - as are they
    if _installed:
        return
    _installed = True
    for part in (transactions, sizes, queries, answers, expressions):
        part.install()
    for name in CALLS:
        setattr(DynamoDBBackend, name, _locked(getattr(DynamoDBBackend, name)))


def _locked(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def locked(*arguments: Any, **named: Any) -> Any:
        global _depth  # noqa: PLW0603 - of whoever has the lock
        with _one_at_a_time:
            _depth += 1
            try:
                found = call(*arguments, **named)
                return _apart(found) if _depth == 1 else found
            finally:
                _depth -= 1

    return locked


def _apart(found: Any) -> Any:
    """Return an item that the next write leaves as it is: the answer is made of it after the lock is given back."""
    if not isinstance(found, Item):
        return found
    apart = copy(found)
    vars(apart)["attrs"] = dict(found.attrs)
    return apart


def items(table_arn: str, partition: str) -> list[dict[str, Any]]:
    """Return the items of a partition in order, without a call: nothing is authorised, counted or made to fail."""
    _, _, _, region, account, name = table_arn.split(":", 5)
    with _one_at_a_time:
        table = dynamodb_backends[account][region].tables[name.partition("/")[2]]
        found = list(table.items.get(DynamoType({"S": partition}), {}).values())
        written = [item.to_json()["Attributes"] for item in found]
    read = TypeDeserializer().deserialize
    plain = [{name: read(value) for name, value in attributes.items()} for attributes in written]
    return sorted(plain, key=lambda item: str(item["sk"]))


__all__ = ["install", "items"]
