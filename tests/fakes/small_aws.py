"""Aliases and a ledger in memory, behind the calls that the steps make; any call may be the last of a process."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from localcloud.dynamodb.sizes import LARGEST_ITEM, size_of_item
from tests.builders import NOON
from tests.failing import refused
from tidegate.aws import announcements, executions
from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import locks, records, table
from tidegate.domain.execution import CarriedTarget
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.routing import routed_alias
from tidegate.domain.schedule import format_time
from tidegate.entry import recover

Item = dict[str, Any]


class Crash(BaseException):
    """What a step that is cut off ends in."""


class SmallAws:
    """Both services. After so many calls as `allow` says, the process that makes them dies."""

    def __init__(self) -> None:
        self.aliases: dict[str, Item] = {}
        self.items: dict[tuple[str, str], Item] = {}
        self.carried: list[CarriedTarget] = []
        """What every execution carries."""
        self._left: int | None = None
        self._meanwhile: Callable[[], None] | None = None

    def allow(self, calls: int | None, meanwhile: Callable[[], None] | None = None) -> None:
        """Begin a process that lives for so many calls, None is for ever; or goes on after what happens `meanwhile`."""
        self._left, self._meanwhile = calls, meanwhile

    @property
    def meta(self) -> None:
        raise AssertionError("neither client is made here, so none is set up")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        answer: Callable[..., Any] = getattr(type(self), f"_{name}")

        def call(**parameters: Any) -> Any:
            if self._left == 0:
                self._interrupt()
            elif self._left is not None:
                self._left -= 1
            return answer(self, **parameters)

        return call

    def _interrupt(self) -> None:
        if self._meanwhile is None:
            raise Crash
        happens, self._meanwhile, self._left = self._meanwhile, None, None
        happens()

    def get_paginator(self, _query: str) -> "SmallAws":
        return self

    def state(self, function: str) -> tuple[str, dict[str, float]]:
        found = self.aliases[function]
        return found["FunctionVersion"], found["RoutingConfig"]["AdditionalVersionWeights"]

    def moved(self, function: str, version: str, **weights: float) -> None:
        """Put the alias of a function on a version and, as `v43=0.1`, others beside it; whoever does that."""
        revision = str(int(self.aliases.get(function, {"RevisionId": "0"})["RevisionId"]) + 1)
        routing = {"AdditionalVersionWeights": {name.strip("v"): weight for name, weight in weights.items()}}
        self.aliases[function] = {"FunctionVersion": version, "RoutingConfig": routing, "RevisionId": revision}

    def partition(self, pk: str) -> list[Item]:
        return [_plain(item) for key, item in sorted(self.items.items()) if key[0] == pk]

    def _get_alias(self, FunctionName: str, Name: str) -> Item:
        return {"Name": Name, **self.aliases[_named(FunctionName, Name)]}

    def _update_alias(self, FunctionName: str, Name: str, RevisionId: str, **state: Any) -> Item:
        found = self.aliases[_named(FunctionName, Name)]
        if found["RevisionId"] != RevisionId:
            raise refused("PreconditionFailedException", 412)
        self.aliases[_named(FunctionName, Name)] = {**state, "RevisionId": str(int(RevisionId) + 1)}
        return self._get_alias(FunctionName, Name)

    def _get_item(self, Key: Item, **_: Any) -> Item:
        found = self.items.get(_key(Key))
        return {"Item": found} if found else {}

    def _batch_get_item(self, RequestItems: Item) -> Item:
        ((name, asked),) = RequestItems.items()
        return {"Responses": {name: [self.items[_key(key)] for key in asked["Keys"] if _key(key) in self.items]}}

    def _paginate(self, ExpressionAttributeValues: Item, ScanIndexForward: bool = True, **_: Any) -> list[Item]:
        values = _plain(ExpressionAttributeValues)
        pk, prefix = values[":pk"], values.get(":prefix", "")
        found = sorted(self.items.items(), reverse=not ScanIndexForward)
        return [{"Items": [v for k, v in found if k[0] == pk and k[1].startswith(prefix)]}]

    def _put_item(self, Item: Item, **request: Any) -> None:
        self._check(_key(Item), request)
        self._write(Item)

    def _write(self, item: Item) -> None:
        json.dumps(item, ensure_ascii=False).encode()  # text that is no UTF-8 is refused, too
        if size_of_item(item) > LARGEST_ITEM:
            raise refused("ValidationException", 400)
        self.items[_key(item)] = item

    def _transact_write_items(self, TransactItems: list[Item]) -> None:
        puts = [request["Put"] for request in TransactItems if "Put" in request]
        checks = [request["ConditionCheck"] for request in TransactItems if "ConditionCheck" in request]
        try:
            for key, request in [*((put["Item"], put) for put in puts), *((check["Key"], check) for check in checks)]:
                self._check(_key(key), request)
        except ClientError:
            raise refused("TransactionCanceledException", 400) from None
        for put in puts:
            self._write(put["Item"])

    def _put_events(self, Entries: list[Item]) -> Item:
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}

    def _delete_item(self, Key: Item, **request: Any) -> None:
        self._check(_key(Key), request)
        self.items.pop(_key(Key), None)

    def _update_item(self, Key: Item, UpdateExpression: str, **request: Any) -> Item:
        self._check(_key(Key), request)
        item, values = dict(self.items[_key(Key)]), request["ExpressionAttributeValues"]
        for name, value in re.findall(r"#(\w+) = (:\w+)", UpdateExpression):
            item[name] = values[value]
        for name in re.findall(r"ADD #(\w+)", UpdateExpression):
            item[name] = {"N": str(int(item[name]["N"]) + 1)}
        self._write(item)
        return {"Attributes": item}

    def _check(self, key: tuple[str, str], request: Item) -> None:
        """Evaluate a condition as Python; every attribute that one of ours compares is there if the item is."""
        condition = request.get("ConditionExpression")
        if condition is None:
            return
        item, values = _plain(self.items.get(key, {})), _plain(request.get("ExpressionAttributeValues", {}))
        text = re.sub(r"attribute_exists\(#(\w+)\)", r"('\1' in item)", condition)
        text = re.sub(r"attribute_not_exists\(#(\w+)\)", r"('\1' not in item)", text)
        text = re.sub(r"#(\w+)", r"item.get('\1')", text).replace("<>", "!=")
        text = re.sub(r"(?<![<>!])=", "==", re.sub(r"(:\w+)", r"values['\1']", text))
        text = text.replace(" AND ", " and ").replace(" OR ", " or ")
        if not eval(text, {"item": item, "values": values}):
            raise refused("ConditionalCheckFailedException", 400)


def _named(function: str, alias: str) -> str:
    """Return the name by which a test knows an alias: its function's, unless it carries the canary of routed users."""
    return f"{function}:{alias}" if routed_alias(alias) else function


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _plain(values: Item) -> Item:
    return {name: TypeDeserializer().deserialize(value) for name, value in values.items()}


@contextmanager
def small_aws(aws: SmallAws | None = None) -> Iterator[SmallAws]:
    """Have the steps call it; their executions have failed, and nothing is paced or at the same time."""
    aws = aws or SmallAws()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEDGER_TABLE", "ledger")
        patch.setattr(aliases, "lambda_client", lambda: aws)
        patch.setattr(table, "ledger_client", lambda: aws)
        patch.setattr(announcements, "events_client", lambda: aws)
        patch.setattr(executions, "status", lambda _execution: "FAILED")
        patch.setattr(executions, "stop", lambda *_: None)
        patch.setattr(executions, "ended_in", lambda _execution: "Rolled back")
        patch.setattr(executions, "carried", lambda _execution: aws.carried)
        patch.setattr(executions, "way", lambda _execution: ())
        patch.setattr(executions, "planned_with", lambda _execution: {})
        patch.setattr(aliases, "REQUESTS_PER_SECOND", 1_000_000)
        patch.setattr(aliases, "CONNECTIONS", 1)
        yield aws


def recover_at(now: float, event: Item | None = None) -> Any:
    """Run Recover by a clock that says `now`; its event tells the time that was when the release began."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: now)
        return recover.handler({"time": format_time(NOON), **(event or {})}, None)


def take_on(name: str, execution: str, plan: ReleasePlan) -> None:
    """Write what Plan writes at noon of a release that it takes on: the record, and a lock on each alias."""
    snapshots = {alias.name: alias.snapshot for alias in plan.aliases}
    opening = records.opening(name, execution, NOON, {}, plan)
    locks.take(name, snapshots, locks.requests(name, execution, NOON, snapshots), opening=opening)
