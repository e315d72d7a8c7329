"""Faults: what a caller sees when a call is made to go wrong, and what has happened by then."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from localcloud import LocalCloud
from localcloud.faults import Effect, Fault, TaskFault, task_timeout
from tests.contract.acting import allow, client_of, make_role
from tests.contract.machines import PATIENCE_SECONDS

TABLE = "faults"


@pytest.fixture(autouse=True)
def _no_faults_left(cloud: LocalCloud) -> Iterator[None]:
    yield
    cloud.faults.clear()


@pytest.fixture(scope="module")
def items(cloud: LocalCloud) -> Any:
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return cloud.client("dynamodb")


def put(items: Any, name: str) -> None:
    items.put_item(TableName=TABLE, Item={"id": {"S": name}})


def is_there(items: Any, name: str) -> bool:
    return "Item" in items.get_item(TableName=TABLE, Key={"id": {"S": name}})


def on_put(effect: Effect, **rest: Any) -> Fault:
    """Name the table: functions of other tests on this cloud put items, too."""
    return Fault(**{"service": "dynamodb", "action": "PutItem", "effect": effect, "resource": TABLE, **rest})


ENTRY = {"Source": "s", "DetailType": "d", "Detail": "{}"}
ANSWERS: list[tuple[str, str, str, dict[str, Any], tuple[str, int], tuple[str, int]]] = [
    (
        "lambda",
        "GetFunction",
        "get_function",
        {"FunctionName": "x"},
        ("ServiceException", 500),
        ("TooManyRequestsException", 429),
    ),
    (
        "dynamodb",
        "ListTables",
        "list_tables",
        {},
        ("InternalServerError", 500),
        ("ProvisionedThroughputExceededException", 400),
    ),
    ("cloudwatch", "ListMetrics", "list_metrics", {}, ("InternalServiceError", 500), ("Throttling", 400)),
    (
        "stepfunctions",
        "ListStateMachines",
        "list_state_machines",
        {},
        ("InternalFailure", 500),
        ("ThrottlingException", 400),
    ),
    (
        "events",
        "PutEvents",
        "put_events",
        {"Entries": [ENTRY]},
        ("InternalException", 500),
        ("ThrottlingException", 400),
    ),
    ("iam", "ListRoles", "list_roles", {}, ("ServiceFailure", 500), ("Throttling", 400)),
    ("s3", "ListBuckets", "list_buckets", {}, ("InternalError", 500), ("SlowDown", 503)),
    ("ssm", "GetParameter", "get_parameter", {"Name": "x"}, ("InternalServerError", 500), ("ThrottlingException", 400)),
]


@pytest.mark.parametrize(("service", "action", "operation", "arguments", "failed", "throttled"), ANSWERS)
def test_each_service_fails_and_throttles_with_its_own_errors(
    cloud: LocalCloud,
    service: str,
    action: str,
    operation: str,
    arguments: dict[str, Any],
    failed: tuple[str, int],
    throttled: tuple[str, int],
) -> None:
    for effect, expected in ((Effect.FAIL, failed), (Effect.THROTTLE, throttled)):
        cloud.faults.add(Fault(service, action, effect))
        with pytest.raises(ClientError) as raised:
            getattr(cloud.client(service), operation)(**arguments)
        answer = raised.value.response
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == expected


def test_a_table_can_be_as_if_it_were_not_there(cloud: LocalCloud) -> None:
    cloud.faults.add(Fault("dynamodb", "GetItem", Effect.GONE))
    client = cloud.client("dynamodb")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Requested resource not found"):
        client.get_item(TableName="x", Key={"pk": {"S": "x"}})


def test_lambda_throttles_with_a_reason_and_when_to_come_again(cloud: LocalCloud) -> None:
    cloud.faults.add(Fault("lambda", "UpdateAlias", Effect.THROTTLE))
    client = cloud.client("lambda")
    with pytest.raises(client.exceptions.TooManyRequestsException) as throttled:
        client.update_alias(FunctionName="x", Name="live", FunctionVersion="1")
    assert throttled.value.response["Reason"] == "CallerRateLimitExceeded"
    assert throttled.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"


def test_fail_does_nothing_and_fail_after_does_it_all(cloud: LocalCloud, items: Any) -> None:
    cloud.faults.add(on_put(Effect.FAIL))
    with pytest.raises(items.exceptions.InternalServerError):
        put(items, "fail")
    cloud.faults.add(on_put(Effect.FAIL_AFTER))
    with pytest.raises(items.exceptions.InternalServerError):
        put(items, "fail-after")
    assert not is_there(items, "fail")
    assert is_there(items, "fail-after")


def test_a_lost_answer_closes_the_connection_of_a_call_that_was_carried_out(cloud: LocalCloud, items: Any) -> None:
    cloud.faults.add(on_put(Effect.LOST_AFTER))
    with pytest.raises(ConnectionClosedError):
        put(items, "lost")
    assert is_there(items, "lost")


def test_a_lost_answer_may_let_the_client_time_out_first(cloud: LocalCloud, items: Any) -> None:
    cloud.faults.add(on_put(Effect.LOST_AFTER, seconds=1.0))
    role = make_role(cloud, "faults-impatient", allow("dynamodb:*"))
    impatient = client_of(cloud, role, "dynamodb", config=Config(read_timeout=0.2))
    with pytest.raises(ReadTimeoutError):
        put(impatient, "lost-late")
    assert is_there(items, "lost-late")


@pytest.mark.parametrize(("effect", "seconds"), [(Effect.SLOW, 0.3), (Effect.DELAY, 18.0)], ids=["real", "emulated"])
def test_a_slow_call_goes_through_late(effect: Effect, seconds: float, cloud: LocalCloud, items: Any) -> None:
    cloud.faults.add(on_put(effect, seconds=seconds))
    started = time.monotonic()
    put(items, effect.name)
    assert time.monotonic() - started >= 0.3
    assert is_there(items, effect.name)


def test_a_held_call_waits_until_it_is_released(cloud: LocalCloud, items: Any) -> None:
    held = cloud.faults.add(on_put(Effect.HOLD))
    with ThreadPoolExecutor() as pool:
        call = pool.submit(put, items, "held")
        assert held.waiting.wait(PATIENCE_SECONDS)
        assert not is_there(items, "held")
        held.release()
        call.result(PATIENCE_SECONDS)
    assert is_there(items, "held")


def test_taking_one_fault_away_lets_its_calls_go_and_leaves_the_others(cloud: LocalCloud, items: Any) -> None:
    held = cloud.faults.add(on_put(Effect.HOLD))
    cloud.faults.add(on_put(Effect.FAIL))
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(put, items, "released")
        assert held.waiting.wait(PATIENCE_SECONDS)
        cloud.faults.remove(held)
        answer.result(PATIENCE_SECONDS)
    with pytest.raises(items.exceptions.InternalServerError):
        put(items, "next")


def test_clearing_the_faults_lets_held_calls_go(cloud: LocalCloud, items: Any) -> None:
    held = cloud.faults.add(on_put(Effect.HOLD))
    with ThreadPoolExecutor() as pool:
        call = pool.submit(put, items, "held-and-cleared")
        assert held.waiting.wait(PATIENCE_SECONDS)
        cloud.faults.clear()
        call.result(PATIENCE_SECONDS)


def test_what_was_added_within_a_scope_ends_with_it(cloud: LocalCloud, items: Any) -> None:
    outside = cloud.faults.add(on_put(Effect.FAIL, skip=1))
    with ThreadPoolExecutor() as pool:
        with cloud.faults.scope():
            held = cloud.faults.add(on_put(Effect.HOLD, times=None))
            call = pool.submit(put, items, "held-in-a-scope")
            assert held.waiting.wait(PATIENCE_SECONDS)
        call.result(PATIENCE_SECONDS)
    with pytest.raises(items.exceptions.InternalServerError):
        put(items, "next")
    assert (held.hits, outside.hits) == (1, 1)


def test_the_first_calls_may_be_spared_and_the_rest_go_wrong_so_many_times(cloud: LocalCloud, items: Any) -> None:
    injected = cloud.faults.add(on_put(Effect.FAIL, skip=1, times=2))
    outcomes = []
    for number in range(4):
        try:
            put(items, f"skip-{number}")
            outcomes.append("done")
        except ClientError:
            outcomes.append("failed")
    assert outcomes == ["done", "failed", "failed", "done"]
    assert injected.hits == 2


def test_a_fault_of_any_service_and_action_counts_them_all(cloud: LocalCloud, items: Any) -> None:
    injected = cloud.faults.add(Fault("*", "*", Effect.FAIL, skip=1))
    cloud.client("lambda").list_functions()
    with pytest.raises(items.exceptions.InternalServerError):
        put(items, "any")
    assert (injected.seen, injected.hits) == (2, 1)


def test_two_faults_on_one_call_strike_one_after_the_other(cloud: LocalCloud, items: Any) -> None:
    cloud.faults.add(on_put(Effect.THROTTLE))
    cloud.faults.add(on_put(Effect.FAIL))
    with pytest.raises(items.exceptions.ProvisionedThroughputExceededException):
        put(items, "two")
    with pytest.raises(items.exceptions.InternalServerError):
        put(items, "two")
    put(items, "two")


def test_a_fault_strikes_only_its_role_and_its_resource(cloud: LocalCloud, items: Any) -> None:
    role = make_role(cloud, "faults-shift", allow("dynamodb:*"))
    cloud.faults.add(on_put(Effect.FAIL, role="faults-shift", resource="table/faults", times=None))
    put(items, "administrator")
    with pytest.raises(ClientError, match="InternalServerError"):
        put(client_of(cloud, role, "dynamodb"), "role")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client_of(cloud, role, "dynamodb").put_item(TableName="other", Item={"id": {"S": "1"}})


def test_a_refused_call_does_not_use_a_fault_up(cloud: LocalCloud) -> None:
    injected = cloud.faults.add(on_put(Effect.FAIL))
    role = make_role(cloud, "faults-refused")
    with pytest.raises(ClientError, match="AccessDenied"):
        put(client_of(cloud, role, "dynamodb"), "refused")
    assert injected.hits == 0


WRITER = """
import boto3
items = boto3.client("dynamodb")
def handler(event, context):
    items.put_item(TableName="faults", Item={"id": {"S": event["id"]}})
    return "lived"
"""


@pytest.fixture(scope="module")
def writer(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("writer")
    (folder / "app.py").write_text(WRITER)
    cloud.create_function("faults-writer", folder, timeout=30)
    return "faults-writer"


@pytest.mark.parametrize(("effect", "carried_out"), [(Effect.KILL_BEFORE, False), (Effect.KILL_AFTER, True)])
def test_a_killed_function_dies_before_or_after_its_call(
    cloud: LocalCloud, items: Any, writer: str, effect: Effect, carried_out: bool
) -> None:
    cloud.faults.add(on_put(effect))
    answer = cloud.client("lambda").invoke(FunctionName=writer, Payload=json.dumps({"id": effect.name}))
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "Runtime.ExitError"
    assert is_there(items, effect.name) == carried_out
    again = cloud.client("lambda").invoke(FunctionName=writer, Payload=json.dumps({"id": "again"}))
    assert json.load(again["Payload"]) == "lived"


def test_a_task_is_made_to_time_out_in_its_state_and_execution(cloud: LocalCloud) -> None:
    injected = cloud.faults.add_task(TaskFault("Shift traffic", execution="release-7", skip=1))
    assert not task_timeout("Shift traffic", "release-8")
    assert not task_timeout("Publish", "release-7")
    assert not task_timeout("Shift traffic", "release-7")
    assert task_timeout("Shift traffic", "release-7")
    assert not task_timeout("Shift traffic", "release-7")
    assert injected.hits == 1
