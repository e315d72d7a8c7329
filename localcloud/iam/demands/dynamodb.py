"""DynamoDB: tables and indexes, each item of a transaction by itself, and the leading keys of items."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.kms.models import kms_backends

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand
from localcloud.iam.demands.table import Find, Table, action, anywhere, on_named, same, text, with_key, with_tags

TRANSACTION_ACTIONS = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Get": "dynamodb:GetItem",
}
OWN_ALIAS = "alias/aws/dynamodb"
KEY_IS = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")


def _table_arn(call: ApiCall, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(f"table/{name}")


def _on_item(call: ApiCall) -> list[Demand]:
    parameters = call.parameters
    keys = _leading(call, text(call, "TableName"), [parameters.get("Key") or parameters.get("Item") or {}])
    return [Demand(action(call), _table_arn(call, text(call, "TableName")), keys)]


def _on_table_or_index(call: ApiCall) -> list[Demand]:
    arn = _table_arn(call, text(call, "TableName"))
    index = text(call, "IndexName")
    key = [] if index else _queried_key(call)
    values = _leading(call, text(call, "TableName"), key) | {"dynamodb:Select": text(call, "Select") or None}
    return [Demand(action(call), f"{arn}/index/{index}" if index else arn, values)]


def _queried_key(call: ApiCall) -> list[Mapping[str, Any]]:
    names = call.parameters.get("ExpressionAttributeNames") or {}
    values = call.parameters.get("ExpressionAttributeValues") or {}
    equal = KEY_IS.findall(text(call, "KeyConditionExpression"))
    return [{names.get(name, name): values.get(value, {}) for name, value in equal}]


def _batch(call: ApiCall) -> Iterator[Demand]:
    for table, request in (call.parameters.get("RequestItems") or {}).items():
        keys = request["Keys"] if isinstance(request, dict) else [_written(one) for one in request]
        yield Demand(action(call), _table_arn(call, table), _leading(call, table, keys))


def _written(request: Mapping[str, Any]) -> Mapping[str, Any]:
    (written,) = request.values()
    item: Mapping[str, Any] = written.get("Item") or written.get("Key")
    return item


def _transaction(call: ApiCall) -> Iterator[Demand]:
    """Ask for each item's own action: there is no permission for the transaction as such."""
    for item in call.parameters.get("TransactItems") or []:
        for kind, request in item.items():
            table = request["TableName"]
            key = request.get("Key") or request.get("Item") or {}
            values = _leading(call, table, [key])
            yield Demand(TRANSACTION_ACTIONS[kind], _table_arn(call, table), values)


def _leading(call: ApiCall, table_name: str, items: list[Any]) -> dict[str, Any]:
    """Return dynamodb:LeadingKeys: the partition keys, as text."""

    def find() -> list[str] | None:
        table = _stored(call, table_name)
        if table is None:
            return None
        keys = [str(next(iter(item.get(table.hash_key_attr, {}).values()), "")) for item in items]
        return [key for key in keys if key] or None

    return {"dynamodb:LeadingKeys": find}


def _stored(call: ApiCall, table_name: str) -> Any | None:
    return dynamodb_backends[call.account][call.region].tables.get(table_name.rsplit("/", 1)[-1])


def _and_its_key(find: Find) -> Find:
    """Ask for decryption too, where the table is encrypted with a key of the customer's."""

    def with_decryption(call: ApiCall) -> Iterator[Demand]:
        tables = set()
        for demand in find(call):
            yield demand
            tables.add(demand.resource.split("/")[1])
        for key in sorted({key for name in tables if (key := _customer_key(call, name))}):
            yield from with_key(call, key, "Decrypt")

    return with_decryption


def _customer_key(call: ApiCall, table_name: str) -> str | None:
    table = _stored(call, table_name)
    key = (table.sse_specification or {}).get("KMSMasterKeyId") if table else None
    keys = kms_backends[call.account][call.region]
    is_aws_own = keys.alias_exists(OWN_ALIAS) and keys.describe_key(OWN_ALIAS).arn == key
    return None if is_aws_own else key


DEMANDS: Table = {
    **same(_and_its_key(_on_item), "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
    **same(_and_its_key(_on_table_or_index), "Query", "Scan"),
    **same(_and_its_key(_batch), "BatchGetItem", "BatchWriteItem"),
    **same(_and_its_key(_transaction), "TransactGetItems", "TransactWriteItems"),
    **same(
        on_named("table/{}", "TableName"),
        "DeleteTable",
        "DescribeContinuousBackups",
        "DescribeTable",
        "DescribeTimeToLive",
        "UpdateContinuousBackups",
        "UpdateTable",
        "UpdateTimeToLive",
    ),
    "CreateTable": with_tags(on_named("table/{}", "TableName"), "Tags"),
    **same(on_named("table/{}", "ResourceArn"), "ListTagsOfResource", "TagResource", "UntagResource"),
    **same(anywhere, "DescribeEndpoints", "DescribeLimits", "ListTables"),
}
