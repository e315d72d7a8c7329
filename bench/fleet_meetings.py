"""Two functions, one of which calls the other, released under traffic: who met whom, and what the report says of it.

By weights, and to users, where the callers count it.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.figure import Figure
from localcloud import LocalCloud
from localcloud.traffic import Call, Traffic
from tidegate.aws.ledger.table import decode
from tidegate.domain.analysis.exposure import Exposure
from tidegate.domain.analysis.user_lines import SAMPLE
from tidegate.domain.ledger_items import ReleaseItems, release_partition
from tidegate.domain.schedule import MINUTE
from tidegate.report.judged import exposures
from tidegate_route import pseudonym

ROOT = Path(__file__).parents[1]
TEMPLATE, ROUTE = ROOT / "template.yaml", ROOT / "routing/tidegate_route"
CONSUMER = "def handler(event, context):\n    return {number}\n"
PRODUCER = """import os
import boto3

client = boto3.client("lambda")


def handler(event, context):
    answer = client.invoke(FunctionName=os.environ["CONSUMER"], Payload=b"{{}}")
    return {{"mine": context.function_version, "met": answer["ExecutedVersion"], "number": {number}}}
"""
ROUTED = """import json
import os
import boto3
from tidegate_route import Router

NEXT = os.environ["NEXT"]
router = Router.from_table(timeout=5)
client = router.instrument(boto3.client("lambda"), NEXT)


@router.handler(key=lambda event, context: event["user"])
def handler(event, context):
    answer = client.invoke(FunctionName=NEXT, Payload=json.dumps(event).encode())
    told = json.load(answer["Payload"])
    return told if isinstance(told, dict) else {{"mine": context.function_version, "met": answer["ExecutedVersion"]}}
    # {number}
"""
USERS = [user for user in map("user-{}".format, range(20_000)) if int(pseudonym(user)[-2:], 16) % SAMPLE == 0]
"""Users who have a line when they are seen, so that few calls are enough to judge."""
PER_SECOND = 1.0
PATIENCE = 7200.0
"""Seconds of the cloud after which a release is given up."""
LOOKS_AGAIN = 30.0
WITHIN = 0.1
REQUEST: dict[str, Any] = {
    "strategy": {"steps": [{"weight": 20, "bake": "5m"}, {"weight": 50, "bake": "8m"}]},
    "analysis": {"max_bake": "8m", "on_inconclusive": "promote", "after": {"on_worse": "ignore"}},
    "drain": {"watch": False},
}
COMMAND = "make bench-fleet"


class Chain:
    """A producer and its consumer, both with new code; `waves` are those of the consumer and of the producer."""

    codes = (CONSUMER, PRODUCER)

    def __init__(self, cloud: LocalCloud, folder: Path, name: str, waves: tuple[int, int], **environment: str) -> None:
        self.routing: dict[str, Any] = {}
        self._cloud, self._folder, self._numbers = cloud, folder, iter(range(1, 10))
        self.name, self.waves = name, waves
        self.consumer, self.producer = f"shop-{name}-consumer", f"shop-{name}-producer"
        environment["CONSUMER"] = f"{self.consumer}:live"
        for function, code in zip((self.consumer, self.producer), self.codes, strict=True):
            cloud.create_function(function, self._code(code), alias="live", timeout=30, environment=environment)
            cloud.update_code(function, self._code(code))

    def _code(self, text: str) -> Path:
        folder = self._folder / f"{self.name}-{next(self._numbers)}"
        shutil.copytree(ROUTE, folder / ROUTE.name)
        (folder / "app.py").write_text(text.format(number=folder.name.rpartition("-")[2]))
        return folder

    @property
    def called(self) -> str:
        return self.producer

    def event(self, number: int) -> Any:
        return {"order": number}

    def traffic(self) -> Traffic:
        return Traffic(
            self._cloud.client("lambda"),
            self._cloud.clock,
            f"{self.called}:live",
            per_second=PER_SECOND,
            event=self.event,
            threads=8,
        )

    def start(self, machine: str) -> str:
        consumer, producer = self.waves
        wanted = {"wave": producer, "calls": [self.consumer]}
        if consumer < producer:
            wanted["requires"] = {self.consumer: ">= this release"}
        targets = [{"function": self.producer, **wanted}, {"function": self.consumer, "wave": consumer}]
        request = {"targets": targets, **REQUEST, **self.routing}
        answer = self._cloud.client("stepfunctions").start_execution(
            stateMachineArn=machine, name=self.name, input=json.dumps(request)
        )
        return str(answer["executionArn"])


class RoutedChain(Chain):
    """The same with users: a front that is not released calls the producer, and both callers have the library."""

    def __init__(self, cloud: LocalCloud, folder: Path, name: str, waves: tuple[int, int], table: str) -> None:
        self.front = f"shop-{name}-front"
        self.codes = (CONSUMER, ROUTED)
        super().__init__(cloud, folder, name, waves, TIDEGATE_TABLE=table, NEXT=f"shop-{name}-consumer")
        environment = {"TIDEGATE_TABLE": table, "NEXT": self.producer}
        cloud.create_function(self.front, self._code(ROUTED), alias="live", timeout=30, environment=environment)
        groups = [f"/aws/lambda/{caller}" for caller in (self.front, self.producer)]
        self.routing = {"routing": {"mode": "users", "log_groups": groups}}

    @property
    def called(self) -> str:
        return self.front

    def event(self, number: int) -> Any:
        return {"user": USERS[number % len(USERS)]}


def measure() -> Iterator[Figure]:
    with TemporaryDirectory() as folder, LocalCloud(factor=None) as cloud, ExitStack() as traffics:
        outputs = cloud.deploy(TEMPLATE, {"FunctionPattern": "shop-*"}).outputs
        chains = [
            Chain(cloud, Path(folder), "waves", (1, 2)),
            Chain(cloud, Path(folder), "together", (1, 1)),
            RoutedChain(cloud, Path(folder), "users", (1, 2), outputs["LedgerTable"]),
        ]
        sent = [traffics.enter_context(chain.traffic()) for chain in chains]
        cloud.clock.sleep(2 * MINUTE)
        arns = [chain.start(outputs["StateMachineArn"]) for chain in chains]
        for arn in arns:
            _wait(cloud, arn)
        for chain, calls in zip(chains, sent, strict=True):
            yield from _figures(chain, list(calls.calls), _items(cloud, outputs["LedgerTable"], chain.name))


def _wait(cloud: LocalCloud, arn: str) -> None:
    gives_up = cloud.clock.time() + PATIENCE
    client = cloud.client("stepfunctions")
    while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        if cloud.clock.time() > gives_up:
            raise TimeoutError(f"{arn} still runs after {PATIENCE:g} s of the cloud")
        cloud.clock.sleep(LOOKS_AGAIN)
    if found["status"] != "SUCCEEDED":
        raise RuntimeError(f"{arn} is {found['status']}: {found.get('error')}: {found.get('cause')}")


def _items(cloud: LocalCloud, table: str, release: str) -> ReleaseItems:
    pages = (
        cloud.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": release_partition(release)}},
        )
    )
    return ReleaseItems(decode(item) for page in pages for item in page["Items"])


def _figures(chain: Chain, calls: list[Call], items: ReleaseItems) -> Iterator[Figure]:
    """Compare what the report says with the versions that each call of the log named."""
    plan, record = items.plan, items.record
    assert plan
    assert record
    (said,) = exposures(plan, items)
    begin = items.shifts[0].at // MINUTE * MINUTE
    during = [each.answer for each in calls if each.outcome == "ok" and begin <= each.at < record["ended_at"]]
    pairs = Counter((answer["mine"] != "1", answer["met"] != "1") for answer in during)
    mixed = pairs[False, True] + pairs[True, False]
    counted = mixed / len(during)
    assert said.share is not None
    if chain.name == "waves":
        yield Figure(
            "two-function chain in two waves, released under traffic: calls that met an undeclared pair",
            pairs[True, False],
            "calls",
            0,
            f"of {len(during)} calls, {pairs[False, True]} from an old producer to a new consumer",
            command=COMMAND,
        )
    yield Figure(
        f"skew exposure that the report says, against the traffic log, {chain.name}",
        round(abs(said.share / counted - 1), 3),
        "ratio",
        WITHIN,
        _told(said, counted, len(during)),
        command=COMMAND,
    )


def _told(said: Exposure, counted: float, calls: int) -> str:
    return f"{said.basis}: {said.share:.1%} of {said.calls} calls; the log of calls: {counted:.1%} of {calls}"
