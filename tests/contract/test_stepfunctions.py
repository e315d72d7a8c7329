"""Step Functions: the language, in state machines without functions."""

import json
from datetime import datetime
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.jsonata import jsonata as motos_jsonata

from localcloud import LocalCloud
from tests.contract.machines import Machines

END = {"Type": "Succeed"}


@pytest.fixture(scope="module")
def machines(cloud: LocalCloud) -> Machines:
    return Machines(cloud)


def answered(machines: Machines, expression: str, state_input: Any = None) -> Any:
    states = {"Only": {"Type": "Pass", "Output": {"value": "{% " + expression + " %}"}, "End": True}}
    return machines.output(states, state_input)["value"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$partition([1..5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(1, 7, 3)", [1, 4, 7]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('a', 'SHA-256')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        ("$random(7) = $random(7)", True),
        ("$length($uuid())", 36),
        ("$states.input.nothing", None),
        ("$exists($states.input.nothing) and $not($exists($states.input.missing))", True),
        ("$map($states.input.list, function($x) { $x = null })", [True, False]),
    ],
)
def test_jsonata_has_the_functions_and_nulls_of_step_functions(machines: Machines, expression: str, value: Any) -> None:
    assert answered(machines, expression, {"nothing": None, "list": [None, 1]}) == value


def test_moto_has_no_jsonata_of_its_own_yet() -> None:
    with pytest.raises(TypeError):
        motos_jsonata.eval_jsonata_expression("1 + 1")


@pytest.mark.parametrize("text", ['a "quoted" word', "back\\slash", "two\nlines", "{% 1 %}", "'", "é😀"])
def test_variables_keep_any_text_as_it_is(machines: Machines, text: str) -> None:
    states = {
        "Keep": {"Type": "Pass", "Assign": {"kept": "{% $states.input.text %}"}, "Next": "Show"},
        "Show": {"Type": "Pass", "Output": {"value": "{% $kept & '' %}", "all": "{% {'x': $kept} %}"}, "End": True},
    }
    assert machines.output(states, {"text": text}) == {"value": text, "all": {"x": text}}


def test_text_written_in_the_definition_is_read_as_json(machines: Machines) -> None:
    states = {
        "Keep": {"Type": "Pass", "Assign": {"kept": 'a "b"\n'}, "Next": "Show"},
        "Show": {"Type": "Pass", "Output": {"kept": "{% $kept %}", "own": 'c "d"\n'}, "End": True},
    }
    assert machines.output(states) == {"kept": 'a "b"\n', "own": 'c "d"\n'}


def test_output_does_not_see_what_assign_sets(machines: Machines) -> None:
    states = {
        "First": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Second"},
        "Second": {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}"}, "Output": "{% $n %}", "Next": "Third"},
        "Third": {"Type": "Pass", "Output": {"before": "{% $states.input %}", "after": "{% $n %}"}, "End": True},
    }
    assert machines.output(states) == {"before": 1, "after": 2}


def test_the_context_names_execution_state_and_machine(machines: Machines, cloud: LocalCloud) -> None:
    arn = machines.create({"Look": {"Type": "Pass", "Output": "{% $states.context %}", "End": True}})
    started = machines.client.start_execution(stateMachineArn=arn, name="named", input='{"a": 1}')
    context = json.loads(machines.ended(started["executionArn"])["output"])
    assert context["Execution"]["Id"] == started["executionArn"]
    assert context["Execution"]["Name"] == "named"
    assert context["Execution"]["Input"] == {"a": 1}
    assert context["Execution"]["RedriveCount"] == 0
    assert context["State"]["Name"] == "Look"
    assert context["StateMachine"]["Id"] == arn
    entered = datetime.fromisoformat(context["State"]["EnteredTime"])
    assert abs((cloud.clock.now() - entered).total_seconds()) < 600
    assert context["Execution"]["StartTime"] <= context["State"]["EnteredTime"]


@pytest.mark.parametrize("expression", ["$states.input.missing", "1 + 'a'", "$unknown()", "function($x) { $x }"])
def test_an_expression_without_a_value_fails_the_execution(machines: Machines, expression: str) -> None:
    execution = machines.start({"Bad": {"Type": "Pass", "Output": "{% " + expression + " %}", "End": True}})
    ended = machines.ended(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert "Bad" in ended["cause"]
    types = [event["type"] for event in machines.history(execution)]
    assert types[-2:] == ["EvaluationFailed", "ExecutionFailed"]


def test_choice_takes_the_first_true_condition_or_the_default(machines: Machines) -> None:
    states = {
        "Which?": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $exists($states.input.n) and $states.input.n > 10 %}", "Next": "Big"},
                {"Condition": "{% $exists($states.input.n) and $states.input.n > 5 %}", "Next": "Middling"},
            ],
            "Default": "Small",
        },
        **{name: {"Type": "Pass", "Output": name, "End": True} for name in ("Big", "Middling", "Small")},
    }
    outputs = [machines.output(states, given) for given in ({"n": 11}, {"n": 6}, {"n": 1}, {})]
    assert outputs == ["Big", "Middling", "Small", "Small"]


def test_fail_computes_its_error_and_cause(machines: Machines) -> None:
    fail = {
        "Type": "Fail",
        "Error": "{% $states.input.error %}",
        "Cause": "{% 'it was \"' & $states.input.why & '\"' %}",
    }
    ended = machines.run({"Stop": fail}, {"error": "RolledBack", "why": "late"})
    assert (ended["error"], ended["cause"]) == ("RolledBack", 'it was "late"')


def test_waits_run_on_the_emulated_clock(machines: Machines, cloud: LocalCloud) -> None:
    emulated = cloud.clock.time()
    machines.run({"Wait": {"Type": "Wait", "Seconds": "{% $states.input.s %}", "Next": "End"}, "End": END}, {"s": 60})
    assert cloud.clock.time() - emulated >= 60


@pytest.mark.parametrize("fraction", ["", ".5", ".123456"])
def test_the_state_after_a_timestamp_is_never_entered_before_it(machines: Machines, fraction: str) -> None:
    until = "$substring($fromMillis($toMillis($states.context.State.EnteredTime) + 20000), 0, 19)"
    states = {
        "Plan": {"Type": "Pass", "Assign": {"until": "{% " + until + " & '" + fraction + "Z' %}"}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Timestamp": "{% $until %}", "Next": "Then"},
        "Then": {
            "Type": "Pass",
            "Output": {"at": "{% $states.context.State.EnteredTime %}", "until": "{% $until %}"},
            "End": True,
        },
    }
    for _ in range(3):
        seen = machines.output(states)
        late = datetime.fromisoformat(seen["at"]) - datetime.fromisoformat(seen["until"])
        assert 0 <= late.total_seconds() < 30


def test_a_timestamp_in_the_past_does_not_wait(machines: Machines) -> None:
    wait = {"Type": "Wait", "Timestamp": "2020-01-01T00:00:00Z", "Next": "End"}
    assert machines.run({"Wait": wait, "End": END})["status"] == "SUCCEEDED"


def test_map_runs_its_items_with_variables_of_their_own(machines: Machines) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "Keep",
        "States": {
            "Keep": {"Type": "Pass", "Assign": {"mine": "{% $states.input.v * $factor %}"}, "Next": "Wait"},
            "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Give"},
            "Give": {"Type": "Pass", "Output": {"i": "{% $states.input.i %}", "x": "{% $mine %}"}, "End": True},
        },
    }
    states = {
        "Set": {"Type": "Pass", "Assign": {"factor": 10}, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "Items": "{% $states.input.values %}",
            "ItemSelector": {
                "v": "{% $states.context.Map.Item.Value %}",
                "i": "{% $states.context.Map.Item.Index %}",
            },
            "MaxConcurrency": 2,
            "ItemProcessor": processor,
            "Output": {"all": "{% $states.result %}", "mine": "{% $exists($mine) %}"},
            "End": True,
        },
    }
    expected = [{"i": i, "x": (i + 1) * 10} for i in range(5)]
    assert machines.output(states, {"values": [1, 2, 3, 4, 5]}) == {"all": expected, "mine": False}


def test_a_failing_item_is_caught_on_the_map(machines: Machines) -> None:
    refuse = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 2 %}", "Next": "No"}], "Default": "Yes"}
    states = {
        "Each": {
            "Type": "Map",
            "Items": [1, 2, 3],
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Two?",
                "States": {
                    "Two?": refuse,
                    "No": {"Type": "Fail", "Error": "Two", "Cause": 'a "two"'},
                    "Yes": END,
                },
            },
            "Catch": [
                {
                    "ErrorEquals": ["Two"],
                    "Assign": {"why": "{% $states.errorOutput.Cause %}"},
                    "Output": {"error": "{% $states.errorOutput.Error %}"},
                    "Next": "Caught",
                }
            ],
            "End": True,
        },
        "Caught": {"Type": "Pass", "Output": {"in": "{% $states.input %}", "why": "{% $why %}"}, "End": True},
    }
    assert machines.output(states) == {"in": {"error": "Two"}, "why": 'a "two"'}
