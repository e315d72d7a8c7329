"""Our quick transactions and queries beside moto's own slow ones, on random items: they must not differ."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from localcloud import dynamodb

NAME = "random"
CONDITIONS = st.sampled_from([None, "attribute_exists(pk)", "attribute_not_exists(pk)", "n < :three"])
KEYS = st.tuples(st.sampled_from("ab"), st.sampled_from("123"))
WRITES = st.tuples(st.sampled_from(["Put", "Update", "Delete", "ConditionCheck"]), st.integers(0, 5), CONDITIONS)
TRANSACTIONS = st.lists(st.dictionaries(KEYS, WRITES, min_size=1, max_size=4), max_size=8)
READS = st.tuples(st.sampled_from("abc"), st.sampled_from([None, ">", "BEGINS_WITH"]), st.integers(1, 4), st.booleans())


def write(key: tuple[str, str], kind: str, number: int, condition: str | None) -> dict[str, Any]:
    place = dict(zip(("pk", "sk"), ({"S": part} for part in key), strict=True))
    operation: dict[str, Any] = {"TableName": NAME}
    operation |= (
        {"Item": {**place, "n": {"N": str(number)}, "deep": {"M": {"list": {"L": [{"N": "0"}]}}}}}
        if kind == "Put"
        else {"Key": place}
    )
    values = {":three": {"N": "3"}} if condition and ":three" in condition else {}
    if kind == "Update":
        operation["UpdateExpression"] = "SET n = :number, deep.list[0] = :number" if number > 4 else "SET n = :number"
        values[":number"] = {"N": str(number)}
    if condition or kind == "ConditionCheck":
        operation["ConditionExpression"] = condition or "attribute_exists(sk)"
    return {kind: {**operation, **({"ExpressionAttributeValues": values} if values else {})}}


def backend() -> DynamoDBBackend:
    made = DynamoDBBackend("us-east-1", "123456789012")
    keys = {"pk": "HASH", "sk": "RANGE"}
    kind: Any = Table  # abstract as far as its annotations go
    made.tables[NAME] = kind(
        NAME,
        account_id="123456789012",
        region="us-east-1",
        schema=[{"AttributeName": name, "KeyType": of} for name, of in keys.items()],
        attr=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    return made


def unwrapped(call: Any) -> Any:
    """Give moto's own."""
    while hasattr(call, "__wrapped__"):
        call = call.__wrapped__
    return call


def answer(transact: Any, to: DynamoDBBackend, writes: list[dict[str, Any]]) -> str:
    try:
        transact(to, writes)
    except JsonRESTError as refused:
        return str(refused.description)
    return "written"


def pages(query: Any, table: Table, read: tuple[str, str | None, int, bool]) -> list[Any]:
    partition, comparison, limit, forward = read
    values = [DynamoType({"S": "2"})] if comparison else []
    found: list[Any] = []
    start: Any = None
    while True:
        items, scanned, start = query(
            table, DynamoType({"S": partition}), comparison, values, limit, start, forward, []
        )
        found.append(([item.to_json() for item in items], scanned, start))
        if not start:
            return found


@settings(max_examples=60, deadline=None)
@given(TRANSACTIONS, st.lists(READS, min_size=1, max_size=3))
def test_transactions_and_queries_come_to_the_same_as_motos(
    transactions: list[dict[tuple[str, str], tuple[str, int, str | None]]],
    reads: list[tuple[str, str | None, int, bool]],
) -> None:
    dynamodb.install()
    ours, theirs = backend(), backend()
    for transaction in transactions:
        writes = [write(key, *what) for key, what in transaction.items()]
        assert answer(DynamoDBBackend.transact_write_items, ours, writes) == answer(
            unwrapped(DynamoDBBackend.transact_write_items), theirs, writes
        )
    tables = (ours.tables[NAME], theirs.tables[NAME])
    mine, motos = ([item.to_json() for item in table.all_items()] for table in tables)
    assert mine == motos
    for read in reads:
        assert pages(Table.query, tables[0], read) == pages(unwrapped(Table.query), tables[1], read)
