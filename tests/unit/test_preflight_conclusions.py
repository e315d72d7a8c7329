"""Each check of the preflight: when it finds something, and when it does not."""

import json
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON
from tests.surveys import ARN, a_survey, content, only
from tidegate.domain.planning.preflight.alias_obstacles import alias_owned_by_template
from tidegate.domain.planning.preflight.architecture import architecture
from tidegate.domain.planning.preflight.async_retries import async_retries
from tidegate.domain.planning.preflight.binaries import machine_of, worth_reading
from tidegate.domain.planning.preflight.code_and_configuration import code_and_configuration
from tidegate.domain.planning.preflight.deprecated_runtime import DEPRECATED, deprecated_runtime
from tidegate.domain.planning.preflight.policy_not_on_alias import policy_not_on_alias
from tidegate.domain.planning.preflight.quotas import GB, code_storage, reserved_concurrency
from tidegate.domain.planning.preflight.start_times import provisioned_concurrency, snapstart
from tidegate.domain.planning.preflight.survey import Unseen
from tidegate.domain.planning.preflight.unlike_versions import dlq_differ, roles_differ
from tidegate.domain.version import Content

AT_ONCE = "all-at-once"


def test_code_and_configuration_that_change_together_are_found_without_values() -> None:
    latest = content("new", Timeout=9, Environment={"Variables": {"KEY": "secret", "SAME": "1"}})
    stable = content("old", Environment={"Variables": {"SAME": "1"}})
    found = only(code_and_configuration(a_survey(latest=latest, stable=stable)))
    assert "(Environment: KEY, Timeout) change from version 42" in found.found
    assert "secret" not in str(found)
    assert "checkout:live" in found.fix


@pytest.mark.parametrize(
    ("latest", "request_"),
    [
        (content("new"), {}),
        (content("old", Timeout=9), {}),
        (content("new", Timeout=9), {"version": 7}),
        (content("new", Environment={"Error": {"ErrorCode": "AccessDenied"}}), {}),
    ],
)
def test_code_or_configuration_alone_is_not_found(latest: Content, request_: dict[str, Any]) -> None:
    assert list(code_and_configuration(a_survey(latest=latest, **request_))) == []


def test_what_the_request_changes_counts_too() -> None:
    code = {"s3_bucket": "builds", "s3_key": "a.zip"}
    survey = a_survey(latest=content("old"), code=code, configuration={"timeout": 9})
    assert "what the request changes" in only(code_and_configuration(survey)).found


def test_code_and_configuration_are_not_found_if_nobody_calls_the_unqualified_function() -> None:
    latest = content("new", Timeout=9)
    nobody = {"unqualified-calls": {"unqualified": 0, "all": 9}}
    assert list(code_and_configuration(a_survey(latest=latest, facts=nobody))) == []
    assert only(code_and_configuration(a_survey(latest=latest, facts={"unqualified-calls": Unseen("no")})))


OTHER_ROLE = "arn:aws:iam::123456789012:role/other"
QUEUE = {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"}
NEW_QUEUE = {"target_arn": QUEUE["TargetArn"]}


@pytest.mark.parametrize(
    ("check", "latest", "request_", "told"),
    [
        (roles_differ, content("new", Role=OTHER_ROLE), {}, "(role/checkout, role/other)"),
        (roles_differ, None, {"configuration": {"role": OTHER_ROLE}}, "(role/checkout, role/other)"),
        (dlq_differ, content("new", DeadLetterConfig=QUEUE), {}, "(none, dead)"),
        (
            dlq_differ,
            None,
            {"configuration": {"dead_letter_config": {"target_arn": QUEUE["TargetArn"]}}},
            "(none, dead)",
        ),
    ],
)
def test_versions_that_cannot_share_an_alias_are_found(
    check: Any, latest: Content | None, request_: dict[str, Any], told: str
) -> None:
    assert told in only(check(a_survey(latest=latest, **request_))).found
    assert list(check(a_survey(latest=latest, strategy=AT_ONCE, **request_))) == []
    assert list(check(a_survey())) == []


ALLOWED = {"Effect": "Allow", "Action": "lambda:InvokeFunction"}


def _policy(*principals: str) -> str:
    return json.dumps({"Statement": [{**ALLOWED, "Principal": {"Service": each}} for each in principals]})


NO_RETRIES = {"FunctionArn": f"{ARN}:live", "MaximumRetryAttempts": 0}
RETRIES = {"FunctionArn": f"{ARN}:$LATEST", "MaximumRetryAttempts": 0, "DestinationConfig": {"OnSuccess": {}}}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"policies": {"unqualified": _policy("sns.amazonaws.com"), "alias": None}}, "permits calls"),
        ({"event-configs": [RETRIES]}, "has none"),
        ({"event-configs": [RETRIES, {"FunctionArn": f"{ARN}:live", "MaximumRetryAttempts": 1}]}, "has others"),
        ({"urls": [{"FunctionArn": ARN}]}, "function URL"),
    ],
)
def test_what_only_the_unqualified_function_has_is_found(facts: dict[str, Any], told: str) -> None:
    found = only(policy_not_on_alias(a_survey(facts=facts)))
    assert told in found.found
    assert "--qualifier live" in found.fix


def test_one_thing_that_cannot_be_read_leaves_the_others_of_a_check() -> None:
    facts = {"policies": Unseen("AccessDenied"), "event-configs": [RETRIES]}
    found, unseen = policy_not_on_alias(a_survey(facts=facts))
    assert "has none" in found.found
    assert (unseen.found, unseen.looked) == ("could not look: policies: AccessDenied", False)
    layers = {"layers": Unseen("AccessDenied"), "package": {"bootstrap": "x86_64"}}
    assert [each.looked for each in architecture(a_survey(facts=layers))] == [True, False]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {
            "policies": {
                "unqualified": _policy("s3.amazonaws.com"),
                "alias": _policy("sns.amazonaws.com", "s3.amazonaws.com"),
            }
        },
        {"event-configs": [RETRIES, {**RETRIES, "FunctionArn": f"{ARN}:live"}]},
        {"event-configs": [{**RETRIES, "FunctionArn": f"{ARN}:live"}]},
        {"urls": [{"FunctionArn": ARN}, {"FunctionArn": f"{ARN}:live"}]},
    ],
)
def test_what_the_alias_has_too_is_not_found(facts: dict[str, Any]) -> None:
    assert list(policy_not_on_alias(a_survey(facts=facts))) == []


ON = "PublishedVersions"
SNAPSTART = {"configuration": {"snap_start": {"apply_on": ON}}}


@pytest.mark.parametrize(
    ("environments", "carries", "request_", "found"),
    [
        ({"42": 5}, False, {}, 1),
        ({"42": 5}, False, {"version": 7}, 1),
        ({"42": 5, "7": 1}, False, {"version": 7}, 0),
        ({"42": 5}, False, {"version": 42}, 0),
        ({"7": 5}, False, {}, 0),
        ({"42": 5}, True, {}, 0),
        ({"42": 5}, True, SNAPSTART, 1),
        ({}, False, {}, 0),
    ],
)
def test_environments_that_only_the_old_version_has_are_found_if_they_do_not_go_with_the_release(
    environments: dict[str, int], carries: bool, request_: dict[str, Any], found: int
) -> None:
    told = list(provisioned_concurrency(a_survey(environments=environments, carries=carries, **request_)))
    assert len(told) == found
    assert all("version 42 has 5 provisioned environments" in each.found for each in told)


@pytest.mark.parametrize(
    ("latest", "stable", "request_", "told"),
    [
        (content("new", SnapStart=ON), None, {}, ["the version to release has SnapStart, version 42 does not"]),
        (None, content(SnapStart=ON), {}, ["version 42 has SnapStart, the version to release does not"]),
        (
            None,
            None,
            {"configuration": {"snap_start": {"apply_on": ON}}},
            ["the version to release has SnapStart, version 42 does not"],
        ),
        (content("new", SnapStart=ON), content(SnapStart=ON), {}, []),
        (None, None, {}, []),
    ],
)
def test_snapstart_of_only_one_version_is_found(latest: Any, stable: Any, request_: Any, told: list[str]) -> None:
    assert [each.found for each in snapstart(a_survey(latest=latest, stable=stable, **request_))] == told


@pytest.mark.parametrize(
    ("reserved", "stepwise", "found"),
    [(0, True, 1), (0, False, 1), (1, True, 1), (1, False, 0), (2, True, 0), (None, True, 0)],
)
def test_a_reserved_concurrency_without_room_is_found(reserved: int | None, stepwise: bool, found: int) -> None:
    survey = a_survey(strategy="guarded" if stepwise else AT_ONCE)
    survey = replace(survey, state=replace(survey.state, reserved=reserved))
    assert len(list(reserved_concurrency(survey))) == found


@pytest.mark.parametrize(("used", "found"), [(269, 0), (271, 1), (300, 1)])
def test_a_code_storage_that_is_nearly_full_is_found(used: int, found: int) -> None:
    storage = {"used": used * GB, "limit": 300 * GB, "size": 0, "versions": 12, "keep": 10, "freed": GB // 2}
    told = list(code_storage(a_survey(facts={"code-storage": storage})))
    assert ["has 12 published versions" in each.fix and "frees 0.500 GB" in each.fix for each in told] == [True] * found
    assert list(code_storage(a_survey())) == []


LAYER = {"name": "agent:7", "architectures": [], "runtimes": [], "binaries": {}, "unread": ""}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"layers": [{**LAYER, "architectures": ["x86_64"]}]}, "has CompatibleArchitectures x86_64, but the function"),
        ({"layers": [{**LAYER, "runtimes": ["nodejs22.x"]}]}, "has CompatibleRuntimes nodejs22.x, but the function"),
        ({"layers": [{**LAYER, "binaries": {"extensions/agent": "x86_64"}}]}, "extensions/agent (x86_64)"),
        ({"package": {"bootstrap": "x86_64"}}, "the package has binaries that are not built for arm64: bootstrap"),
        ({"layers": [{**LAYER, "unread": "AccessDenied"}]}, "could not look: agent:7: AccessDenied"),
        ({"package": Unseen("timed out")}, "could not look: package: timed out"),
    ],
)
def test_what_is_built_for_another_architecture_or_runtime_is_found(facts: dict[str, Any], told: str) -> None:
    assert told in only(architecture(a_survey(facts=facts))).found


def test_what_fits_the_architecture_is_not_found() -> None:
    fits = {
        **LAYER,
        "architectures": ["arm64", "x86_64"],
        "runtimes": ["python3.13"],
        "binaries": {"extensions/a": "arm64"},
    }
    facts = {"layers": [LAYER, fits], "package": {"lib/a.so": "arm64"}}
    assert list(architecture(a_survey(facts=facts))) == []
    usual = content("new", Architectures=None)
    assert list(architecture(a_survey(latest=usual, facts={"package": {"bootstrap": "x86_64"}}))) == []


def test_a_runtime_at_its_end_is_found_with_its_date() -> None:
    latest = content("new", Runtime="python3.9")
    for now, told in ((1_765_000_000, "will be deprecated on 2025-12-15"), (NOON, "is deprecated since 2025-12-15")):
        survey = replace(a_survey(latest=latest), now=now)
        assert told in only(deprecated_runtime(survey)).found
    assert list(deprecated_runtime(replace(a_survey(latest=latest), now=1_700_000_000))) == []
    assert list(deprecated_runtime(replace(a_survey(), now=NOON))) == []


def test_the_days_of_deprecation_are_those_of_cfn_lint() -> None:
    # Found without an import of cfn-lint, which takes as long as a hundred tests.
    data = Path(str(distribution("cfn-lint").locate_file("cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json")))
    known = {name: each["deprecated"] for name, each in json.loads(data.read_text()).items()}
    assert DEPRECATED.items() <= known.items()
    assert {name for name, day in known.items() if day > "2026"} <= DEPRECATED.keys() | {"dotnet9"}


@pytest.mark.parametrize(
    ("header", "machine"),
    [
        (b"\x7fELF\x02\x01" + bytes(12) + b"\x3e\x00", "x86_64"),
        (b"\x7fELF\x02\x01" + bytes(12) + b"\xb7\x00", "arm64"),
        (b"\x7fELF\x02\x02" + bytes(12) + b"\x00\xb7", "arm64"),
        (b"\x7fELF\x02\x01" + bytes(12) + b"\xf3\x00", "machine 0xf3"),
        (b"#!/bin/sh\nexec python3 app.py", None),
        (b"\x7fELF", None),
    ],
)
def test_the_header_of_a_binary_names_its_machine(header: bytes, machine: str | None) -> None:
    assert machine_of(header) == machine


def test_extensions_and_bootstrap_are_read_before_shared_objects() -> None:
    names = ["lib/z.so", "lib/b.so.1", "app.py", "bootstrap", "extensions/", "extensions/a", "extensions/x/y", "m.node"]
    assert worth_reading(names) == ["extensions/a", "bootstrap", "lib/b.so.1", "lib/z.so", "m.node"]


@pytest.mark.parametrize(
    ("facts", "stepwise", "found"),
    [
        ({"policies": {"alias": _policy("sns.amazonaws.com")}, "event-configs": []}, True, 1),
        ({"policies": {"alias": _policy("sns.amazonaws.com")}, "event-configs": []}, False, 0),
        ({"policies": {"alias": _policy("sns.amazonaws.com")}, "event-configs": [NO_RETRIES]}, True, 0),
        ({"policies": {"alias": _policy("apigateway.amazonaws.com")}, "event-configs": []}, True, 0),
        ({}, True, 0),
    ],
)
def test_asynchronous_calls_that_are_repeated_are_found(facts: dict[str, Any], stepwise: bool, found: int) -> None:
    told = list(async_retries(a_survey(facts=facts, strategy="guarded" if stepwise else AT_ONCE)))
    assert ["up to 2 times" in each.found for each in told] == [True] * found


def test_an_alias_that_a_stack_owns_is_found() -> None:
    owner = {"stack": "shop", "resource": "CheckoutAliaslive"}
    assert "shop owns the alias" in only(alias_owned_by_template(a_survey(facts={"alias-owner": owner}))).found
    assert list(alias_owned_by_template(a_survey(facts={"alias-owner": None}))) == []
