"""Step Functions: Tasks that invoke Lambda functions, and the ways in which they go wrong."""

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.faults import Effect, Fault, Injected, TaskFault
from localcloud.lambda_.invocation import Invocation
from tests.contract.machines import FUNCTIONS, PATIENCE_SECONDS, Machines, allow_everything, eventually, policy

FUNCTION = "sfn-worker"
TABLE = "sfn-tasks"
INVOKE = "arn:aws:states:::lambda:invoke"

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def machines(cloud: LocalCloud) -> Machines:
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    worker = FUNCTIONS / "worker"
    cloud.create_function(FUNCTION, worker, timeout=10, environment={"TABLE": TABLE}, alias="live")
    cloud.create_function("sfn-short", worker, timeout=1, environment={"TABLE": TABLE})
    return Machines(cloud)


def task(payload: Any = "{% $states.input %}", function: str = FUNCTION, **fields: Any) -> dict[str, Any]:
    arguments = {"FunctionName": function, "Payload": payload}
    going_on = {} if "Next" in fields else {"End": True}
    return {"Type": "Task", "Resource": INVOKE, "Arguments": arguments, "TimeoutSeconds": 20, **fields, **going_on}


def written(cloud: LocalCloud, key: str) -> bool:
    return "Item" in cloud.client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": key}})


@contextmanager
def running_on(cloud: LocalCloud, key: str) -> Iterator[Injected]:
    """Have the worker run until it is left: it waits to write its key; then wait until it has ended."""

    def ended() -> list[Invocation]:
        return [run for run in list(cloud.invocations) if run.function_name == FUNCTION]

    before = len(ended())
    held = cloud.faults.add(Fault("dynamodb", "PutItem", Effect.HOLD, body=key, times=None))
    try:
        yield held
    finally:
        held.release()
        cloud.faults.remove(held)
    eventually(lambda: len(ended()) > before)


def test_a_task_gives_arguments_and_takes_the_result(machines: Machines) -> None:
    states = {
        "Do": task(
            {"answer": {"n": "{% $states.input.n + 1 %}"}},
            Assign={"kept": "{% $states.result.Payload.n %}"},
            Output={"result": "{% $states.result.Payload %}", "status": "{% $states.result.StatusCode %}"},
            Next="Show",
        ),
        "Show": {"Type": "Pass", "Output": {"in": "{% $states.input %}", "kept": "{% $kept %}"}, "End": True},
    }
    shown = machines.output(states, {"n": 4})
    assert shown == {"in": {"result": {"n": 5}, "status": 200}, "kept": 5}


def test_a_task_may_name_a_version_by_its_arn(machines: Machines, cloud: LocalCloud) -> None:
    arn = cloud.client("lambda").get_function(FunctionName=FUNCTION, Qualifier="1")["Configuration"]["FunctionArn"]
    states = {"Do": task({"answer": 1}, arn, Output="{% $states.result.ExecutedVersion %}")}
    assert machines.output(states) == "1"


def test_the_history_of_a_task_is_complete(machines: Machines) -> None:
    execution = machines.start({"Do": task({"answer": 1})})
    machines.ended(execution)
    events = machines.history(execution)
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert events[2]["taskScheduledEventDetails"]["resource"] == "invoke"
    assert events[2]["taskScheduledEventDetails"]["timeoutInSeconds"] == 20
    assert [event["previousEventId"] for event in events] == [0, 0, 2, 3, 4, 5, 6]


def test_an_exception_is_caught_by_its_class_name(machines: Machines) -> None:
    caught = {
        "ErrorEquals": ["TooColdError"],
        "Assign": {"error": "{% $states.errorOutput.Error %}"},
        "Output": {"cause": "{% $parse($states.errorOutput.Cause) %}"},
        "Next": "Caught",
    }
    states = {
        "Do": task({"raise": 'minus "10"'}, Catch=[caught]),
        "Caught": {"Type": "Pass", "Output": {"error": "{% $error %}", "in": "{% $states.input %}"}, "End": True},
    }
    output = machines.output(states)
    assert output["error"] == "TooColdError"
    assert output["in"]["cause"]["errorMessage"] == 'minus "10"'
    assert set(output["in"]["cause"]) >= {"errorMessage", "errorType", "requestId", "stackTrace"}


@pytest.mark.parametrize("field", [{"Assign": {"x": "{% $nope %}"}}, {"Output": "{% $nope %}"}])
def test_a_query_that_fails_after_the_task_is_in_the_history_once(machines: Machines, field: dict[str, Any]) -> None:
    execution = machines.start({"Do": task({"answer": 1}, **field)})
    assert machines.ended(execution)["error"] == "States.QueryEvaluationError"
    assert [event["type"] for event in machines.history(execution)][-3:] == [
        "TaskSucceeded",
        "EvaluationFailed",
        "ExecutionFailed",
    ]


def test_a_query_that_fails_before_the_task_can_be_caught(machines: Machines) -> None:
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Caught"}]
    states = {"Do": task("{% $states.input.nope %}", Catch=catch), "Caught": {"Type": "Succeed"}}
    assert machines.run(states)["status"] == "SUCCEEDED"


def test_an_exception_nobody_catches_fails_the_execution(machines: Machines) -> None:
    ended = machines.run({"Do": task({"raise": "no"})})
    assert (ended["status"], ended["error"]) == ("FAILED", "TooColdError")
    assert json.loads(ended["cause"])["errorMessage"] == "no"


@pytest.mark.parametrize(
    ("function", "error"),
    [("sfn-nobody", "Lambda.ResourceNotFoundException"), ("sfn-short", "Sandbox.Timedout")],
)
def test_what_goes_wrong_around_the_handler_has_aws_names(machines: Machines, function: str, error: str) -> None:
    assert machines.run({"Do": task({"sleep": 3}, function)})["error"] == error


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (Effect.THROTTLE, "Lambda.TooManyRequestsException"),
        (Effect.FAIL, "Lambda.ServiceException"),
        (Effect.FAIL_AFTER, "Lambda.ServiceException"),
    ],
)
def test_faults_of_lambda_have_the_names_to_retry_by(
    machines: Machines, cloud: LocalCloud, effect: Effect, error: str
) -> None:
    cloud.faults.add(Fault("lambda", "Invoke", effect, resource=FUNCTION))
    try:
        assert machines.run({"Do": task({"answer": 1})})["error"] == error
    finally:
        cloud.faults.clear()


def test_a_lost_connection_is_an_sdk_error(machines: Machines, cloud: LocalCloud) -> None:
    cloud.faults.add(Fault("lambda", "Invoke", Effect.LOST_AFTER, resource=FUNCTION))
    try:
        assert machines.run({"Do": task({"answer": 1})})["error"] == "Lambda.SdkClientException"
    finally:
        cloud.faults.clear()


def test_retries_wait_on_the_emulated_clock_until_it_works(machines: Machines) -> None:
    retry = {
        "ErrorEquals": ["TooColdError"],
        "IntervalSeconds": 10,
        "BackoffRate": 4,
        "MaxDelaySeconds": 20,
        "MaxAttempts": 3,
    }
    payload = {
        "fail_until": 3,
        "counter": f"retry-{next(_numbers)}",
        "answer": "{% $states.context.State.RetryCount %}",
    }
    execution = machines.start({"Do": task(payload, Retry=[retry], Output="{% $states.result.Payload %}")})
    ended = machines.ended(execution)
    assert (ended["status"], ended.get("output")) == ("SUCCEEDED", "2")
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() >= 30
    assert [event["type"] for event in machines.history(execution)].count("TaskFailed") == 2


def test_retries_end_and_then_the_error_is_caught(machines: Machines) -> None:
    retry = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "JitterStrategy": "FULL"}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {"Do": task({"raise": "x"}, Retry=[retry], Catch=catch), "Caught": {"Type": "Succeed"}}
    execution = machines.start(states)
    assert machines.ended(execution)["status"] == "SUCCEEDED"
    assert [event["type"] for event in machines.history(execution)].count("TaskFailed") == 3


def test_a_function_runs_on_after_its_task_has_timed_out(machines: Machines, cloud: LocalCloud) -> None:
    key = f"late-{next(_numbers)}"
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Caught"}]
    with running_on(cloud, key) as held:
        do = task({"put": key}, TimeoutSeconds=1, Catch=catch)
        execution = machines.start({"Do": do, "Caught": {"Type": "Succeed"}})
        assert machines.ended(execution)["status"] == "SUCCEEDED"
        before = machines.history(execution)
        assert held.waiting.wait(PATIENCE_SECONDS)
        assert not written(cloud, key)
    assert written(cloud, key)
    assert machines.history(execution) == before


def test_a_function_runs_on_after_its_execution_was_stopped(machines: Machines, cloud: LocalCloud) -> None:
    key = f"late-{next(_numbers)}"
    with running_on(cloud, key) as held:
        execution = machines.start({"Do": task({"put": key})})
        assert held.waiting.wait(PATIENCE_SECONDS)
        machines.client.stop_execution(executionArn=execution)
        assert machines.client.describe_execution(executionArn=execution)["status"] == "ABORTED"
        assert not written(cloud, key)
    assert written(cloud, key)
    assert machines.client.describe_execution(executionArn=execution)["status"] == "ABORTED"
    assert machines.history(execution)[-1]["type"] == "ExecutionAborted"


def test_a_task_can_be_made_to_time_out_while_its_function_runs_on(machines: Machines, cloud: LocalCloud) -> None:
    key = f"late-{next(_numbers)}"
    cloud.faults.add_task(TaskFault(state="Shift it"))
    try:
        ended = machines.run({"Shift it": task({"sleep": 0.5, "put": key})})
    finally:
        cloud.faults.clear()
    assert ended["error"] == "States.Timeout"
    eventually(lambda: written(cloud, key))


def test_a_task_acts_in_the_role_of_its_state_machine(machines: Machines, cloud: LocalCloud) -> None:
    role = allow_everything(cloud, "states.amazonaws.com")
    name = role.rsplit("/", 1)[-1]
    other = policy({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:*:*:function:x"})
    cloud.client("iam").put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=other)
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Do", "States": {"Do": task({})}})
    arn = machines.client.create_state_machine(name="sfn-narrow", definition=definition, roleArn=role)
    started = machines.client.start_execution(stateMachineArn=arn["stateMachineArn"])
    ended = machines.ended(started["executionArn"])
    assert ended["error"] == "Lambda.AccessDeniedException"
    assert "not authorized to perform: lambda:InvokeFunction" in ended["cause"]


def test_a_map_of_tasks_invokes_for_each_item(machines: Machines) -> None:
    states = {
        "Each": {
            "Type": "Map",
            "Items": "{% [1..6] %}",
            "MaxConcurrency": 3,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Do",
                "States": {"Do": task({"answer": "{% $states.input * 2 %}"}, Output="{% $states.result.Payload %}")},
            },
            "End": True,
        }
    }
    assert machines.output(states) == [2, 4, 6, 8, 10, 12]


def test_ten_executions_invoke_at_the_same_time(machines: Machines) -> None:
    states = {"Do": task({"answer": "{% $states.input.n %}"}, Output="{% $states.result.Payload %}")}
    with ThreadPoolExecutor(10) as many:
        assert list(many.map(lambda n: machines.output(states, {"n": n}), range(10))) == list(range(10))


def test_a_redriven_execution_tries_the_failed_task_again(machines: Machines) -> None:
    counter = f"redrive-{next(_numbers)}"
    states = {
        "First": {"Type": "Pass", "Assign": {"kept": "here"}, "Next": "Do"},
        "Do": task(
            {"fail_until": 2, "counter": counter, "answer": "{% $kept %}"}, Output="{% $states.result.Payload %}"
        ),
    }
    failed = machines.run(states)
    assert failed["status"] == "FAILED"
    machines.client.redrive_execution(executionArn=failed["executionArn"])
    ended = machines.ended(failed["executionArn"])
    assert (ended["status"], ended["output"], ended["redriveCount"]) == ("SUCCEEDED", '"here"', 1)
    assert machines.entered(failed["executionArn"]) == ["First", "Do", "Do"]
