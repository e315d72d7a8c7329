"""Whose logs Plan has looked at, and what it says of the others."""

from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tidegate.aws.cloudwatch import log_looks
from tidegate.domain.metric import PlannedMetric
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.preflight.inspected import Inspected

PYTHON = Inspected({"Runtime": "python3.13"})


@pytest.fixture(autouse=True)
def _groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the role read the functions' own log groups."""
    monkeypatch.setattr(log_looks, "refusal", lambda group, _: "" if group.startswith("/aws/lambda/") else "not mine")


def planned(plan: ReleasePlan, *states: Inspected) -> ReleasePlan:
    return log_looks.planned(plan, states or [PYTHON] * len(plan.targets), NOON)


def test_a_busy_function_is_looked_at() -> None:
    plan = planned(a_plan())
    assert [target.looks_at_logs for target in plan.targets] == [True]
    assert plan.logs_off == ""


@pytest.mark.parametrize(
    ("configuration", "why"),
    [
        ({"Runtime": "java21"}, "do not say which calls fail"),
        ({"Runtime": "java21", "LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "WARN"}}, "WARN"),
        ({"Runtime": "python3.13", "LoggingConfig": {"LogGroup": "shop"}}, "not mine"),
    ],
)
def test_the_plan_says_why_a_log_is_not_looked_at(configuration: dict[str, Any], why: str) -> None:
    plan = planned(a_plan(), Inspected(configuration))
    assert [target.looks_at_logs for target in plan.targets] == [False]
    assert plan.logs_off.startswith("Logs of checkout:live are not compared: ")
    assert why in plan.logs_off


@pytest.mark.parametrize(
    "plan",
    [
        a_plan(a_target(idle=True)),
        a_plan(a_target(snapshot=None)),
        a_plan(metrics=(PlannedMetric("errors", gates=False, weight=0.0), PlannedMetric("latency"))),
    ],
    ids=["idle", "a new alias", "errors are only reported"],
)
def test_where_nothing_could_come_of_it_nothing_is_said(plan: ReleasePlan) -> None:
    assert planned(plan) == plan


def test_many_targets_are_left_to_the_metrics() -> None:
    plan = planned(a_plan(*(a_target(f"f{number}") for number in range(7))))
    assert not any(target.looks_at_logs for target in plan.targets)
    assert "more than 6 targets" in plan.logs_off


def test_a_plan_keeps_what_it_says_about_logs() -> None:
    plan = planned(a_plan(a_target(), a_target("other")), PYTHON, Inspected({"Runtime": "java21"}))
    assert ReleasePlan.of(plan.document()) == plan
    assert [target.looks_at_logs for target in plan.targets] == [True, False]
