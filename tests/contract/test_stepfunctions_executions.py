"""Step Functions: the API around executions, and how they end."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localcloud import LocalCloud, stepfunctions
from localcloud.lambda_ import lifecycle
from tests.contract.lambda_calls import HEALTHY
from tests.contract.machines import Machines

END = {"Type": "Succeed"}
LONG_WAIT = {"Wait": {"Type": "Wait", "Seconds": 36_000, "Next": "End"}, "End": END}


@pytest.fixture(scope="module")
def machines(cloud: LocalCloud) -> Machines:
    return Machines(cloud)


def test_the_time_out_of_the_machine_ends_it_timed_out(machines: Machines) -> None:
    execution = machines.start(LONG_WAIT, TimeoutSeconds=60)
    ended = machines.ended(execution)
    assert ended["status"] == "TIMED_OUT"
    assert 60 <= (ended["stopDate"] - ended["startDate"]).total_seconds() < 120
    assert machines.history(execution)[-1]["type"] == "ExecutionTimedOut"


def test_the_time_of_an_execution_can_be_made_to_be_over(machines: Machines) -> None:
    execution = machines.start(LONG_WAIT)
    stepfunctions.time_out(execution)
    described = machines.client.describe_execution(executionArn=execution)
    assert (described["status"], described.get("error")) == ("TIMED_OUT", None)


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


@pytest.mark.parametrize(
    "code", ["CodeArtifactUserPendingException", "ResourceConflictException", "ResourceNotReadyException"]
)
def test_a_task_can_wait_for_a_function_that_wakes_up(machines: Machines, cloud: LocalCloud, code: str) -> None:
    """The names are those of Lambda's API, whatever the status (keithrozario/Klayers issue 210: a 500)."""
    name = f"sfn-{code.lower()}"
    cloud.create_function(name, HEALTHY)
    lifecycle.fall_asleep(name, "$LATEST", code=code, waking_seconds=60)
    retry = {"ErrorEquals": [f"Lambda.{code}"], "IntervalSeconds": 30, "BackoffRate": 1, "MaxAttempts": 11}
    arguments = {"FunctionName": name, "Payload": {"tried": "{% $now() %}"}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, "Retry": [retry]}
    execution = machines.start({"Do": {**task, "End": True}})
    ended = machines.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    history = machines.history(execution)
    assert 2 <= [event["type"] for event in history].count("TaskFailed") <= 3
    asked = [
        json.loads(event["taskScheduledEventDetails"]["parameters"])
        for event in history
        if "Scheduled" in event["type"]
    ]
    tried = [each["Payload"]["tried"] for each in asked]
    assert len(tried) >= 3
    assert sorted(set(tried)) == tried, "the time is that of each try"
