"""The ledger's partition of one release, as it is queried."""

from collections.abc import Iterator, Sequence
from typing import Any

from tests.report_samples import NAME
from tidegate.aws.ledger.table import decode, encode
from tidegate.domain.schedule import format_time

Item = dict[str, Any]


class Partition:
    """Items of one release behind Query and GetItem, as they are asked for here; `read` is what it gave."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = {key(item): {**item, "sk": key(item)} for item in items}
        self.read: list[Item] = []

    def get_paginator(self, _query: str) -> "Partition":
        return self

    def paginate(self, **asked: Any) -> Iterator[Item]:
        values = decode(asked["ExpressionAttributeValues"])
        found = [self.items[key] for key in sorted(self.items) if values[":pk"] == f"release#{NAME}"]
        first, last = str(values.get(":first", values.get(":start"))), str(values.get(":last", "~"))
        found = [item for item in found if first <= key(item) <= last]
        where, tick = asked.get("FilterExpression", ""), values.get(":tick")
        if where:
            found = [item for item in found if (item["kind"] == tick) is (where == "#kind = :tick")]
        only = [word.strip(" #") for word in asked.get("ProjectionExpression", "").split(",")]
        if only != [""]:
            found = [{name: item[name] for name in only if name in item} for item in found]
        self.read += found
        yield {"Items": [encode(item) for item in found]}

    def get_item(self, Key: Any, **_: Any) -> Item:
        found = self.items[decode(Key)["sk"]]
        self.read.append(found)
        return {"Item": encode(found)}


def key(item: Item) -> str:
    """Give the sort key as the ledger has it; the sample's are shorter."""
    return f"event#{format_time(item['at'])}#{item['kind']}" if item["sk"].startswith("event#") else str(item["sk"])
