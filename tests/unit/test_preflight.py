"""What stands in the way of a release: each obstacle with the field's path and the way out."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.builders import NOON, a_request
from tests.kinds import MANAGED, TENANTS
from tidegate.domain.alias import AliasState, shifted
from tidegate.domain.planning.preflight import obstacles
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.version import Content

ALIAS = AliasState("42")
ROLLED_BACK = {"version": "43", "release": "monday", "at": NOON, "why": "3 of 10 failed"}
DIGEST = "a" * 64
SNAPSHOT = Content("code", {"SnapStart": "PublishedVersions"})


def problems(found: Inspected, path: str = "", **fields: Any) -> list[str]:
    (wanted,) = a_request(**fields).targets
    return list(obstacles(wanted, found, path))


def found(configuration: Mapping[str, Any] | None = None, **fields: Any) -> Inspected:
    return Inspected(**{"configuration": configuration or {"PackageType": "Zip"}, "alias": ALIAS, **fields})


def test_nothing_stands_in_the_way_of_a_whole_alias() -> None:
    assert problems(found()) == []
    assert problems(found(released=SNAPSHOT, reserved=2), probe={"calls": [{}, {}]}) == []
    off = {"snap_start": {"apply_on": "None"}}
    assert problems(found(released=SNAPSHOT), configuration=off, probe={"kind": "provision"}) == []


@pytest.mark.parametrize(
    ("findings", "fields", "path", "said"),
    [
        (Inspected(configuration=None), {}, "function", "there is no function 'checkout'"),
        (
            found(tags={"tidegate:stack": "other"}),
            {},
            "function",
            "is part of the Tidegate that was deployed as stack other",
        ),
        (found({"DurableConfig": {"ExecutionTimeout": 1}}), {}, "function", "is a durable function"),
        (found(MANAGED), {"probe": {"kind": "provision"}}, "probe.kind", "runs on Lambda Managed Instances"),
        (found(TENANTS), {"probe": {"kind": "provision"}}, "probe.kind", "isolates tenants, and Lambda provisions no"),
        (found(TENANTS), {}, "probe.tenant", "Lambda refuses an invocation without one"),
        (found(), {"probe": {"tenant": "acme"}}, "probe.tenant", "does not isolate tenants"),
        (found(version_exists=False), {"version": 7}, "version", "checkout has no version 7"),
        (found(released=SNAPSHOT), {"probe": {"kind": "provision"}}, "probe.kind", "(SnapStart)"),
        (
            found(),
            {"configuration": {"snap_start": {"apply_on": "PublishedVersions"}}, "probe": {"kind": "provision"}},
            "probe.kind",
            "(SnapStart)",
        ),
        (found(reserved=1), {"probe": {"calls": [{}, {}]}}, "probe.calls", "so 2 concurrent calls cannot run"),
        (found(alias=None), {}, "alias", "has no alias 'live'"),
        (found(alias=AliasState("$LATEST")), {}, "alias", "points at $LATEST"),
        (found(alias=shifted("42", "41", 5)), {}, "alias", "is split already (version 42 with 5 % on 41)"),
        (found(environments={"live": 2}), {}, "alias", "has provisioned concurrency"),
        (found(environments={"42": 2}, carries=True, reserved=3), {}, "function", "as many before it receives traffic"),
        (found(rolled_back=ROLLED_BACK), {}, "version", "$LATEST still contains version 43"),
        (found(rolled_back=ROLLED_BACK), {"version": 43}, "version", "version 43 was rolled back by release monday"),
        (found({"PackageType": "Image"}), {"code": {"s3_bucket": "b-1", "s3_key": "k"}}, "code", "package type Image"),
        (found(), {"code": {"image_uri": f"1.example/a@sha256:{DIGEST}"}}, "code", "package type Zip"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_obstacle_is_named_by_path_with_an_example(
    findings: Inspected, fields: dict[str, Any], path: str, said: str
) -> None:
    (problem,) = problems(findings, "targets[3].", **fields)
    assert problem.startswith(f"targets[3].{path}: ")
    assert said in problem
    assert "; example: " in problem


KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234"


@pytest.mark.parametrize(
    ("keys", "configuration", "refused"),
    [
        (("",), {"environment": {"LEVEL": {"ssm": "/shop/level"}}}, True),
        ((KEY.replace("1234", "5678"),), {"environment": {"LEVEL": {"ssm": "/shop/level"}}}, True),
        ((KEY,), {"environment": {"LEVEL": {"ssm": "/shop/level"}}}, False),
        (("",), {"memory_size": 512}, False),
    ],
)
def test_variables_under_a_key_that_tidegate_may_not_use_cannot_be_added_to(
    keys: tuple[str, ...], configuration: dict[str, Any], refused: bool
) -> None:
    (wanted,) = a_request(configuration=configuration).targets
    said = list(obstacles(wanted, found({"PackageType": "Zip", "KMSKeyArn": KEY}), "", keys))
    assert ["FunctionKmsKeyArn" in problem for problem in said] == [True] * refused


def test_every_obstacle_is_said_at_once() -> None:
    all_wrong = found(TENANTS, alias=shifted("$LATEST", "41", 5), environments={"live": 1})
    assert len(problems(all_wrong)) == 4


def test_a_missing_alias_is_no_obstacle_if_it_is_to_be_created() -> None:
    assert problems(found(alias=None), create_alias=True) == []


@pytest.mark.parametrize(
    ("kind", "probe"),
    [
        (TENANTS, {"tenant": "acme"}),
        (TENANTS, {"kind": "none"}),
        (TENANTS, {"kind": "function", "function": "check"}),
        (MANAGED, {}),
    ],
)
def test_functions_with_tenants_and_on_managed_instances_are_released(kind: Any, probe: Any) -> None:
    assert problems(found(kind), probe=probe) == []


def test_what_was_rolled_back_may_be_released_again_on_purpose() -> None:
    assert problems(found(rolled_back=ROLLED_BACK), again=True) == []


def test_an_image_may_come_to_a_function_of_images() -> None:
    code = {"image_uri": f"1.example/a@sha256:{DIGEST}"}
    assert problems(found({"PackageType": "Image"}), code=code) == []
