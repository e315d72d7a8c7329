"""What a request becomes: defaults, both forms, the parameters for AWS."""

from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from tidegate.domain.request.hooks import Hooks
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import parse_request
from tidegate.domain.request.wording import fields

OPEN = Limits("*", "tidegate-", allow_code=True, allow_configuration=True, allow_keep=True, roles=("*",))


def read(**fields: Any) -> Request:
    return parse_request({"function": "checkout", **fields}, limits=OPEN)


def test_the_smallest_request_releases_latest_through_live_guarded() -> None:
    request = read()
    (target,) = request.targets
    assert (target.function, target.alias, target.changes, target.version) == ("checkout", "live", (), None)
    assert (target.wave, target.create_alias, target.again) == (1, False, False)
    assert request.strategy.name == "guarded"
    assert request.analysis.model_dump(by_alias=False, exclude={"metrics", "after"}) == {
        "alarms": (),
        "fast": True,
        "alpha": 0.05,
        "mde": 0.02,
        "min_effect": 0.001,
        "max_bake_minutes": "15m",
        "on_inconclusive": "hold",
        "max_hold_minutes": "24h",
        "on_hold_expired": "rollback",
        "on_idle": "promote",
    }
    assert (request.analysis.max_bake_minutes, request.analysis.max_hold_minutes) == (15, 24 * 60)
    assert (request.labels, request.dry_run) == ({}, False)


def test_both_forms_mean_the_same() -> None:
    short = read(wave=2, strategy="canary-10-5m", labels={"commit": "4f2c"}, dry_run=True)
    listed = {
        "targets": [{"function": "checkout", "wave": 2}],
        "strategy": "canary-10-5m",
        "labels": {"commit": "4f2c"},
        "dry_run": True,
    }
    assert short == parse_request(listed, limits=OPEN)


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"
HERE = Limits("*", "tidegate-", account="123456789012", region="eu-west-1")


@pytest.mark.parametrize("name", ["checkout", "123456789012:function:checkout", ARN])
def test_a_function_may_be_named_by_its_arn_and_with_its_alias(name: str) -> None:
    (target,) = parse_request({"function": name}, limits=HERE).targets
    assert (target.function, target.alias) == ("checkout", "live")
    (target,) = parse_request({"targets": [{"function": f"{name}:beta"}]}, limits=HERE).targets
    assert (target.function, target.alias) == ("checkout", "beta")
    assert parse_request({"function": f"{name}:beta", "alias": "beta"}, limits=HERE).targets == (target,)


def test_what_editors_people_and_step_functions_add_to_a_request_is_ignored() -> None:
    notes = {"$schema": "request.schema.json", "Comment": "nightly"}
    by_parent = {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn:aws:states:eu-west-1:123456789012:execution:a:b"}
    assert read(**notes, **by_parent) == read()
    assert parse_request({"targets": [{"function": "checkout"}], **notes}, limits=OPEN) == read()


def test_the_defaults_of_a_deployment_yield_to_the_request() -> None:
    defaults: dict[str, Any] = {"default_strategy": "linear-20-1m", "default_alias": "production"}
    request = parse_request(
        {"targets": [{"function": "a"}, {"function": "b", "alias": "beta"}]}, limits=OPEN, **defaults
    )
    assert request.strategy.name == "linear-20-1m"
    assert [target.alias for target in request.targets] == ["production", "beta"]
    assert parse_request({"function": "a", "strategy": "guarded"}, limits=OPEN, **defaults).strategy.name == "guarded"


def test_a_named_strategy_promotes_without_waiting_unless_the_request_says_otherwise() -> None:
    plain = read(strategy="canary-10-5m").analysis
    assert (plain.on_inconclusive, plain.max_bake_minutes) == ("promote", None)
    asked = read(strategy="canary-10-5m", analysis={"on_inconclusive": "rollback", "max_bake": "1h"}).analysis
    assert (asked.on_inconclusive, asked.max_bake_minutes) == ("rollback", 60)


@pytest.mark.parametrize("version", [42, "42"])
def test_a_version_is_a_number_however_it_is_written(version: object) -> None:
    assert read(version=version).targets[0].version == "42"


def test_null_is_a_payload_and_an_answer_and_differs_from_none_given() -> None:
    assert not read().targets[0].probe.has_payload
    given = read(probe={"payload": None, "expect": None}).targets[0].probe
    assert (given.has_payload, given.has_expect) == (True, True)


def test_a_probe_makes_one_call_or_those_it_lists() -> None:
    assert [call.payload for call in read(probe={"payload": 7}).targets[0].probe.invocations] == [7]
    calls = read(probe={"calls": [{"payload": 7}, {}]}).targets[0].probe.invocations
    assert [call.has_payload for call in calls] == [True, False]


def test_code_and_configuration_are_changed_in_this_order() -> None:
    target = read(configuration={"memory_size": 512}, code={"s3_bucket": "builds", "s3_key": "a.zip"}).targets[0]
    assert target.changes == ("code", "configuration")


def test_references_are_kept_apart_from_what_aws_is_told() -> None:
    variables = {"LOG_LEVEL": {"ssm": "/shop/level"}, "PASSWORD": {"secret": "shop", "key": "password"}}
    configuration = read(configuration={"timeout": 3, "environment": variables}).targets[0].configuration
    assert configuration is not None
    assert configuration.api_parameters() == {"Timeout": 3}
    assert configuration.environment is not None
    assert configuration.environment["LOG_LEVEL"].ssm == "/shop/level"
    assert configuration.environment["PASSWORD"].key == "password"


def everything() -> dict[str, Any]:
    """Give every setting there is, by the examples of their fields."""
    place = ("targets", "configuration")
    return {
        path[2]: field.examples[0]
        for path, field in fields().items()
        if path[:2] == place and len(path) == 3 and field.examples
    }


def test_every_setting_has_the_name_and_kind_that_lambda_asks_for() -> None:
    configuration = read(configuration=everything()).targets[0].configuration
    assert configuration is not None
    sent = {"FunctionName": "checkout", **configuration.api_parameters()}
    assert _complaints("UpdateFunctionConfiguration", sent) == ""
    assert len(sent) == len(everything())  # Environment is missing, FunctionName is there


@pytest.mark.parametrize(
    "code",
    [
        {"s3_bucket": "builds", "s3_key": "a.zip", "s3_object_version": "7"},
        {"image_uri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:" + "0" * 64},
    ],
)
def test_code_has_the_names_that_lambda_asks_for(code: dict[str, str]) -> None:
    read_code = read(code=code).targets[0].code
    assert read_code is not None
    sent = read_code.api_parameters()
    assert len(sent) == len(code)
    assert _complaints("UpdateFunctionCode", {"FunctionName": "checkout", **sent}) == ""


def _complaints(operation: str, parameters: dict[str, Any]) -> str:
    model = botocore.session.get_session().get_service_model("lambda").operation_model(operation)
    assert model.input_shape
    report: str = ParamValidator().validate(parameters, model.input_shape).generate_report()
    return report


def test_the_example_of_every_field_is_right() -> None:
    for place, field in fields().items():
        assert field.description, place
        assert field.examples, place
        parse_request(_with(place, field.examples[0]), limits=OPEN, functions=["checkout"])


NEEDED: dict[str, dict[str, Any]] = {
    "expect": {"payload": 1},
    "key": {"secret": "shop"},
    "regions_on_failure": {"regions": [["eu-west-1"]]},
    "s3_bucket": {"s3_key": "a.zip"},
    "s3_key": {"s3_bucket": "builds"},
    "s3_object_version": {"s3_bucket": "builds", "s3_key": "a.zip"},
    "weight": {"bake": "1m"},
    "bake": {"weight": 5},
    "subnet_ids": {"security_group_ids": []},
    "security_group_ids": {"subnet_ids": []},
    "ipv6_allowed_for_dual_stack": {"subnet_ids": [], "security_group_ids": []},
    "local_mount_path": {"arn": "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-0123456789abcdef0"},
    "arn": {"local_mount_path": "/mnt/data"},
}
"""Fields that go with others only."""

OWN = {
    "name": "declined",
    "namespace": "Shop",
    "bad": "Declined",
    "total": "Orders",
    "dimensions": {"version": "{version}"},
}
METRIC_WITH: dict[str, dict[str, Any]] = {
    "mode": {"name": "errors"},
    "weight": {"name": "errors"},
    "min_effect": {"name": "errors"},
    "over_ms": {"name": "latency"},
    **dict.fromkeys(("namespace", "bad", "total", "dimensions"), OWN),
}
"""What a metric needs beside the field of an example."""

PROBE_WITH: dict[str, dict[str, Any]] = {"expect": {"payload": 1}, "function": {"kind": "function"}}
"""The same of a probe."""

HOOK_WITH = {name: {"function": "release-check"} for name in ("timeout_seconds", "on_failure")}
"""The same of a hook."""


REGION_WITH = {"account": {"region": "eu-west-1"}, "stack": {"region": "eu-west-1"}}
"""The same of a Region."""

CONTRACT_WITH = {"before": {"schema": "s3://builds/orders.schema.json"}}
"""The same of a contract."""


def _with(place: tuple[str, ...], example: object) -> dict[str, Any]:
    """Build a request round one field."""
    around = {
        "metrics": METRIC_WITH,
        "after": {},
        "probe": PROBE_WITH,
        "hooks": {},
        "regions": REGION_WITH,
        "contract": CONTRACT_WITH,
    }
    needed = {**around, **dict.fromkeys(Hooks.model_fields, HOOK_WITH)}.get("".join(place[-2:-1]), NEEDED)
    value: dict[str, Any] = {**needed.get(place[-1], {}), place[-1]: example}
    for outer in reversed(place[:-1]):
        if outer == "metrics":
            value = {outer: [{"name": "throttles"}, value]}
        elif outer == "regions":
            value = {outer: [[value]]}
        elif outer in ("targets", "steps", "file_system_configs", "calls"):
            value = {outer: [value]}
        else:
            value = {outer: {"VARIABLE": value} if outer == "environment" else value}
    if place[0] in {"tag", "stack", "wave_tag"}:
        return {"stack": "shop"} | value if place[0] == "wave_tag" else value
    if "targets" not in value:
        value["function"] = "checkout"
    elif isinstance(value["targets"], list):
        value["targets"][0].setdefault("function", "checkout")
    if place[-1] == "requires":
        value["targets"] = [{**value["targets"][0], "wave": 2}, {"function": "orders-consumer"}]
    return value
