"""Step Functions: task tokens, executions that start executions, and the most that a state may hold."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.contract.machines import Machines, eventually

TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
START = "arn:aws:states:::states:startExecution"
CAUGHT = {"ErrorEquals": ["States.ALL"], "Next": "Caught", "Output": "{% $states.errorOutput %}"}
LAST = {"Type": "Pass", "End": True}
HALF = {"half": "x" * 150_000}
TWICE = "{% [$states.input.half, $states.input.half] %}"


@pytest.fixture(scope="module")
def machines(cloud: LocalCloud) -> Machines:
    return Machines(cloud)


@pytest.fixture(scope="module")
def queue(cloud: LocalCloud) -> str:
    return str(cloud.client("sqs").create_queue(QueueName="sfn-tokens")["QueueUrl"])


def waiting(queue: str, **fields: Any) -> dict[str, Any]:
    arguments = {"QueueUrl": queue, "MessageBody": {"token": "{% $states.context.Task.Token %}"}}
    return {"Wait": {"Type": "Task", "Resource": TOKEN, "Arguments": arguments, "End": True, **fields}, "Caught": LAST}


def failed(cloud: LocalCloud, machines: Machines, states: dict[str, Any], queue: str, **told: str) -> dict[str, Any]:
    """Run the machine, and answer its token with a failure."""
    execution, sqs = machines.start(states), cloud.client("sqs")
    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    machines.client.send_task_failure(taskToken=json.loads(message["Body"])["token"], **told)
    return machines.ended(execution)


def test_a_catch_gets_error_and_cause_of_a_token(cloud: LocalCloud, machines: Machines, queue: str) -> None:
    """Step Functions API reference, SendTaskFailure; guide, "Fallback states": error output."""
    states = waiting(queue, Catch=[CAUGHT])
    ended = failed(cloud, machines, states, queue, error="Declined", cause="no money")
    assert json.loads(ended["output"]) == {"Error": "Declined", "Cause": "no money"}


def test_an_execution_that_catches_no_token_s_failure_has_its_cause(
    cloud: LocalCloud, machines: Machines, queue: str
) -> None:
    """Step Functions API reference, SendTaskFailure and DescribeExecution."""
    ended = failed(cloud, machines, waiting(queue), queue, error="Declined", cause="no money")
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "Declined", "no money")


def test_a_failure_without_words_is_empty_in_a_catch(cloud: LocalCloud, machines: Machines, queue: str) -> None:
    ended = failed(cloud, machines, waiting(queue, Catch=[CAUGHT]), queue)
    assert json.loads(ended["output"]) == {"Error": "", "Cause": ""}


def nested(machine: str, pattern: str = "") -> dict[str, Any]:
    arguments = {"StateMachineArn": machine, "Input": {"a": 1}}
    task = {"Type": "Task", "Resource": START + pattern, "Arguments": arguments, "Catch": [CAUGHT], "End": True}
    return {"Start": task, "Caught": LAST}


def test_a_nested_execution_is_waited_for_and_gives_its_output_as_json(machines: Machines) -> None:
    """Step Functions guide, "Start workflow executions from a task state in Step Functions": .sync:2."""
    child = machines.create({"Give": {"Type": "Pass", "Output": {"seven": 7}, "End": True}})
    result = machines.output(nested(child, ".sync:2"))
    assert (result["Status"], result["Output"], result["Input"]) == ("SUCCEEDED", {"seven": 7}, {"a": 1})
    assert (result["StateMachineArn"], type(result["StartDate"])) == (child, int)


def test_a_nested_execution_of_the_older_kind_gives_text(machines: Machines) -> None:
    """Same page: .sync gives input and output as text."""
    child = machines.create({"Give": {"Type": "Pass", "Output": {"seven": 7}, "End": True}})
    assert json.loads(machines.output(nested(child, ".sync"))["Output"]) == {"seven": 7}


def test_a_nested_execution_that_fails_fails_the_task(machines: Machines) -> None:
    """Same page: States.TaskFailed, with the description of the execution as its cause."""
    child = machines.create({"No": {"Type": "Fail", "Error": "Bad", "Cause": "why"}})
    caught = machines.output(nested(child, ".sync:2"))
    described = json.loads(caught["Cause"])
    assert (caught["Error"], described["Error"], described["Cause"]) == ("States.TaskFailed", "Bad", "why")


def test_a_nested_execution_that_is_only_started_is_not_waited_for(machines: Machines) -> None:
    child = machines.create({"Long": {"Type": "Wait", "Seconds": 3600, "End": True}})
    assert set(machines.output(nested(child))) >= {"ExecutionArn", "StartDate"}


OVER: list[Callable[[dict[str, Any]], dict[str, Any]]] = [
    lambda state: {"One": {"Type": "Pass", "Output": TWICE, "Next": "Caught"}, **state},
    lambda state: {"One": {"Type": "Wait", "Seconds": 0, "Output": TWICE, "Next": "Caught"}, **state},
    lambda state: {
        "One": {
            "Type": "Parallel",
            "Branches": [{"StartAt": "In", "States": {"In": LAST}}] * 2,
            "Next": "Caught",
        },
        **state,
    },
    lambda state: {
        "One": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% true %}", "Output": TWICE, "Next": "Caught"}],
            "Default": "Caught",
        },
        **state,
    },
]


@pytest.mark.parametrize("states", OVER, ids=["pass", "wait", "parallel", "choice"])
def test_what_a_state_gives_has_256_kib_at_most(states: Callable[..., dict[str, Any]], machines: Machines) -> None:
    """Step Functions guide, "Service quotas", and States.DataLimitExceeded in "Handling errors"."""
    ended = machines.run(states({"Caught": {"Type": "Pass", "Output": {}, "End": True}}), HALF)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")


@pytest.mark.parametrize(("names", "status"), [(["States.DataLimitExceeded"], "SUCCEEDED"), (["States.ALL"], "FAILED")])
def test_arguments_have_256_kib_at_most_and_all_does_not_catch_it(
    names: list[str], status: str, machines: Machines, queue: str
) -> None:
    """Step Functions guide, "Handling errors": States.ALL does not catch States.DataLimitExceeded."""
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": queue, "MessageBody": TWICE},
        "Catch": [{"ErrorEquals": names, "Next": "Caught"}],
        "End": True,
    }
    assert machines.run({"Send": task, "Caught": {"Type": "Pass", "Output": {}, "End": True}}, HALF)["status"] == status


def test_256_kib_to_the_byte_pass(machines: Machines) -> None:
    text = "x" * (256 * 1024 - len('{"a":""}'))
    states: dict[str, Any] = {
        "One": {"Type": "Pass", "Output": {"a": text}, "Next": "Two"},
        "Two": {**LAST, "Output": {}},
    }
    assert machines.run(states)["status"] == "SUCCEEDED"
    states["One"]["Output"] = {"a": text + "x"}
    assert machines.run(states)["error"] == "States.DataLimitExceeded"
