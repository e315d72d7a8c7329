"""What goes between states and into a Cause stays within the limits of Step Functions, however much there is to say."""

import json
from dataclasses import replace
from typing import Any

import pytest

from localcloud.stepfunctions.jsonata import evaluate
from tests.builders import NOON, a_plan, a_target
from tests.fakes.small_aws import small_aws, take_on
from tests.reading import states
from tests.unit.probing import error, judged, raised
from tidegate.domain.errors import LONGEST
from tidegate.domain.execution import CarriedTarget
from tidegate.domain.plan import TargetPlan
from tidegate.domain.request.models import MOST_TARGETS
from tidegate.domain.schedule import format_time
from tidegate.steps import roll_back
from tidegate.steps.preparation import Preparation

BETWEEN_STATES = 256 * 1024
"""Bytes of a state's input or output (Step Functions quotas)."""

IN_A_CAUSE = 32_768
"""Characters (Step Functions API reference, ExecutionFailedEventDetails)."""

NAME = "release-1"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"
CUT_OFF = '{"errorMessage": "two problems in the request: target'


def _target(number: int) -> TargetPlan:
    return a_target(f"{'f' * 61}{number:03}", alias="a" * 128)


def test_a_hundred_versions_whose_handlers_complain_at_length_fit_between_two_states() -> None:
    complaint = raised(error("ValueError", "ü" * 100_000, requestId="8f3c"))
    prepared = [
        Preparation.of(_target(number), a_plan()).then(
            "ready",
            judged(complaint, subject=f"version 1234567 of {_target(number).function}").sentence,
            revision_id="r" * 36,
            code_sha256="c" * 44,
            config_sha256="c" * 44,
        )
        for number in range(MOST_TARGETS)
    ]
    assert len(json.dumps(prepared, ensure_ascii=False).encode()) < BETWEEN_STATES


@pytest.mark.parametrize("count", [1, MOST_TARGETS])
@pytest.mark.parametrize("state", ["Plan", "Prepare versions"])
def test_what_an_execution_carries_of_its_targets_is_small_and_always_a_list(state: str, count: int) -> None:
    targets = [replace(_target(number), wave=number + 1) for number in range(count)]
    prepared = [Preparation.of(target, a_plan()).then("ready", "s") for target in targets]
    result = {"Payload": {"targets": prepared}} if state == "Plan" else prepared
    expression = states()[state]["Assign"]["targets"].removeprefix("{%").removesuffix("%}")
    carried = evaluate(expression, {"states": {"result": result}})
    assert [CarriedTarget.of(each) for each in carried] == [
        CarriedTarget(target.function, target.alias, target.stable, target.version, wave=target.wave)
        for target in targets
    ]
    assert len(json.dumps(carried)) < BETWEEN_STATES / 8


def test_a_cause_tells_of_a_few_aliases_and_first_of_those_that_are_not_what_they_were() -> None:
    targets = [_target(number) for number in range(MOST_TARGETS)]
    with small_aws() as aws:
        take_on(NAME, EXECUTION, a_plan(*targets))
        for target in targets:
            aws.moved(target.function, "99" if target is targets[0] else "42")
        reason = {"error": "States.TaskFailed", "cause": "why " * 10_000, "state": "Finish"}
        answer = roll_back.handler({"release": NAME, "now": format_time(NOON), "reason": reason}, None)
    told = answer["cause"].partition(" Now: ")[2]
    assert told.startswith(f"{targets[0].name} was moved by someone else and not changed: 100 % on version 99; ")
    assert told.endswith("; and 90 more.")
    assert len(answer["cause"]) < IN_A_CAUSE
    assert len(answer["cause"]) > LONGEST


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        (json.dumps({"errorMessage": "no function", "errorType": "InvalidRequest"}), "no function"),
        ("Task timed out", "Task timed out"),
        (CUT_OFF, CUT_OFF),
    ],
)
@pytest.mark.parametrize("name", ["Refused", "Left to recover"])
def test_a_cause_that_was_cut_off_is_shown_as_it_is(name: str, cause: str, shown: str) -> None:
    """An error in a Fail state's own expression would take the place of the cause."""
    reason: dict[str, Any] = {"error": "InvalidRequest", "cause": cause}
    expression = states()[name]["Cause"].removeprefix("{%").removesuffix("%}")
    assert evaluate(expression, {"reason": reason, "failure_to_roll_back": reason}).endswith(shown)


@pytest.mark.parametrize(
    ("reason", "begins"),
    [
        ("RegionsNotFollowed", "The Regions could not be followed; Recover ends the release, every minute. Why: it"),
        (
            "Aborted",
            "The roll back did not complete; Recover retries it every minute. The reason for the roll back: Ab",
        ),
    ],
)
def test_what_is_left_to_recover_is_named(reason: str, begins: str) -> None:
    expression = states()["Left to recover"]["Cause"].removeprefix("{%").removesuffix("%}")
    failed = {"error": "AwsBusy", "cause": "it is busy"}
    assert evaluate(expression, {"reason": {"error": reason}, "failure_to_roll_back": failed}).startswith(begins)
