"""The ledger's table: reads, conditional writes and transactions; attributes."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from tidegate.aws.clients import given, ledger_client
from tidegate.aws.failures import code_of
from tidegate.domain.errors import AwsBusy

SMALLEST = Decimal("1E-100")


def encode(values: Mapping[str, Any]) -> dict[str, Any]:
    # DynamoDB takes no floats; through text they become exact decimals. Half a surrogate pair, in which a text may end
    # that was cut off, is no UTF-8, and NaN is no number of DynamoDB's: they become "?" and null.
    text = json.dumps(values, ensure_ascii=False).encode("utf-8", "replace").decode()
    plain = json.loads(text, parse_float=_decimal, parse_constant=lambda _: None)
    return {name: TypeSerializer().serialize(value) for name, value in plain.items()}


def _decimal(text: str) -> Decimal:
    """Read a number; DynamoDB supports none below 1E-130, and refuses them."""
    number = Decimal(text)
    return number if abs(number) >= SMALLEST else Decimal(0)


def decode(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(TypeDeserializer().deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


SCHEMA = 1
BATCH = 100
"""Most items in one transaction and most keys in one BatchGetItem (DynamoDB quotas)."""

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before the items that DynamoDB omitted are requested again (DynamoDB API reference, BatchGetItem)."""

Item = dict[str, Any]


class ConditionUnmet(Exception):
    """An item does not meet the writer's condition; nothing was written."""


@contextmanager
def _conditional() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        raise ConditionUnmet from error


def _name() -> str:
    return given("LEDGER_TABLE")


def key(pk: str, sk: str) -> dict[str, Any]:
    return encode({"pk": pk, "sk": sk})


def get(pk: str, sk: str) -> Item | None:
    """Read one item, consistently."""
    answer = ledger_client().get_item(TableName=_name(), Key=key(pk, sk), ConsistentRead=True)
    return decode(answer["Item"]) if "Item" in answer else None


def get_all(keys: Sequence[tuple[str, str]]) -> list[Item]:
    """Read many items, consistently; missing items are omitted.

    Raises
    ------
    AwsBusy
        When DynamoDB keeps omitting some because of throttling.
    """
    items: list[Item] = []
    wanted: list[Any] = [encode({"pk": pk, "sk": sk}) for pk, sk in keys]
    pauses = iter(PAUSES)
    while wanted:
        found, left = _batch(wanted[:BATCH])
        items += found
        wanted = wanted[BATCH:] + left
        if left:
            _pause(pauses)
    return items


def _batch(keys: list[Any]) -> tuple[list[Item], list[Any]]:
    """Return the items, and the keys that DynamoDB did not get to."""
    table = _name()
    answer: Any = ledger_client().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    found = [decode(item) for item in answer["Responses"].get(table, [])]
    return found, answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])


def _pause(pauses: Iterator[float]) -> None:
    pause = next(pauses, None)
    if pause is None:
        raise AwsBusy("The ledger is throttled: DynamoDB did not return all requested items.")
    time.sleep(pause)


def query(pk: str, prefix: str = "", *, start: str = "") -> list[Item]:
    """Read every item of a partition whose sort key begins with `prefix`, consistently, in order.

    With `start` instead, every item from that sort key on.
    """
    if prefix:
        return list(_query(pk, "begins_with(#sk, :prefix)", prefix=prefix))
    return list(_query(pk, "#sk >= :start", start=start) if start else _query(pk))


def query_backwards(pk: str) -> Iterator[Item]:
    """Read a partition from its end, page by page, as far as needed."""
    return _query(pk, forward=False)


def select(pk: str, first: str, last: str, *, where: str = "", only: str = "", **bound: str) -> list[Item]:
    """Read the items between two sort keys, consistently and in order.

    Only items for which `where` holds, and `only` some attributes of each; both name them as `#name`.
    """
    keys = "#pk = :pk AND #sk BETWEEN :first AND :last"
    request = _expression(
        "KeyConditionExpression", keys, {"pk": pk, "first": first, "last": last, **bound}, also=f"{where} {only}"
    )
    request |= {"FilterExpression": where} if where else {}
    request |= {"ProjectionExpression": only} if only else {}
    pages = ledger_client().get_paginator("query").paginate(TableName=_name(), ConsistentRead=True, **request)
    return [decode(item) for page in pages for item in page["Items"]]


def _query(pk: str, condition: str = "", *, forward: bool = True, **bound: str) -> Iterator[Item]:
    names, values = {"#pk": "pk"}, {":pk": pk, **{f":{name}": value for name, value in bound.items()}}
    if condition:
        names["#sk"] = "sk"
    pages = (
        ledger_client()
        .get_paginator("query")
        .paginate(
            TableName=_name(),
            KeyConditionExpression=f"#pk = :pk AND {condition}" if condition else "#pk = :pk",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=encode(values),
            ConsistentRead=True,
            ScanIndexForward=forward,
        )
    )
    return (decode(item) for page in pages for item in page["Items"])


def put(item: Item, *, condition: str | None = None, **bound: Any) -> Item:
    """Write one item, and return it; `condition` names attributes as `#name` and values as `:name`.

    Raises
    ------
    ConditionUnmet
        When the condition does not hold.
    """
    with _conditional():
        ledger_client().put_item(**put_request(item, condition=condition, **bound))
    return item


def put_request(item: Item, *, condition: str | None = None, **bound: Any) -> Any:
    request: dict[str, Any] = {"TableName": _name(), "Item": encode({"schema": SCHEMA, **item})}
    if condition:
        request |= _expression("ConditionExpression", condition, bound)
    return request


def update(pk: str, sk: str, changes: Item, *, condition: str, count: str | None = None, **bound: Any) -> Item:
    """Set attributes of an existing item, add one to `count`, and return the complete new item.

    Raises
    ------
    ConditionUnmet
        When the condition does not hold.
    """
    assignments = ", ".join(f"#{name} = :set_{name}" for name in changes)
    values = {**bound, **{f"set_{name}": value for name, value in changes.items()}}
    expression = f"SET {assignments}"
    if count:
        expression += f" ADD #{count} :one_more"
        values["one_more"] = 1
    request = _expression("ConditionExpression", condition, values, also=expression)
    with _conditional():
        answer = ledger_client().update_item(
            TableName=_name(),
            Key=encode({"pk": pk, "sk": sk}),
            UpdateExpression=expression,
            ReturnValues="ALL_NEW",
            **request,
        )
    return decode(answer["Attributes"])


def delete(pk: str, sk: str, *, condition: str, **bound: Any) -> None:
    """Delete one item; raises as `put`."""
    request = _expression("ConditionExpression", condition, bound)
    with _conditional():
        ledger_client().delete_item(TableName=_name(), Key=encode({"pk": pk, "sk": sk}), **request)


def check_request(pk: str, sk: str, *, condition: str, **bound: Any) -> Any:
    """Return the condition check of an item in a transaction."""
    return {
        "TableName": _name(),
        "Key": encode({"pk": pk, "sk": sk}),
        **_expression("ConditionExpression", condition, bound),
    }


def transact_put(requests: Iterable[Any], checks: Iterable[Any] = ()) -> None:
    """Write items, all or none, if every check holds; up to 100 of both together."""
    items: list[Any] = [{"ConditionCheck": check} for check in checks]
    items += [{"Put": request} for request in requests]
    ledger_client().transact_write_items(TransactItems=items)


def _expression(kind: str, text: str, bound: Mapping[str, Any], *, also: str = "") -> dict[str, Any]:
    """Declare the `#names` and `:values` that an expression uses; every name is escaped (reserved words)."""
    words = "".join(c if c.isalnum() or c in "_#:" else " " for c in f"{text} {also}").split()
    names = {word: word[1:] for word in words if word.startswith("#")}
    request: dict[str, Any] = {kind: text, "ExpressionAttributeNames": names}
    values = {f":{name}": value for name, value in bound.items()}
    if values:
        request["ExpressionAttributeValues"] = encode(values)
    return request
