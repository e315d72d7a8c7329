"""Step Functions: state machines without functions, and the API around executions."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.jsonata import jsonata as motos_jsonata
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localcloud import LocalCloud, stepfunctions
from tests.contract.machines import Machines

END = {"Type": "Succeed"}
LONG_WAIT = {"Wait": {"Type": "Wait", "Seconds": 36_000, "Next": "End"}, "End": END}


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
    begun, emulated = time.monotonic(), cloud.clock.time()
    machines.run({"Wait": {"Type": "Wait", "Seconds": "{% $states.input.s %}", "Next": "End"}, "End": END}, {"s": 60})
    assert time.monotonic() - begun < 10
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


def test_the_time_out_of_the_machine_ends_it_timed_out(machines: Machines) -> None:
    execution = machines.start(LONG_WAIT, TimeoutSeconds=60)
    ended = machines.ended(execution)
    assert ended["status"] == "TIMED_OUT"
    assert 60 <= (ended["stopDate"] - ended["startDate"]).total_seconds() < 120
    assert machines.history(execution)[-1]["type"] == "ExecutionTimedOut"


def test_a_stopped_execution_is_aborted_at_once_for_the_reason_given(machines: Machines) -> None:
    execution = machines.start(LONG_WAIT)
    machines.client.stop_execution(executionArn=execution, error="Enough", cause="for today")
    described = machines.client.describe_execution(executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Enough", "for today")
    assert described["stopDate"]
    assert machines.history(execution)[-1]["type"] == "ExecutionAborted"


def test_moto_still_accepts_a_transition_to_nowhere() -> None:
    StepFunctionsParserBackend._validate_definition(
        json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Nowhere"}}})
    )


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({"StartAt": "B", "States": {"A": END}}, "Missing 'StartAt' target: B"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}, "Missing 'Next' target: B"),
        ({"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, "neither Next nor End"),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [], "Default": "B"}}},
            "Missing 'Default' target: B",
        ),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Output": "{% $( %}", "End": True}}},
            "INVALID_JSONATA_EXPRESSION",
        ),
    ],
)
def test_an_unsound_definition_is_refused(machines: Machines, definition: dict[str, Any], said: str) -> None:
    text = json.dumps({"QueryLanguage": "JSONata", **definition})
    with pytest.raises(ClientError) as refused:
        machines.client.create_state_machine(name="unsound", definition=text, roleArn=machines.role)
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
    assert said in str(refused.value)


def test_starting_again_gives_what_is_running(machines: Machines) -> None:
    arn = machines.create(LONG_WAIT)
    first, again = (
        machines.client.start_execution(stateMachineArn=arn, name="same", input='{"a": 1}') for _ in range(2)
    )
    assert (first["executionArn"], first["startDate"]) == (again["executionArn"], again["startDate"])
    with pytest.raises(machines.client.exceptions.ExecutionAlreadyExists, match="Execution Already Exists: 'arn:"):
        machines.client.start_execution(stateMachineArn=arn, name="same", input='{"a": 2}')
    machines.client.stop_execution(executionArn=first["executionArn"])
    with pytest.raises(machines.client.exceptions.ExecutionAlreadyExists):
        machines.client.start_execution(stateMachineArn=arn, name="same", input='{"a": 1}')


@pytest.mark.parametrize("name", ["a b", "a/b", "a?", "{a}", "a:b", "x" * 81, "tab\t", "a%"])
def test_a_bad_execution_name_is_refused(machines: Machines, name: str) -> None:
    with pytest.raises(machines.client.exceptions.InvalidName):
        machines.client.start_execution(stateMachineArn=machines.create({"End": END}), name=name)


def test_an_execution_without_a_name_gets_a_uuid(machines: Machines) -> None:
    name = machines.start({"End": END}).rsplit(":", 1)[-1]
    assert str(uuid.UUID(name)) == name


def test_input_that_is_no_json_is_refused(machines: Machines) -> None:
    with pytest.raises(machines.client.exceptions.InvalidExecutionInput):
        machines.client.start_execution(stateMachineArn=machines.create({"End": END}), input="{no")


def test_history_can_be_read_backwards_and_in_pages(machines: Machines) -> None:
    execution = machines.start({"One": {"Type": "Pass", "Next": "End"}, "End": END})
    machines.ended(execution)
    forwards = [event["id"] for event in machines.history(execution)]
    pages = machines.client.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": 2}
    )
    assert [event["id"] for page in pages for event in page["events"]] == forwards[::-1]


def test_history_is_on_the_emulated_clock(machines: Machines) -> None:
    execution = machines.start({"Wait": {"Type": "Wait", "Seconds": 120, "Next": "End"}, "End": END})
    machines.ended(execution)
    stamps = [event["timestamp"] for event in machines.history(execution)]
    assert stamps == sorted(stamps)
    assert (stamps[-1] - stamps[0]).total_seconds() >= 120


def test_ten_executions_run_at_the_same_time(machines: Machines) -> None:
    states = {
        "Keep": {"Type": "Pass", "Assign": {"n": "{% $states.input.n %}"}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 20, "Next": "Give"},
        "Give": {"Type": "Pass", "Output": "{% $n %}", "End": True},
    }
    with ThreadPoolExecutor(12) as many:
        assert list(many.map(lambda n: machines.output(states, {"n": n}), range(12))) == list(range(12))


def test_observers_are_told_of_states_as_they_happen(machines: Machines) -> None:
    seen: list[stepfunctions.StateEvent] = []
    stepfunctions.observers.append(seen.append)
    try:
        execution = machines.start(
            {"Go": {"Type": "Pass", "Output": 1, "Next": "Stop"}, "Stop": {"Type": "Fail", "Error": "E", "Cause": "c"}}
        )
        machines.ended(execution)
    finally:
        stepfunctions.observers.remove(seen.append)
    mine = [event for event in seen if execution.endswith(event.execution_name)]
    assert [(event.kind, event.state, event.detail) for event in mine] == [
        ("entered", "Go", {}),
        ("exited", "Go", 1),
        ("entered", "Stop", 1),
        ("failed", "Stop", {"error": "E", "cause": "c"}),
    ]


def test_a_redriven_execution_goes_on_where_it_failed(machines: Machines) -> None:
    states = {
        "Count": {"Type": "Pass", "Assign": {"n": 5}, "Next": "Again?"},
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.context.Execution.RedriveCount > 0 %}", "Next": "Done"}],
            "Default": "Wait",
        },
        "Wait": {"Type": "Wait", "Seconds": 36_000, "Next": "Again?"},
        "Done": {"Type": "Pass", "Output": "{% $n %}", "End": True},
    }
    execution = machines.start(states)
    machines.reached(execution, "Wait")
    machines.client.stop_execution(executionArn=execution)
    machines.client.redrive_execution(executionArn=execution)
    described = machines.client.describe_execution(executionArn=execution)
    assert (described["status"], described["redriveCount"]) == ("RUNNING", 1)
    assert machines.entered(execution).count("Count") == 1
    assert "ExecutionRedriven" in [event["type"] for event in machines.history(execution)]
    machines.reached(execution, "Wait")
    machines.client.stop_execution(executionArn=execution)


def test_what_succeeded_cannot_be_redriven(machines: Machines) -> None:
    ended = machines.run({"End": END})
    with pytest.raises(machines.client.exceptions.ExecutionNotRedrivable):
        machines.client.redrive_execution(executionArn=ended["executionArn"])
