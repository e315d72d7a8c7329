"""Reserved and provisioned concurrency, and the limits on API calls (Lambda developer guide, "Lambda quotas")."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud, lambda_
from localcloud.lambda_ import lifecycle
from localcloud.lambda_.runtime import fleet
from tests.contract.lambda_calls import ARN, FUNCTIONS, HEALTHY, configuration, provisioned, publish, refused, until

INVALID = "InvalidParameterValueException"
NOT_FOUND = "ResourceNotFoundException"


def test_provisioned_concurrency_is_in_progress_and_then_ready(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("conc-ready", HEALTHY, alias="live")
    revision = configuration(client, "conc-ready", Qualifier="1")["RevisionId"]
    here = {"FunctionName": "conc-ready", "Qualifier": "1"}
    with lifecycle.settling_in(600):
        put = client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=2, **here)
    assert (put["ResponseMetadata"]["HTTPStatusCode"], put["Status"]) == (202, "IN_PROGRESS")
    assert put["AllocatedProvisionedConcurrentExecutions"] == 0
    got = provisioned(client, "conc-ready", "1")
    assert (got["Status"], got["AvailableProvisionedConcurrentExecutions"]) == ("READY", 2)
    assert configuration(client, "conc-ready", Qualifier="1")["RevisionId"] != revision
    (listed,) = client.list_provisioned_concurrency_configs(FunctionName="conc-ready")["ProvisionedConcurrencyConfigs"]
    assert listed["FunctionArn"] == f"{ARN}conc-ready:1"
    client.delete_provisioned_concurrency_config(**here)
    assert refused(client.get_provisioned_concurrency_config, **here) == (
        "ProvisionedConcurrencyConfigNotFoundException",
        404,
        "No Provisioned Concurrency Config found for this function",
    )


def test_provisioned_concurrency_of_code_that_cannot_start_fails(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("conc-failed", FUNCTIONS / "import_error")
    publish(client, "conc-failed")
    client.put_provisioned_concurrency_config(
        FunctionName="conc-failed", Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    got = until(
        lambda: client.get_provisioned_concurrency_config(FunctionName="conc-failed", Qualifier="1"),
        lambda seen: seen["Status"] == "FAILED",
    )
    assert got["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"


def test_an_alias_and_its_version_exclude_each_other(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("conc-either", HEALTHY, alias="live")
    version = {"FunctionName": "conc-either", "Qualifier": "1", "ProvisionedConcurrentExecutions": 1}
    alias = {**version, "Qualifier": "live"}
    client.put_provisioned_concurrency_config(**version)
    assert refused(client.put_provisioned_concurrency_config, **alias) == (
        "ResourceConflictException",
        409,
        "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    )
    client.delete_provisioned_concurrency_config(FunctionName="conc-either", Qualifier="1")
    client.put_provisioned_concurrency_config(**alias)
    assert refused(client.put_provisioned_concurrency_config, **version) == (
        "ResourceConflictException",
        409,
        "Version is pointed by a Provisioned Concurrency alias",
    )


def test_an_alias_with_weights_cannot_be_provisioned(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("conc-weights", HEALTHY, alias="live")
    publish(client, "conc-weights", Timeout=4)
    weights = {"AdditionalVersionWeights": {"2": 0.1}}
    client.update_alias(FunctionName="conc-weights", Name="live", RoutingConfig=weights)
    here = {"FunctionName": "conc-weights", "Qualifier": "live", "ProvisionedConcurrentExecutions": 1}
    assert refused(client.put_provisioned_concurrency_config, **here) == (
        INVALID,
        400,
        "Alias with weights can not be used with Provisioned Concurrency",
    )
    client.update_alias(FunctionName="conc-weights", Name="live", RoutingConfig={"AdditionalVersionWeights": {}})
    client.put_provisioned_concurrency_config(**here)
    provisioned(client, "conc-weights", "live")
    assert refused(client.update_alias, FunctionName="conc-weights", Name="live", RoutingConfig=weights)[0] == INVALID
    with lifecycle.settling_in(600):
        client.update_alias(FunctionName="conc-weights", Name="live", FunctionVersion="2")
        status = client.get_provisioned_concurrency_config(FunctionName="conc-weights", Qualifier="live")["Status"]
    assert status == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("qualifier", "requested", "expected"),
    [
        (
            "$LATEST",
            1,
            (INVALID, "Provisioned Concurrency Configs cannot be applied to unpublished function versions."),
        ),
        ("none", 1, (NOT_FOUND, f"Cannot find alias arn: {ARN}conc-refused:none")),
        ("10", 1, (NOT_FOUND, f"Function not found: {ARN}conc-refused:10")),
        ("1", 100_000, (INVALID, "greater than account's unreserved concurrency [")),
        ("1", 950, (INVALID, "below its minimum value of [100].")),
    ],
)
def test_what_cannot_be_provisioned_is_refused_in_aws_s_words(
    cloud: LocalCloud, client: Any, qualifier: str, requested: int, expected: tuple[str, str]
) -> None:
    if not any(f["FunctionName"] == "conc-refused" for f in client.list_functions()["Functions"]):
        cloud.create_function("conc-refused", HEALTHY, alias="live")
    name, _, message = refused(
        client.put_provisioned_concurrency_config,
        FunctionName="conc-refused",
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=requested,
    )
    assert name == expected[0]
    assert expected[1] in message


def test_no_reserved_concurrency_throttles_every_invocation(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("conc-zero", HEALTHY)
    client.put_function_concurrency(FunctionName="conc-zero", ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
        client.invoke(FunctionName="conc-zero")
    response = caught.value.response
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert response["Error"]["Message"] == "Rate Exceeded."
    told = next(it for it in reversed(cloud.invocations) if it.function_name == "conc-zero")
    assert (told.throttled, told.error_type) == (True, None)
    client.delete_function_concurrency(FunctionName="conc-zero")
    assert client.invoke(FunctionName="conc-zero")["StatusCode"] == 200
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="conc-zero")


def test_reserved_concurrency_bounds_what_runs_at_a_time(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("conc-two", FUNCTIONS / "slow")
    client.put_function_concurrency(FunctionName="conc-two", ReservedConcurrentExecutions=2)
    assert client.get_function(FunctionName="conc-two")["Concurrency"] == {"ReservedConcurrentExecutions": 2}
    assert _throttled_of(client, "conc-two", 4) == 2


def test_without_a_reservation_this_machine_has_a_bound_too(
    cloud: LocalCloud, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "CONCURRENCY_LIMIT", 3)
    cloud.create_function("conc-bound", FUNCTIONS / "slow")
    assert _throttled_of(client, "conc-bound", 4) == 1


def _throttled_of(client: Any, name: str, count: int) -> int:
    """Invoke so often at once; how many were throttled."""

    def throttled(_: int) -> bool:
        try:
            client.invoke(FunctionName=name, Payload=b'{"seconds": 1}')
        except client.exceptions.TooManyRequestsException:
            return True
        return False

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(throttled, range(count)))


def test_reserved_concurrency_is_for_whole_functions(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("conc-whole", HEALTHY, alias="live")
    name, code, message = refused(
        client.put_function_concurrency, FunctionName=f"{ARN}conc-whole:live", ReservedConcurrentExecutions=1
    )
    assert (name, code) == (INVALID, 400)
    assert message.startswith("This operation is permitted on Lambda functions only.")


@pytest.fixture
def full_buckets() -> Iterator[None]:
    lambda_.throttle.configure()
    yield
    lambda_.throttle.configure()


def _answered(calls: int, call: Any) -> list[dict[str, Any]]:
    """Make so many calls; the errors among the answers."""
    errors = []
    for _ in range(calls):
        try:
            call()
        except ClientError as error:
            errors.append(dict(error.response))
    return errors


@pytest.mark.usefixtures("full_buckets")
def test_the_control_plane_takes_15_calls_a_second_whatever_the_calls(cloud: LocalCloud) -> None:
    cloud.create_function("conc-rate", HEALTHY, alias="live")
    client = cloud.client("lambda")
    lambda_.throttle.configure(burst=5)
    began = time.monotonic()
    errors = _answered(20, lambda: client.get_alias(FunctionName="conc-rate", Name="live"))
    errors += _answered(20, lambda: client.get_function_configuration(FunctionName="conc-rate"))
    passed = 40 - len(errors)
    assert 5 <= passed <= 6 + 15 * (time.monotonic() - began)
    assert {error["Error"]["Code"] for error in errors} == {"TooManyRequestsException"}
    assert {error["Reason"] for error in errors} == {"CallerRateLimitExceeded"}
    assert {error["ResponseMetadata"]["HTTPStatusCode"] for error in errors} == {429}
    assert {error["ResponseMetadata"]["HTTPHeaders"]["retry-after"] for error in errors} == {"1"}


@pytest.mark.usefixtures("full_buckets")
def test_get_function_and_invoke_do_not_count_among_them(cloud: LocalCloud) -> None:
    cloud.create_function("conc-apart", HEALTHY)
    client = cloud.client("lambda")
    lambda_.throttle.configure(control_plane=0.001, burst=1)
    client.get_function_configuration(FunctionName="conc-apart")
    assert not _answered(10, lambda: client.invoke(FunctionName="conc-apart"))
    client.get_function(FunctionName="conc-apart")
    assert len(_answered(3, lambda: client.get_function_configuration(FunctionName="conc-apart"))) == 3
    with lambda_.throttle.off():
        assert not _answered(3, lambda: client.get_function_configuration(FunctionName="conc-apart"))
