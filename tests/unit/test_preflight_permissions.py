"""Who a resource policy lets invoke a function, and the command that permits the same on an alias."""

import json
from typing import Any

import pytest

from tests.surveys import a_survey, only
from tidegate.domain.planning.preflight.permissions import permitted
from tidegate.domain.planning.preflight.policy_not_on_alias import policy_not_on_alias

TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders"
BUCKET = "arn:aws:s3:::uploads"
INVOKE = "lambda:InvokeFunction"


def statement(principal: Any, condition: Any = None, action: Any = INVOKE) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": action, "Principal": principal}
    return {**found, "Condition": condition} if condition else found


def service(name: str, action: Any = INVOKE, **condition: Any) -> dict[str, Any]:
    return statement({"Service": f"{name}.amazonaws.com"}, condition or None, action)


def policy(*statements: Any) -> str:
    return json.dumps({"Statement": list(statements)})


def test_a_policy_says_who_may_invoke() -> None:
    anybody, accounts = statement("*"), statement({"AWS": ["1", "2"]})
    denied = {**anybody, "Effect": "Deny"}
    topic = service("sns", ArnLike={"AWS:SourceArn": TOPIC})
    found = [str(each) for each in permitted(policy(topic, anybody, accounts, denied))]
    assert found == [f"sns.amazonaws.com ({TOPIC})", "everybody", "1", "2"]
    assert list(permitted(None)) == []
    assert len(list(permitted(json.dumps({"Statement": anybody})))) == 1


@pytest.mark.parametrize(
    ("action", "found"),
    [
        ("lambda:GetFunction", []),
        ("lambda:invokefunction", [INVOKE]),
        (["lambda:GetFunction", "lambda:InvokeFunctionUrl"], ["lambda:InvokeFunctionUrl"]),
        ("lambda:Invoke*", [INVOKE, "lambda:InvokeFunctionUrl"]),
        ("*", [INVOKE, "lambda:InvokeFunctionUrl"]),
    ],
)
def test_only_what_may_invoke_counts(action: Any, found: list[str]) -> None:
    assert [each.action for each in permitted(policy(statement({"AWS": "1"}, action=action)))] == found


def fix(*statements: Any) -> str:
    """Give the remedy for what only the unqualified function permits."""
    facts = {"policies": {"unqualified": policy(*statements), "alias": None}}
    return only(policy_not_on_alias(a_survey(facts=facts))).fix


@pytest.mark.parametrize(
    ("lacking", "options"),
    [
        (service("sns", ArnLike={"AWS:SourceArn": TOPIC}), f"--principal sns.amazonaws.com --source-arn {TOPIC}"),
        (
            service("s3", StringEquals={"AWS:SourceAccount": "123456789012"}, ArnLike={"AWS:SourceArn": BUCKET}),
            f"--principal s3.amazonaws.com --source-account 123456789012 --source-arn {BUCKET}",
        ),
        (
            service("alexa-connectedhome", StringEquals={"lambda:EventSourceToken": "t"}),
            "--principal alexa-connectedhome.amazonaws.com --event-source-token t",
        ),
        (
            statement("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            "--principal * --principal-org-id o-1",
        ),
        (
            statement({"AWS": "1"}, {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, f"{INVOKE}Url"),
            "--principal 1 --function-url-auth-type AWS_IAM",
        ),
        (
            statement({"AWS": "1"}, {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
            "--principal 1 --invoked-via-function-url",
        ),
    ],
)
def test_the_command_repeats_every_condition(lacking: Any, options: str) -> None:
    assert f"--action {lacking['Action']} {options} --statement-id …" in fix(lacking)


@pytest.mark.parametrize(
    "lacking",
    [
        statement("*"),
        statement("*", {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}, f"{INVOKE}Url"),
        statement({"AWS": "1"}, {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        service("s3", StringNotEquals={"aws:SourceAccount": "123456789012"}),
        service("sns", ArnLike={"aws:SourceArn": [TOPIC, f"{TOPIC}-2"]}),
    ],
)
def test_no_command_permits_more_than_the_statement_or_everybody(lacking: Any) -> None:
    assert "--principal" not in fix(lacking)
    assert "Decide who may call checkout:live" in fix(lacking)
    assert "--principal 2" in fix(lacking, statement({"AWS": "2"}))
