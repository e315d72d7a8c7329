"""Whose result reaches whom in a state machine, by written definitions."""

import json
from typing import Any

import pytest

from tidegate.domain.planning.state_machines import addresses, results

INVOKE = "arn:aws:states:::lambda:invoke"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"
TARGETS = {each: name for name in "abc" for each in addresses(f"{ARN}{name}", "live")}


def task(name: str, after: str = "", **fields: Any) -> dict[str, Any]:
    """Give a Task that invokes an alias live by its name alone."""
    way = {"Next": after} if after else {"End": True}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": f"{name}:live"}, **way, **fields}


def passing(after: str = "", kind: str = "Pass", **fields: Any) -> dict[str, Any]:
    return {"Type": kind, **({"Next": after} if after else {"End": True}), **fields}


def pairs(start: str = "A", **states: Any) -> set[str]:
    found = results(json.dumps({"StartAt": start, "States": states}), TARGETS)
    return {one + other for one, other in found}


@pytest.mark.parametrize(
    "call",
    [
        {"Resource": f"{ARN}b:live"},
        {"Resource": INVOKE, "Parameters": {"FunctionName": f"{ARN}b:live"}},
        {"Resource": INVOKE, "Parameters": {"FunctionName": "123456789012:function:b:live"}},
        {"Resource": INVOKE, "Arguments": {"FunctionName": "b", "Qualifier": "live"}},
        {"Resource": INVOKE, "Arguments": {"FunctionName": f"{ARN}b:live", "Qualifier": "live"}},
        {"Resource": f"{INVOKE}.waitForTaskToken", "Parameters": {"FunctionName": "b:live"}},
        {"Resource": "arn:aws-cn:states:::aws-sdk:lambda:invoke", "Parameters": {"FunctionName": "b:live"}},
    ],
)
def test_a_task_names_an_alias_in_many_ways(call: dict[str, Any]) -> None:
    assert pairs(A=task("a", "B"), B={"Type": "Task", **call, "End": True}) == {"ab"}


@pytest.mark.parametrize(
    "call",
    [
        {"Resource": f"{ARN}b"},
        {"Resource": f"{ARN}b:test"},
        {"Resource": INVOKE, "Parameters": {"FunctionName": "b"}},
        {"Resource": INVOKE, "Parameters": {"FunctionName.$": "$.name"}},
        {"Resource": INVOKE, "Arguments": "{% $states.input %}"},
        {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"FunctionName": "b:live"}},
    ],
)
def test_other_qualifiers_and_computed_names_are_no_targets(call: dict[str, Any]) -> None:
    assert pairs(A=task("a", "B"), B={"Type": "Task", **call, "Next": "C"}, C=task("c")) == {"ac"}


def test_a_result_goes_through_states_that_are_no_targets_up_to_the_next_target() -> None:
    found = pairs(
        A=task("a", "Wait"),
        Wait=passing("Which", "Wait", Seconds=1),
        Which={"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": True, "Next": "Save"}], "Default": "B"},
        Save=passing("C", "Task", Resource="arn:aws:states:::dynamodb:putItem"),
        B=task("b", "C"),
        C=task("c"),
    )
    assert found == {"ab", "ac", "bc"}


def test_a_target_in_between_ends_the_way() -> None:
    assert pairs(A=task("a", "B"), B=task("b", "C"), C=task("c")) == {"ab", "bc"}


def test_a_loop_lets_a_function_meet_itself() -> None:
    again = {"Type": "Choice", "Choices": [{"Next": "A"}], "Default": "End"}
    assert pairs(A=task("a", "Again"), Again=again, End={"Type": "Succeed"}) == {"aa"}
    assert pairs(A=task("a", "Two"), Two=task("a")) == {"aa"}
    assert pairs(A=task("a")) == set()


def test_an_error_reaches_whoever_catches_it() -> None:
    assert pairs(A=task("a", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), B=task("b")) == {"ab"}


def test_branches_receive_what_came_before_and_what_follows_receives_each_branch() -> None:
    branches = [
        {"StartAt": "B", "States": {"B": task("b")}},
        {"StartAt": "C", "States": {"C": task("c", "Done"), "Done": {"Type": "Succeed"}}},
    ]
    together = {"Type": "Parallel", "Branches": branches, "Next": "Last"}
    assert pairs(A=task("a", "Both"), Both=together, Last=task("a")) == {"ab", "ac", "ba", "ca"}


def test_an_error_in_a_branch_reaches_the_catch_of_the_states_around_it() -> None:
    inner = {"StartAt": "A", "States": {"A": task("a", "No"), "No": {"Type": "Fail"}}}
    once = {"Type": "Map", "ItemProcessor": inner, "End": True}
    outer = {"Type": "Parallel", "Branches": [{"StartAt": "Each", "States": {"Each": once}}], "End": True}
    caught = {**outer, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]}
    assert pairs("Outer", Outer=outer, B=task("b")) == set()
    assert pairs("Outer", Outer=caught, B=task("b")) == {"ab"}


@pytest.mark.parametrize("name", ["ItemProcessor", "Iterator"])
def test_a_map_passes_on_each_item_and_without_items_what_came_before(name: str) -> None:
    """The items of a map do not reach each other."""
    each = {"Type": "Map", name: {"StartAt": "B", "States": {"B": task("b")}}, "Next": "C"}
    assert pairs(A=task("a", "Each"), Each=each, C=task("c")) == {"ab", "ac", "bc"}


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_a_state_that_discards_the_results_in_it_passes_on_what_came_before(kind: str) -> None:
    inner = {"StartAt": "B", "States": {"B": task("b")}}
    content: dict[str, Any] = {"Branches": [inner]} if kind == "Parallel" else {"ItemProcessor": inner}
    each = {"Type": kind, **content, "ResultPath": None, "Next": "C"}
    assert pairs(A=task("a", "Each"), Each=each, C=task("c")) == {"ab", "ac"}


@pytest.mark.parametrize(
    "fields",
    [
        {"ResultPath": None},
        {"Parameters": {"FunctionName": "b:live", "InvocationType": "Event"}},
        {"Output": "{% $states.input %}"},
        {"Output": {"order": "{% $states.input.order %}", "at": "{% $states.context.Execution.StartTime %}"}},
    ],
)
def test_a_task_that_discards_its_result_passes_on_what_came_before(fields: dict[str, Any]) -> None:
    assert pairs(A=task("a", "B"), B=task("b", "C", **fields), C=task("c")) == {"ab", "ac"}


@pytest.mark.parametrize(
    "fields",
    [
        {"ResultPath": "$.result"},
        {"ResultPath": None, "Assign": {"kept.$": "$.Payload"}},
        {"Output": "{% $merge([$states.input, $states.result.Payload]) %}"},
        {"Output": "{% $states.input %}", "Assign": {"kept": "{% $states.result %}"}},
        {
            "Resource": f"{INVOKE}.waitForTaskToken",
            "Parameters": {"FunctionName": "b:live", "InvocationType": "Event"},
        },
    ],
)
def test_a_task_that_keeps_its_result_passes_it_on(fields: dict[str, Any]) -> None:
    assert pairs(A=task("a", "B"), B=task("b", "C", **fields), C=task("c")) == {"ab", "bc"}


def test_a_discarded_result_still_fails_into_its_catch() -> None:
    caught = task("a", "B", ResultPath=None, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "C"}])
    assert pairs(A=caught, B=task("b"), C=task("c")) == {"ac"}


def test_a_definition_without_targets_or_states_has_no_pair() -> None:
    assert pairs(A=passing()) == set()
    assert results("{}", TARGETS) == set()
