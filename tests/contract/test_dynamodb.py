"""Conditions and transactions hold when many write at once (DynamoDB guide, "Conditional writes", "Transactions")."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends

from localcloud import LocalCloud, dynamodb

WRITERS = 16
ROUNDS = 5


@pytest.fixture(autouse=True)
def impatient_threads() -> Iterator[None]:
    """Have threads interrupt each other far more often than they do by themselves."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture(scope="module")
def table(cloud: LocalCloud) -> Any:
    """Give a client's calls with the name of a table filled in."""
    return _with_table(cloud, "written-by-many")


def _with_table(cloud: LocalCloud, name: str) -> Any:
    client = cloud.client("dynamodb")
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


def _put(pk: str, **condition: str) -> dict[str, Any]:
    return {"TableName": "written-by-many", "Item": {"pk": {"S": pk}}, **condition}


def test_one_of_many_conditional_writes_succeeds(table: Any) -> None:
    def won(name: str) -> bool:
        try:
            table.put_item(**_put(name, ConditionExpression="attribute_not_exists(pk)"))
        except table.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        for number in range(ROUNDS):
            assert sum(pool.map(won, [f"round-{number}"] * WRITERS)) == 1


def test_a_cancelled_transaction_undoes_nothing_of_others(table: Any) -> None:
    table.put_item(**_put("taken"))
    refused = [
        {"Put": _put("never")},
        {"Put": _put("taken", ConditionExpression="attribute_not_exists(pk)")},
    ]

    def write(number: int) -> None:
        if number % 2:
            table.put_item(**_put(f"kept-{number}"))
            return
        with pytest.raises(ClientError, match="TransactionCanceledException"):
            table.transact_write_items(TransactItems=refused)

    numbers = range(WRITERS * ROUNDS)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, numbers))
    found = {item["pk"]["S"] for item in table.scan(TableName="written-by-many")["Items"]}
    assert {f"kept-{number}" for number in numbers if number % 2} <= found
    assert "never" not in found


def test_a_cancelled_transaction_leaves_every_item_as_it_was(cloud: LocalCloud) -> None:
    client, table = cloud.client("dynamodb"), "written-at-once"
    keys = {"pk": "HASH", "sk": "RANGE"}
    client.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
    )

    def item(key: str, **more: dict[str, Any]) -> dict[str, Any]:
        return {"pk": {"S": "one"}, "sk": {"S": key}, **more}

    for key in ("updated", "deleted", "replaced", "untouched"):
        client.put_item(TableName=table, Item=item(key, counts={"M": {"errors": {"N": "1"}}}))
    before = client.scan(TableName=table)["Items"]
    update = {"UpdateExpression": "SET counts.errors = :two", "ExpressionAttributeValues": {":two": {"N": "2"}}}
    writes = [
        {"Update": {"TableName": table, "Key": item("updated"), **update}},
        {"Delete": {"TableName": table, "Key": item("deleted")}},
        {"Put": {"TableName": table, "Item": item("replaced")}},
        {"Put": {"TableName": table, "Item": item("new")}},
        {"Put": {"TableName": table, "Item": {"pk": {"S": "other"}, "sk": {"S": "new"}}}},
    ]
    check = {"TableName": table, "Key": item("untouched"), "ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        client.transact_write_items(TransactItems=[*writes, {"ConditionCheck": check}])
    assert client.scan(TableName=table)["Items"] == before
    client.transact_write_items(TransactItems=writes)
    after = {(found["pk"]["S"], found["sk"]["S"]): found for found in client.scan(TableName=table)["Items"]}
    assert set(after) == {("one", key) for key in ("updated", "replaced", "untouched", "new")} | {("other", "new")}
    assert after["one", "updated"]["counts"] == {"M": {"errors": {"N": "2"}}}
    plain = dynamodb.items(f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}", "one")
    assert [found["sk"] for found in plain] == ["new", "replaced", "untouched", "updated"]
    assert plain[-1]["counts"] == {"errors": 2}


def test_a_query_gives_its_partition_in_order_with_values_of_every_kind(cloud: LocalCloud) -> None:
    client, table = cloud.client("dynamodb"), "asked-for"
    client.create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "kind")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    values: dict[str, Any] = {
        "text": {"S": "ü"},
        "number": {"N": "1.5"},
        "bytes": {"B": b"\x00\xff"},
        "truth": {"BOOL": False},
        "nothing": {"NULL": True},
        "set": {"SS": ["a"]},
        "map": {"M": {"list": {"L": [{"S": ""}, {"B": b"\xfe"}, {"M": {}}]}}},
    }
    items = [
        {"pk": {"S": pk}, "sk": {"S": sk}, "kind": {"S": kind}, **values}
        for pk, sk, kind in (("one", "b", "x"), ("two", "c", "x"), ("one", "a", "y"), ("one", "c", "y"))
    ]
    for item in items:
        client.put_item(TableName=table, Item=item)
    asked = {
        "TableName": table,
        "KeyConditionExpression": "pk = :one",
        "ExpressionAttributeValues": {":one": {"S": "one"}},
    }
    assert client.query(**asked)["Items"] == [items[2], items[0], items[3]]
    assert client.query(**asked, ScanIndexForward=False, Limit=1)["Items"] == [items[3]]
    assert client.get_item(TableName=table, Key={"pk": {"S": "two"}, "sk": {"S": "c"}})["Item"] == items[1]
    by_kind = {"KeyConditionExpression": "kind = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}
    found = client.query(TableName=table, IndexName="by-kind", **by_kind)["Items"]
    assert sorted(item["pk"]["S"] for item in found) == ["one", "two"]
    nobody = {**asked, "ExpressionAttributeValues": {":one": {"S": "nobody"}}}
    assert client.query(**nobody)["Items"] == []


LARGEST = 400 * 1024


@pytest.fixture(scope="module")
def limited(table: Any) -> Any:
    """Give the client with the name of its table filled in, and an item `near` that has 10 bytes left."""
    text = "x" * (LARGEST - len("pkneartext") - 10)
    table.put_item(**_put_text("near", text))
    return table


def _put_text(pk: str, text: str) -> dict[str, Any]:
    return {"TableName": "written-by-many", "Item": {"pk": {"S": pk}, "text": {"S": text}}}


def _get(table: Any, pk: str) -> Any:
    return table.get_item(TableName="written-by-many", Key={"pk": {"S": pk}}).get("Item")


def _set(pk: str, expression: str, **values: str) -> dict[str, Any]:
    given = {f":{name}": {"S": value} for name, value in values.items()}
    key = {"TableName": "written-by-many", "Key": {"pk": {"S": pk}}}
    return {**key, "UpdateExpression": expression, "ExpressionAttributeValues": given}


def test_an_item_has_400_kb_at_most_with_the_names_of_its_attributes(limited: Any) -> None:
    """DynamoDB guide, "Quotas": names of attributes and values count, in bytes of UTF-8."""
    room = LARGEST - len("pkfulltext")
    limited.put_item(**_put_text("full", "ü" * (room // 2)))
    with pytest.raises(ClientError, match="Item size has exceeded the maximum allowed size"):
        limited.put_item(**_put_text("over", "ü" * (room // 2 + 1)))
    assert _get(limited, "over") is None


def test_a_page_has_a_megabyte_by_the_same_count(cloud: LocalCloud) -> None:
    """DynamoDB guide, "Scanning tables in DynamoDB", "Paginating the results": a number takes half of its digits."""
    client = _with_table(cloud, "of-numbers")
    numbers = {"L": [{"N": "1234567890" * 3}] * 18_000}  # 17 bytes each
    for pk in "abcd":
        client.put_item(TableName="of-numbers", Item={"pk": {"S": pk}, "numbers": numbers})
    page = client.scan(TableName="of-numbers", ProjectionExpression="pk")
    assert (len(page["Items"]), "LastEvaluatedKey" in page) == (3, True)


def test_an_update_that_makes_its_item_too_large_changes_nothing_of_it(limited: Any) -> None:
    before = _get(limited, "near")
    too_much = _set("near", "SET first_one = :one, second_one = :two", one="1", two="2" * 20)
    with pytest.raises(ClientError, match="Item size to update has exceeded the maximum allowed size") as raised:
        limited.update_item(**too_much)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert _get(limited, "near") == before
    with pytest.raises(ClientError, match="Item size to update"):
        limited.update_item(**_set("never-there", "SET first_one = :one", one="x" * LARGEST))
    assert _get(limited, "never-there") is None
    limited.update_item(**_set("near", "SET a = :one", one="fits"))


def test_a_transaction_is_cancelled_by_an_item_that_is_too_large_and_has_4_mb_at_most(limited: Any) -> None:
    fine = {"Put": _put_text("beside", "fine")}
    with pytest.raises(ClientError) as raised:
        limited.transact_write_items(TransactItems=[fine, {"Put": _put_text("huge", "x" * LARGEST)}])
    reasons = [reason["Code"] for reason in raised.value.response["CancellationReasons"]]
    assert reasons == ["None", "ValidationError"]
    many = [{"Put": _put_text(f"many-{number}", "x" * 390_000)} for number in range(11)]
    with pytest.raises(ClientError, match="ValidationException"):
        limited.transact_write_items(TransactItems=many)
    too_many = [{"Put": _put_text(f"few-{number}", "x")} for number in range(101)]
    with pytest.raises(ClientError, match="length less than or equal to 100"):
        limited.transact_write_items(TransactItems=too_many)
    assert [_get(limited, pk) for pk in ("beside", "huge", "many-0", "few-0")] == [None] * 4


def test_the_answer_to_a_read_is_not_changed_by_a_later_write(table: Any) -> None:
    """moto makes the answer of the item itself, when the read is over."""
    table.put_item(**_put("read-before"))
    read = dynamodb_backends["123456789012"]["us-east-1"].get_item("written-by-many", {"pk": {"S": "read-before"}})
    table.update_item(
        TableName="written-by-many",
        Key={"pk": {"S": "read-before"}},
        UpdateExpression="SET later = :x",
        ExpressionAttributeValues={":x": {"S": "y"}},
    )
    assert read is not None
    assert set(read.attrs) == {"pk"}
