"""Who calls the unqualified function: how callers are recognised, and what is said of them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.surveys import ARN, a_survey, only
from tidegate.domain.planning.preflight.callers import calls, mentions
from tidegate.domain.planning.preflight.checking import CHECKS
from tidegate.domain.planning.preflight.survey import Partial, Unseen
from tidegate.domain.planning.preflight.unqualified_callers import managed_instances, unqualified_callers

LIVE = f"{ARN}:live"


def test_an_address_is_the_function_itself_or_its_latest() -> None:
    assert [calls(each, ARN) for each in (ARN, f"{ARN}:$LATEST", LIVE, f"{ARN}-2", None)] == [True, True] + [False] * 3


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'"Resource": "{ARN}"', True),
        (f'"Resource": "{ARN}:$LATEST"', True),
        (f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{ARN}/invocations", True),
        ('{"FunctionName": "checkout"}', True),
        ('{"FunctionName":"checkout:$LATEST"}', True),
        (f'"Resource": "{LIVE}"', False),
        (f'"Resource": "{ARN}:7"', False),
        (f"{ARN}-2", False),
        (f"{ARN}:${{stageVariables.alias}}", False),
        ('{"FunctionName": "checkout:live"}', False),
        ('{"FunctionName": "checkout-2"}', False),
        ('{"TableName": "checkout"}', False),
        ('{"FunctionName": "checkout", "Payload": {"Qualifier": "x"}}', True),
        ('{"FunctionName": "checkout", "Payload": {}, "Qualifier": "$LATEST"}', True),
        ('{"FunctionName": "checkout", "Payload": {}, "Qualifier": "live"}', False),
        (f'{{"Qualifier": "live", "Parameters": {{}}, "FunctionName": "{ARN}"}}', False),
        (f'not JSON, "Qualifier" "FunctionName": "{ARN}"', True),
    ],
)
def test_a_text_mentions_the_unqualified_function(text: str, found: bool) -> None:
    assert mentions(text, ARN) is found


def _policy(*statements: Any) -> str:
    return json.dumps({"Statement": list(statements)})


TOPIC = {
    "Effect": "Allow",
    "Action": "lambda:InvokeFunction",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:sns:eu-west-1:123456789012:orders"}},
}


FACTS: dict[str, Any] = {
    "unqualified-calls": {"unqualified": 1204, "all": 5000},
    "mappings": [{"FunctionArn": ARN, "UUID": "1234"}, {"FunctionArn": LIVE, "UUID": "5678"}],
    "urls": [{"FunctionArn": LIVE, "FunctionUrl": "https://live"}],
    "policies": {"unqualified": _policy(TOPIC), "alias": None},
    "topics": [("subscription of topic", "orders")],
    "machines": [("state machine", "shop")],
}


def test_unqualified_callers_are_told_by_number_and_names_with_the_change_of_each_kind() -> None:
    found = only(unqualified_callers(a_survey(facts=FACTS)))
    assert found.found == (
        "1,204 of 5,000 calls in the last day were of the unqualified function: event source mapping 1234, "
        "subscription of topic orders, state machine shop"
    )
    assert found.fix.startswith("aws lambda update-event-source-mapping --uuid 1234 --function-name checkout:live; ")
    assert "definition of shop" in found.fix


def test_callers_on_managed_instances_are_another_finding_that_refuses() -> None:
    survey = a_survey(facts=FACTS)
    managed = replace(survey, state=replace(survey.state, configuration={"CapacityProviderConfig": {"a": 1}}))
    assert list(unqualified_callers(managed)) == []
    assert list(managed_instances(survey)) == []
    found = only(managed_instances(managed))
    assert found.found == only(unqualified_callers(survey)).found
    assert "$LATEST.PUBLISHED" in found.why
    assert CHECKS["managed-instances"].severity == "error"


def test_a_permission_that_no_list_explains_is_a_caller() -> None:
    found = only(unqualified_callers(a_survey(facts={**FACTS, "topics": []})))
    assert "permission for sns.amazonaws.com (arn:aws:sns:eu-west-1:123456789012:orders)" in found.found


def test_callers_that_did_not_call_are_named_too() -> None:
    quiet = {"unqualified-calls": {"unqualified": 0, "all": 9}, "machines": FACTS["machines"]}
    assert only(unqualified_callers(a_survey(facts=quiet))).found.startswith("no call in the last day was of the")


def test_calls_without_a_name_are_told_with_where_to_look() -> None:
    found = only(unqualified_callers(a_survey(facts={"unqualified-calls": FACTS["unqualified-calls"]})))
    assert found.found.endswith("unknown callers")
    assert "CloudTrail" in found.fix


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {
            "unqualified-calls": {"unqualified": 0, "all": 9},
            "mappings": [{"FunctionArn": LIVE, "UUID": "5678"}],
            "urls": [{"FunctionArn": LIVE, "FunctionUrl": "https://live"}],
            "policies": {"unqualified": None, "alias": _policy(TOPIC)},
        },
    ],
)
def test_a_function_whose_callers_all_use_the_alias_is_not_found(facts: dict[str, Any]) -> None:
    assert list(unqualified_callers(a_survey(facts=facts))) == []


def test_one_missing_permission_leaves_the_other_callers() -> None:
    denied = {**FACTS, "machines": Unseen("AccessDenied")}
    found, unseen = unqualified_callers(a_survey(facts=denied))
    assert "subscription of topic orders" in found.found
    assert (unseen.found, unseen.looked) == ("could not look: machines: AccessDenied", False)


def test_a_list_that_was_not_read_to_its_end_is_told_with_what_was_found() -> None:
    partial = {**FACTS, "machines": Partial(FACTS["machines"], "3 of 9 were not read within the time limit")}
    found, unseen = unqualified_callers(a_survey(facts=partial))
    assert "state machine shop" in found.found
    assert (unseen.found, unseen.looked) == (
        "could not look: machines: 3 of 9 were not read within the time limit",
        False,
    )
