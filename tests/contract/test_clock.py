"""The emulated clock: one for everything that has a timestamp."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.clock import Clock, current
from localcloud.lambda_ import function_clock
from tests.contract.machines import FUNCTIONS, allow_everything, eventually


def test_time_runs_as_many_times_faster_as_asked_for() -> None:
    clock = Clock(factor=600)
    begun, before = time.monotonic(), clock.time()
    inner = time.monotonic()
    time.sleep(0.1)
    least = time.monotonic() - inner
    passed, most = clock.time() - before, time.monotonic() - begun
    assert 600 * least - 1 <= passed <= 600 * most + 1


def test_a_clock_starts_at_the_real_time() -> None:
    before, begun = time.time(), time.monotonic()
    started = Clock(factor=60).time()
    assert before - 1 <= started <= before + 60 * (time.monotonic() - begun) + 1


def test_sleeping_takes_the_factors_part_of_the_real_time() -> None:
    clock = Clock(factor=100)
    begun, emulated = time.monotonic(), clock.time()
    clock.sleep(10)
    assert time.monotonic() - begun >= 0.1
    assert clock.time() - emulated >= 10


def test_the_clouds_clock_is_the_one_in_use(cloud: LocalCloud) -> None:
    assert current() is cloud.clock


def group(cloud: LocalCloud) -> float:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="/clock/group")
    created = logs.describe_log_groups(logGroupNamePrefix="/clock/group")["logGroups"][0]
    return float(created["creationTime"]) / 1000


def table(cloud: LocalCloud) -> Any:
    return cloud.client("dynamodb").create_table(
        TableName="clock-table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )["TableDescription"]["CreationDateTime"]


def stack(cloud: LocalCloud) -> Any:
    client = cloud.client("cloudformation")
    template = '{"Resources": {"Topic": {"Type": "AWS::Logs::LogGroup"}}}'
    client.create_stack(StackName="clock-stack", TemplateBody=template)
    return client.describe_stacks(StackName="clock-stack")["Stacks"][0]["CreationTime"]


def machine(cloud: LocalCloud) -> Any:
    definition = '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'
    role = allow_everything(cloud, "states.amazonaws.com")
    created = cloud.client("stepfunctions").create_state_machine(
        name="clock-machine", definition=definition, roleArn=role
    )
    return created["creationDate"]


def function(cloud: LocalCloud) -> Any:
    cloud.create_function("clock-function", FUNCTIONS / "recorder")
    shown = cloud.client("lambda").get_function_configuration(FunctionName="clock-function")
    return datetime.fromisoformat(shown["LastModified"])


@pytest.mark.parametrize("make", [group, table, stack, machine, function])
def test_what_is_made_carries_the_emulated_time(cloud: LocalCloud, make: Callable[[LocalCloud], Any]) -> None:
    eventually(lambda: cloud.clock.time() - time.time() >= 120)  # far enough apart to be told from each other
    before = cloud.clock.time()
    made = make(cloud)
    seconds = made if isinstance(made, float) else made.astimezone(UTC).timestamp()
    assert before - 2 <= seconds <= cloud.clock.time() + 2


def test_functions_read_the_emulated_time_and_their_own_time_outs_are_real(cloud: LocalCloud) -> None:
    """Recover compares its own clock with times that other services wrote."""
    cloud.create_function("clock-reader", FUNCTIONS / "clock")

    def told() -> Any:
        answer = cloud.client("lambda").invoke(FunctionName="clock-reader")
        return json.loads(answer["Payload"].read())

    timeout = cloud.client("lambda").get_function_configuration(FunctionName="clock-reader")["Timeout"]
    before = cloud.clock.time()
    first = told()
    assert before - 1 <= first["now"] <= cloud.clock.time() + 1
    assert 0 < first["left"] <= timeout * 1000
    with function_clock.ahead(86_400):
        assert told()["now"] >= before + 86_400
    assert told()["now"] <= cloud.clock.time() + 1
