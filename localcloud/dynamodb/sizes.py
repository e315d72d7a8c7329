"""DynamoDB's limits: 400 KB in an item, 4 MB in a transaction; and an update that is refused leaves its item as it was.

Sizes are counted by the rules of the DynamoDB guide, "DynamoDB item sizes and formats". The limits are in its "Quotas";
a transaction that makes an item too large is cancelled (API reference, TransactWriteItems, "Validation Error"). No
source gives the words of the refusal of 4 MB: those here are ours. moto counts otherwise, up to 405,000 bytes, and
changes the item before it looks. Pages of a query or scan are of 1 MB by the same count (its guide, "Scanning tables
in DynamoDB").
"""

import copy
from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge, ItemSizeToUpdateTooLarge, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

from localcloud.dynamodb import transactions

LARGEST_ITEM = 400 * 1024
LARGEST_TRANSACTION = 4 * 1024 * 1024
OF_A_CONTAINER, OF_AN_ELEMENT = 3, 1
"""Bytes that a list or map takes whatever is in it, and that each of its elements takes beside its own size."""

Values = Mapping[str, Any]


class ValidationError(Exception):
    """Cancels a transaction; moto takes the class's name as the reason's code."""


def install() -> None:
    Item.size = lambda item: size_of_item(item.attrs)  # type: ignore[method-assign,assignment] # a part of moto replaced
    LimitedSizeDict.__setitem__ = dict.__setitem__  # type: ignore[method-assign] # as is this
    DynamoDBBackend.put_item = _put_within_limits(DynamoDBBackend.put_item)  # type: ignore[method-assign] # as is this
    DynamoDBBackend.update_item = _update_or_leave(DynamoDBBackend.update_item)  # type: ignore[method-assign] # and this
    DynamoDBBackend.transact_write_items = _transact_within_limits(  # type: ignore[method-assign] # and this
        DynamoDBBackend.transact_write_items
    )


def size_of_item(attributes: Values) -> int:
    """Return the bytes of an item whose attribute values are as the API has them, such as {"S": "text"}."""
    return sum(len(name.encode()) + _size_of(value) for name, value in attributes.items())


def _size_of(value: Any) -> int:
    kind, held = (value.type, value.value) if isinstance(value, DynamoType) else next(iter(value.items()))
    if kind == "M":
        return OF_A_CONTAINER + sum(len(n.encode()) + _size_of(v) + OF_AN_ELEMENT for n, v in held.items())
    if kind == "L":
        return OF_A_CONTAINER + sum(_size_of(each) + OF_AN_ELEMENT for each in held)
    if kind in {"SS", "NS", "BS"}:
        return sum(_size_of({kind[0]: each}) for each in held)
    if kind in {"BOOL", "NULL"}:
        return 1
    if kind == "N":
        digits = str(held).lower().partition("e")[0].lstrip("-").replace(".", "").strip("0")
        return (len(digits) + 1) // 2 + 1
    return len(held if isinstance(held, bytes) else str(held).encode("utf-8", "surrogatepass"))


def _put_within_limits(put: Any) -> Any:
    @wraps(put)
    def checked(self: DynamoDBBackend, table_name: str, item_attrs: Values, *more: Any, **named: Any) -> Item:
        if size_of_item(item_attrs) > LARGEST_ITEM:
            raise _refused(ItemSizeTooLarge())
        found: Item = put(self, table_name, item_attrs, *more, **named)
        return found

    return checked


def _update_or_leave(update: Any) -> Any:
    @wraps(update)
    def checked(self: DynamoDBBackend, table_name: str, key: Values, *more: Any, **named: Any) -> Item:
        before = self.get_item(table_name, dict(key))
        kept = copy.deepcopy(before.attrs) if before else None
        try:
            return _small_enough(update(self, table_name, key, *more, **named))
        except Exception:
            if before and kept is not None:
                before.attrs = kept
            elif self.get_item(table_name, dict(key)):
                self.delete_item(table_name, dict(key))
            raise

    return checked


def _small_enough(item: Item) -> Item:
    if size_of_item(item.attrs) > LARGEST_ITEM:
        raise _refused(ItemSizeToUpdateTooLarge())
    return item


def _transact_within_limits(transact: Any) -> Any:
    @wraps(transact)
    def checked(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        operations = [operation for item in transact_items for operation in item.values()]
        if sum(_size_of_operation(each) for each in operations) > LARGEST_TRANSACTION:
            raise MockValidationException("The aggregate size of the items in the transaction exceeds 4 MB")
        transact(self, transact_items)

    return checked


def _size_of_operation(operation: Mapping[str, Any]) -> int:
    """Return the bytes of what is written, as far as the request tells: the whole item of a put, an update's values."""
    named = operation.get("Item") or {**operation.get("Key", {}), **operation.get("ExpressionAttributeValues", {})}
    return size_of_item(named)


def _refused(error: MockValidationException) -> Exception:
    return ValidationError(error.message) if transactions.under_way() else error
