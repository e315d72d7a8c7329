"""The table itself: reading and writing items as plain dictionaries."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from tidegate.aws.clients import ledger_client
from tidegate.domain.errors import NotConfigured

SCHEMA = 1
BATCH = 100
"""Most items in one transaction and most keys in one BatchGetItem (DynamoDB quotas)."""

SMALLEST = Decimal("1E-100")

Item = dict[str, Any]


def _name() -> str:
    """Give the table's name, which template.yaml tells each function.

    Raises
    ------
    NotConfigured
        When it does not: the function was deployed some other way.
    """
    try:
        return os.environ["LEDGER_TABLE"]
    except KeyError:
        raise NotConfigured("The environment variable LEDGER_TABLE is not set; deploy template.yaml.") from None


def _encode(values: Mapping[str, Any]) -> dict[str, Any]:
    # DynamoDB takes no floats; through text they become exact decimals.
    plain = json.loads(json.dumps(values), parse_float=_decimal)
    return {name: TypeSerializer().serialize(value) for name, value in plain.items()}


def _decimal(text: str) -> Decimal:
    """Read a number; DynamoDB has none below 1E-130, and refuses them."""
    number = Decimal(text)
    return number if abs(number) >= SMALLEST else Decimal(0)


def _decode(item: Mapping[str, Any]) -> Item:
    return {name: _plain(TypeDeserializer().deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def get(pk: str, sk: str) -> Item | None:
    """Read one item, consistently."""
    answer = ledger_client().get_item(TableName=_name(), Key=_encode({"pk": pk, "sk": sk}), ConsistentRead=True)
    return _decode(answer["Item"]) if "Item" in answer else None


def get_all(keys: Sequence[tuple[str, str]]) -> list[Item]:
    """Read many items, consistently; those that do not exist are left out."""
    items: list[Item] = []
    table = _name()
    wanted: list[Any] = [_encode({"pk": pk, "sk": sk}) for pk, sk in keys]
    while wanted:
        asked, wanted = wanted[:BATCH], wanted[BATCH:]
        answer: Any = ledger_client().batch_get_item(RequestItems={table: {"Keys": asked, "ConsistentRead": True}})
        items += [_decode(item) for item in answer["Responses"].get(table, [])]
        wanted += answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
    return items


def query(pk: str, prefix: str = "", *, start: str = "") -> list[Item]:
    """Read every item of a partition whose sort key begins with `prefix`, consistently, in order.

    With `start` instead, every item from that sort key on.
    """
    if prefix:
        return list(_query(pk, "begins_with(#sk, :prefix)", prefix=prefix))
    return list(_query(pk, "#sk >= :start", start=start) if start else _query(pk))


def query_backwards(pk: str) -> Iterator[Item]:
    """Read a partition from its end, page by page as far as it is wanted."""
    return _query(pk, forward=False)


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
            ExpressionAttributeValues=_encode(values),
            ConsistentRead=True,
            ScanIndexForward=forward,
        )
    )
    return (_decode(item) for page in pages for item in page["Items"])


def put(item: Item, *, condition: str | None = None, **bound: Any) -> Item:
    """Write one item, and give it back; `condition` names attributes as `#name` and values as `:name`.

    Raises
    ------
    ConditionalCheckFailedException
        When the condition does not hold.
    """
    ledger_client().put_item(**put_request(item, condition=condition, **bound))
    return item


def put_request(item: Item, *, condition: str | None = None, **bound: Any) -> Any:
    request: dict[str, Any] = {"TableName": _name(), "Item": _encode({"schema": SCHEMA, **item})}
    if condition:
        request |= _expression("ConditionExpression", condition, bound)
    return request


def update(pk: str, sk: str, changes: Item, *, condition: str, count: str | None = None, **bound: Any) -> Item:
    """Set attributes of an existing item, add one to `count`, and give the whole item as it is afterwards.

    Raises
    ------
    ConditionalCheckFailedException
        When the condition does not hold.
    """
    assignments = ", ".join(f"#{name} = :set_{name}" for name in changes)
    values = {**bound, **{f"set_{name}": value for name, value in changes.items()}}
    expression = f"SET {assignments}"
    if count:
        expression += f" ADD #{count} :one_more"
        values["one_more"] = 1
    request = _expression("ConditionExpression", condition, values, also=expression)
    answer = ledger_client().update_item(
        TableName=_name(),
        Key=_encode({"pk": pk, "sk": sk}),
        UpdateExpression=expression,
        ReturnValues="ALL_NEW",
        **request,
    )
    return _decode(answer["Attributes"])


def delete(pk: str, sk: str, *, condition: str, **bound: Any) -> None:
    ledger_client().delete_item(
        TableName=_name(),
        Key=_encode({"pk": pk, "sk": sk}),
        **_expression("ConditionExpression", condition, bound),
    )


def check_request(pk: str, sk: str, *, condition: str, **bound: Any) -> Any:
    """Give the check that an item is as a transaction needs it."""
    return {
        "TableName": _name(),
        "Key": _encode({"pk": pk, "sk": sk}),
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
        request["ExpressionAttributeValues"] = _encode(values)
    return request
