"""What a tick of a hundred targets asks of CloudWatch and DynamoDB early and late in a bake, and how long it takes."""

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from time import process_time
from typing import Any

from bench.figure import Figure
from tests.builders import NOON, a_plan, a_shift, a_target
from tests.fakes.cloudwatch import CloudWatch, cloudwatch
from tests.fakes.small_aws import SmallAws, small_aws
from tidegate.aws.cloudwatch.metric_data import lambda_dimensions
from tidegate.aws.ledger import items, locks, records
from tidegate.aws.logger import logger
from tidegate.domain.metric import GROSS, PlannedMetric
from tidegate.domain.schedule import LAG, format_time
from tidegate.steps import compare

TARGETS = 100
EARLY, LATE = 30, 600
"""Minutes after the first shift."""

TICKS = (1, EARLY, LATE // 2, LATE - 1, LATE)
"""The ticks that are carried out: the first one reads what was before, and what is old by the last one is kept."""

PAGE = 1_000_000
"""Bytes of one page of a query (DynamoDB quotas)."""

NAME = "release-1"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"
METRICS = (
    PlannedMetric("errors", weight=10 / 11),
    PlannedMetric("latency", weight=1 / 11, min_effect=GROSS, over_ms=800.0),
)


class Counted(SmallAws):
    """Aliases and a ledger that count what DynamoDB is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        self.calls += name not in {"get_alias", "put_events"}
        return super().__getattr__(name)

    def _paginate(
        self,
        ExpressionAttributeValues: Any,  # noqa: N803 - boto3's name
        ScanIndexForward: bool = True,  # noqa: N803 - as above
        **_: Any,
    ) -> list[dict[str, Any]]:
        (page,) = super()._paginate(ExpressionAttributeValues, ScanIndexForward)
        self.calls += len(json.dumps(page)) // PAGE
        return [page]


def tick(minute: int) -> float:
    """Compare versions once, and give the CPU seconds that it took."""
    started = process_time()
    now = format_time(NOON + 60 * minute + LAG)
    with redirect_stdout(StringIO()):  # metrics are printed, in CloudWatch's embedded format
        compare.handler({"release": NAME, "now": now, "step": 0}, None)
    return process_time() - started


def begin(aws: Counted, ours: CloudWatch) -> None:
    """Shift a hundred targets that nothing is wrong with, for a day."""
    names = [f"function-{number}" for number in range(TARGETS)]
    targets = [a_target(name, canary=None) for name in names]
    plan = a_plan(*targets, metrics=METRICS, max_bake_minutes=1440, deadline=NOON + 10 * 86_400)
    snapshots = {target.name: target.snapshot for target in targets}
    locks.take(NAME, snapshots, [], opening=records.opening(NAME, EXECUTION, NOON, {}, plan))
    for request in locks.requests(NAME, EXECUTION, NOON, snapshots):
        aws.put_item(**request)
    for target in targets:
        aws.moved(target.function, "42", v43=0.1)
        items.record_target(NAME, target.name, "43", NOON, expires=plan.expires, details={})
        for version, calls in (("42", 900), ("43", 100)):
            _serve(ours, dict(lambda_dimensions(target, version)), calls)
    items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {})


def _serve(ours: CloudWatch, named: dict[str, str], calls: int) -> None:
    minutes = range(NOON, NOON + 60 * LATE, 60)
    for metric, stat, part in (
        ("Invocations", "Sum", 1.0),
        ("Errors", "Sum", 0.01),
        ("Duration", "SampleCount", 1.0),
        ("Duration", "TC(800:)", 0.05),
    ):
        ours.put(metric, {minute: part * (calls - minute // 60 % 30) for minute in minutes}, stat=stat, **named)


def measure() -> Iterator[Figure]:
    with small_aws(Counted()) as aws, cloudwatch() as ours:
        assert isinstance(aws, Counted)
        logger.setLevel("ERROR")
        begin(aws, ours)
        calls: dict[int, int] = {}
        for minute in TICKS:
            before = aws.calls + len(ours.calls)
            took = tick(minute)
            calls[minute] = aws.calls + len(ours.calls) - before
    yield Figure(
        f"calls to CloudWatch and DynamoDB of a tick, {TARGETS} targets: minute {LATE} over minute {EARLY}",
        round(calls[LATE] / calls[EARLY], 2),
        "ratio",
        1.2,
        f"{calls[LATE]} calls over {calls[EARLY]}, pages included; what is older than two hours is in the ledger",
    )
    yield Figure(
        f"a tick of {TARGETS} targets after {LATE} minutes",
        round(took, 1),
        "s",
        30.0,
        f"CPU time, with {LATE} minutes of errors and latency to judge; Compare has a whole CPU, and 90 s",
    )
