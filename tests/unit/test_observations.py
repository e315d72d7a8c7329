"""What is read for people to look at: both versions' series from CloudWatch, the execution and its way."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import NOON, a_target
from tests.failing import refused
from tidegate.aws import executions
from tidegate.aws.cloudwatch import metric_data
from tidegate.aws.cloudwatch.baselines import observe
from tidegate.aws.cloudwatch.metric_data import MetricData, Series
from tidegate.domain.analysis.baseline import Observation
from tidegate.domain.execution import Execution

ARN = "arn:aws:states:eu-west-1:123456789012:execution:m:r"


def test_both_versions_are_asked_for_calls_errors_and_percentiles(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def read(series: Iterable[Series], start: int, end: int) -> MetricData:
        wanted = list(series)
        asked.append((wanted, start, end))
        calls = next(
            one for one in wanted if one.metric == "Invocations" and ("ExecutedVersion", "43") in one.dimensions
        )
        failed = next(one for one in wanted if one.stat == "p99" and ("ExecutedVersion", "42") in one.dimensions)
        return MetricData({calls: {NOON + 60: 7.0, NOON: 5.0}}, {failed: "InternalError"})

    monkeypatch.setattr(metric_data, "read", read)
    seen, problem = observe([a_target()], NOON + 10, NOON + 130)
    assert seen == {"checkout:live": Observation(canary={"calls": {NOON: 5.0, NOON + 60: 7.0}})}
    assert problem == "internal error"
    ((series, start, end),) = asked
    assert (len(series), start, end) == (10, NOON, NOON + 180)


class States:
    """Step Functions with one execution, whose history has two pages."""

    def describe_execution(self, **asked: str) -> dict[str, Any]:
        if asked != {"executionArn": ARN}:
            raise refused("ExecutionDoesNotExist")
        began, ended = (datetime.fromtimestamp(each, UTC) for each in (NOON, NOON + 9))
        failed = {"status": "FAILED", "error": "E", "cause": "why", "stopDate": ended}
        return {"startDate": began, "input": '{"function": "checkout"}', **failed}

    def get_paginator(self, _: str) -> "States":
        return self

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        entered = {"stateEnteredEventDetails": {"name": "Plan"}, "timestamp": datetime.fromtimestamp(NOON, UTC)}
        first = {"id": 2, "previousEventId": 0, "type": "TaskStateEntered", **entered}
        return [{"events": [{"id": 1, "type": "ExecutionStarted"}, first]}, {"events": []}]


@pytest.fixture(autouse=True)
def _states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "stepfunctions_client", States)


def test_an_execution_is_described_with_its_request() -> None:
    found = executions.describe(ARN)
    assert found == Execution(ARN, "FAILED", NOON, NOON + 9, "E", "why", {"function": "checkout"})
    assert not found.running
    assert executions.describe(ARN + "x") is None


def test_another_refusal_of_step_functions_is_no_missing_execution(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = refused("AccessDeniedException")

    def refuse(*_: Any, **__: Any) -> Any:
        raise denied

    monkeypatch.setattr(States, "describe_execution", refuse)
    with pytest.raises(ClientError):
        executions.describe(ARN)


def test_a_state_that_was_not_left_is_where_the_release_is() -> None:
    (passage,) = executions.way(ARN)
    assert (passage.state, passage.came_from, passage.entered, passage.left) == ("Plan", None, NOON, False)


def event(number: int, kind: str, before: int, name: str = "") -> dict[str, Any]:
    details = {"stateEnteredEventDetails": {"name": name}, "timestamp": datetime.fromtimestamp(NOON, UTC)}
    return {"id": number, "previousEventId": before, "type": kind, **details}


@pytest.mark.parametrize(
    ("events", "calls", "seen", "cut"),
    [(1000, 1, 500, False), (1500, 2, 750, False), (2000, 2, 1000, False), (25_000, 2, 1000, True)],
)
def test_the_ends_of_a_way_take_two_calls_however_long_it_is(
    events: int, calls: int, seen: int, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = ("TaskStateEntered", "TaskStateExited")
    history = [event(number, kinds[number % 2], number - 1, f"S{number}") for number in range(1, events)]
    history.append(event(events, "TaskStateEntered", events - 1, "Bake"))
    asked: list[dict[str, Any]] = []

    def read(_: States, **wanted: Any) -> dict[str, Any]:
        asked.append(wanted)
        answer = history[::-1] if wanted.get("reverseOrder") else history
        return {"events": answer[:1000], **({"nextToken": "more"} if events > 1000 else {})}

    monkeypatch.setattr(States, "get_execution_history", read, raising=False)
    way, is_cut = executions.ends_of_way(ARN)
    assert (len(asked), is_cut, way[0].state, way[-1].state) == (calls, cut, "S2", "Bake")
    assert all(wanted["includeExecutionData"] is False for wanted in asked)
    assert abs(len(way) - seen) <= 1
    assert [passage.state for passage in way if not passage.left] == ["Bake"]


def test_what_was_under_way_in_a_map_is_over_with_it() -> None:
    history = [
        event(1, "MapStateEntered", 0, "Prepare versions"),
        event(2, "TaskStateEntered", 1, "Publish"),
        event(3, "FailStateEntered", 1, "Not prepared"),
        event(4, "MapStateExited", 1),
        event(5, "TaskStateEntered", 4, "Roll back"),
    ]
    found = list(executions.passages(history))
    assert [(passage.state, passage.left) for passage in found] == [
        ("Prepare versions", True),
        ("Publish", True),
        ("Not prepared", True),
        ("Roll back", False),
    ]
    assert found[-1].came_from == "Prepare versions"
