"""The templates of docs/starting: ready to deploy, and the events of tests/events are what their rules wait for."""

import json
import re
from typing import Any

import pytest
from moto.events.models import EventPattern
from samtranslator.yaml_helper import yaml_parse

from tests.pages.documents import REQUEST
from tests.reading import ROOT, Document, resources

TEMPLATES = sorted((ROOT / "docs/starting").glob("*.yaml"))
EVENTS = ROOT / "tests/events"
RULES: dict[str, str] = {
    "s3-object": "s3-object-created",
    "stack-update": "stack-updated",
    "codebuild": "build-succeeded",
}
"""Which event a template waits for; that of CodePipeline waits for none."""


def event(name: str) -> Document:
    found: Document = json.loads((EVENTS / f"{name}.json").read_text())
    return found


def rule(template: str) -> Document:
    found: Document = yaml_parse((ROOT / f"docs/starting/{template}.yaml").read_text())["Resources"]["Rule"][
        "Properties"
    ]
    return found


def filled(pattern: Any, of: Document) -> Any:
    """Give a pattern with the references to parameters replaced by what the event has there."""
    if isinstance(pattern, dict):
        return {key: filled(value, of.get(key, {})) for key, value in pattern.items()}
    return [of if isinstance(each, dict) and "Ref" in each else each for each in pattern]


def matches(pattern: Document, told: Document) -> bool:
    return bool(EventPattern.load(json.dumps(pattern)).matches_event(told))


def test_every_template_is_looked_at() -> None:
    """And cfn-lint looks at all of them in `make validate`."""
    assert {path.stem for path in TEMPLATES} == {*RULES, "codepipeline"}


@pytest.mark.parametrize("template", RULES)
def test_a_rule_waits_for_the_event_as_aws_sends_it(template: str) -> None:
    told = event(RULES[template])
    assert matches(filled(rule(template)["EventPattern"], told), told)
    other = {**told, "detail": {**told["detail"], "status-details": {"status": "UPDATE_ROLLBACK_COMPLETE"}}}
    other["detail"] |= {"build-status": "FAILED", "bucket": {"name": "another"}}
    assert not matches(filled(rule(template)["EventPattern"], told), other)


@pytest.mark.parametrize("template", RULES)
def test_what_a_rule_makes_of_an_event_is_a_request_with_the_events_id(template: str) -> None:
    (target,) = rule(template)["Targets"]
    transformer = target["InputTransformer"]
    text = transformer["InputTemplate"]["Fn::Sub"]
    assert transformer["InputPathsMap"]["id"] == "$.id"
    named = set(re.findall(r"<([\w-]+)>", text))
    assert named == set(transformer["InputPathsMap"])
    made = json.loads(re.sub(r"<[\w-]+>", '"x"', re.sub(r"\$\{(\w+)\}", "builds", text)))
    assert (made["detail-type"], made["id"]) == ("Release Requested", "x")
    REQUEST.validate(made["detail"])
    assert target["DeadLetterConfig"] == {"Arn": {"Ref": "DeadLettersArn"}}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0


def test_the_last_stage_of_the_pipeline_is_a_release() -> None:
    pipeline = yaml_parse((ROOT / "docs/starting/codepipeline.yaml").read_text())["Resources"]["Pipeline"]["Properties"]
    (action,) = pipeline["Stages"][-1]["Actions"]
    assert action["ActionTypeId"]["Provider"] == "StepFunctions"
    REQUEST.validate(json.loads(action["Configuration"]["Input"]["Fn::Sub"].replace("${FunctionName}", "checkout")))


ACTION_EXECUTION = "1624a1d1-3699-43f0-8e1e-6bafd7fde791"
"""CodePipeline puts its own id of the action's execution, and a hyphen, after the prefix.

CodePipeline User Guide, AWS Step Functions invoke action reference.
"""


def test_the_name_of_the_pipelines_release_is_one_that_step_functions_takes() -> None:
    """At most 80 characters (Step Functions API reference, StartExecution); a function's name may have 64."""
    template = yaml_parse((ROOT / "docs/starting/codepipeline.yaml").read_text())
    (action,) = template["Resources"]["Pipeline"]["Properties"]["Stages"][-1]["Actions"]
    prefix = template["Parameters"][action["Configuration"]["ExecutionNamePrefix"]["Ref"]]
    assert prefix["MaxLength"] + len(f"-{ACTION_EXECUTION}") <= 80
    assert len(prefix["Default"]) <= prefix["MaxLength"]
    assert not re.fullmatch(prefix["AllowedPattern"], "two words")
    function = template["Parameters"]["FunctionName"]["AllowedPattern"]
    assert re.fullmatch(function, "f" * 64)
    assert not re.fullmatch(function, '","version":"1')


def test_the_pipeline_says_how_long_it_waits_and_where_it_can_be() -> None:
    text = " ".join((ROOT / "docs/starting/codepipeline.yaml").read_text().split())
    assert "seven days" in text
    assert "CodePipeline is not available in every Region" in text


OURS = "arn:aws:iam::123456789012:role/ours"
OWN = {"ImagePushed": "ecr-push", "FunctionUpdated": "cloudtrail-update-code", "ReleaseRequested": "release-requested"}


@pytest.mark.parametrize("name", OWN)
def test_a_rule_of_the_stack_waits_for_the_event_as_it_is_sent(name: str) -> None:
    assert matches(own_pattern(name), event(OWN[name]))


REFERENCES: list[tuple[Document, str]] = [
    ({"Fn::GetAtt": ["UpdateFunctionRole", "Arn"]}, OURS),
    ({"Ref": "AWS::AccountId"}, "123456789012"),
    ({"Ref": "AWS::Region"}, "eu-west-1"),
]


def own_pattern(name: str) -> Document:
    """Give the pattern with what it refers to."""
    text = json.dumps(resources("AWS::Events::Rule")[name]["EventPattern"])
    for reference, value in REFERENCES:
        text = text.replace(json.dumps(reference), json.dumps(value))
    found: Document = json.loads(text)
    return found


@pytest.mark.parametrize("name", ["ImagePushed", "FunctionUpdated"])
@pytest.mark.parametrize("elsewhere", [{"account": "210987654321"}, {"region": "us-east-1"}])
def test_what_another_account_or_region_sends_on_is_none_of_the_stacks(name: str, elsewhere: Document) -> None:
    assert not matches(own_pattern(name), {**event(OWN[name]), **elsewhere})


@pytest.mark.parametrize(("told", "matched"), [({"detail-type": "Relaese"}, True), ({"source": "tidegate"}, False)])
def test_all_that_comes_for_requests_is_answered_but_what_tidegate_itself_tells(told: Document, matched: bool) -> None:
    assert matches(own_pattern("ReleaseRequested"), {**event("release-requested"), **told}) is matched


@pytest.mark.parametrize(
    ("change", "matched"),
    [
        ({}, True),
        ({"errorCode": "AccessDenied"}, False),
        ({"eventName": "UpdateAlias20150331"}, False),
        ({"eventName": "UpdateFunctionConfiguration20150331v2"}, True),
        ({"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/ana"}}, True),
        (
            {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": OURS}}}},
            False,
        ),
    ],
)
def test_updates_by_anyone_but_us_that_did_not_fail_are_told(change: Document, matched: bool) -> None:
    told = event("cloudtrail-update-code")
    assert matches(own_pattern("FunctionUpdated"), {**told, "detail": {**told["detail"], **change}}) is matched
