"""Each check of the preflight: when it finds something, and when it does not."""

from typing import Any

import pytest

from tests.surveys import a_survey, content, only
from tidegate.domain.planning.preflight.code_and_configuration import code_and_configuration
from tidegate.domain.planning.preflight.survey import Unseen
from tidegate.domain.version import Content


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
