"""The check moving-parts: runtimes, alarms and logs of a release."""

from dataclasses import replace
from typing import Any

import pytest

from tests.surveys import a_survey, content, only
from tidegate.aws.cloudwatch.alarms import metric_id
from tidegate.domain.analysis.guards import Guard
from tidegate.domain.planning.preflight.moving_parts import moving_parts
from tidegate.domain.planning.preflight.survey import Unseen

PYTHON = "arn:aws:lambda:eu-west-1::runtime:"
OLD, NEW = f"{PYTHON}{'a' * 64}", f"{PYTHON}{'b' * 64}"
AUTO = {"runtime-modes": ("Auto", "Auto")}


def test_versions_on_different_patches_of_a_runtime_are_found() -> None:
    found = only(moving_parts(a_survey(facts=AUTO, runtimes=(OLD, NEW))))
    assert found.found == f"version 42 runs on the runtime version {'a' * 12}, the version to release on {'b' * 12}"


@pytest.mark.parametrize(
    "changes",
    [
        {"runtimes": (NEW, NEW)},
        {"runtimes": ("", "")},
        {"runtimes": (OLD, NEW), "strategy": "all-at-once"},
        {"runtimes": (OLD, NEW), "latest": content("new", Runtime="python3.14")},
        {"facts": {}},
    ],
)
def test_runtimes_that_do_not_move_or_change_on_purpose_are_not_found(changes: dict[str, Any]) -> None:
    assert list(moving_parts(a_survey(**{"facts": AUTO, **changes}))) == []


def test_a_runtime_that_is_updated_under_one_version_only_is_found_with_the_command() -> None:
    found = only(moving_parts(a_survey(facts={"runtime-modes": ("Manual", "Auto")}, runtimes=(OLD, OLD))))
    assert "version 42 in the mode Manual, that of the version to release in the mode Auto" in found.found
    assert found.fix.endswith("--function-name checkout --qualifier 42 --update-runtime-on Auto")


ORDERS = metric_id({"Namespace": "Shop", "MetricName": "Orders", "Dimensions": [{"Name": "b", "Value": "1"}]})


@pytest.mark.parametrize(
    ("alarm", "told"),
    [
        (Guard("a", "metric", "OK", metrics=(ORDERS,)), "alarm a had no data of Orders in Shop in the last two weeks"),
        (
            Guard("a", "metric", "OK", muted="its actions are disabled"),
            "warns nobody, because its actions are disabled",
        ),
        (Guard("a", "metric", "OK", troubled="EVALUATION_ERROR"), "CloudWatch reports EVALUATION_ERROR"),
    ],
)
def test_an_alarm_that_cannot_warn_is_found_by_name(alarm: Guard, told: str) -> None:
    found = only(moving_parts(replace(a_survey(facts={"silent-metrics": [ORDERS]}), alarms=(alarm,))))
    assert told in found.found
    assert "--alarm-names a" in found.fix


def test_what_cannot_be_read_costs_nothing_else() -> None:
    denied = {"silent-metrics": Unseen("AccessDenied"), "runtime-modes": ("Auto", "Auto")}
    runtimes, unseen = moving_parts(a_survey(facts=denied, runtimes=(OLD, NEW)))
    assert "runs on the runtime version" in runtimes.found
    assert (unseen.found, unseen.looked) == ("could not look: silent-metrics: AccessDenied", False)


def test_an_alarm_that_works_is_not_found() -> None:
    works = Guard("a", "metric", "INSUFFICIENT_DATA", metrics=(ORDERS,))
    assert list(moving_parts(replace(a_survey(facts={"silent-metrics": []}), alarms=(works,)))) == []


@pytest.mark.parametrize(
    ("group", "pattern", "found"),
    [
        ("/shop/checkout", "*", True),
        ("/aws/lambda/checkout", "check*", False),
        ("/aws/lambda/other", "check*", True),
        (None, "*", False),
    ],
)
def test_a_log_group_that_tidegate_may_not_read_is_found(group: str | None, pattern: str, found: bool) -> None:
    latest = content("new", LoggingConfig=group and {"LogGroup": group})
    told = list(moving_parts(replace(a_survey(latest=latest), pattern=pattern)))
    assert [f"it logs to {group}" in each.found for each in told] == [True] * found


def test_a_log_group_that_the_request_sets_counts() -> None:
    survey = a_survey(configuration={"logging_config": {"log_group": "/shop/checkout"}})
    assert "it logs to /shop/checkout" in only(moving_parts(survey)).found
