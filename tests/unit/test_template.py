"""template.yaml: what a linter cannot know. Who may do what, and what outlives the stack."""

import re
from typing import Any

import pytest

from tests.iam_actions import EITHER, QUALIFIED, WITHOUT_RESOURCES
from tests.reading import (
    TEMPLATE,
    Document,
    definition,
    functions,
    listed,
    machine,
    resources,
    statements,
    template,
)
from tidegate.domain import function_name

ASKS_DECIDE = {"Ref": "DecideFunction.Alias"}
"""What a function of ours may invoke of ours, and nothing else."""

NAMES = {"DashboardName", "FunctionName", "RoleName", "TableName", "Name", "RuleName", "StateMachineName"}


def roles() -> dict[str, Document]:
    """Give everything that has policies of its own, by logical id."""
    return {**functions(), **resources("AWS::Serverless::StateMachine")}


def granted() -> list[tuple[str, Document]]:
    return [(name, each) for name, role in roles().items() for each in statements(role) if each["Effect"] == "Allow"]


def written(resource: Any) -> str:
    """Give an ARN as the template writes it."""
    if isinstance(resource, str):
        return resource
    (value,) = resource.values()
    return ".".join(listed(value))


def function_part(arn: Any) -> str:
    return written(arn).partition(":function:")[2]


each_role = pytest.mark.parametrize("name", roles())
each_function = pytest.mark.parametrize("name", functions())


def test_the_pattern_of_what_may_be_released_is_all_one_has_to_give() -> None:
    needed = [name for name, parameter in template()["Parameters"].items() if "Default" not in parameter]
    assert needed == ["FunctionPattern"]


@pytest.mark.parametrize("name", template()["Parameters"])
def test_every_parameter_is_explained_and_used(name: str) -> None:
    assert len(template()["Parameters"][name]["Description"]) > 15
    assert len(re.findall(rf"\b{name}\b", TEMPLATE.read_text())) >= 3, "declared, grouped and used"


def test_what_a_request_may_bring_along_is_off_until_named() -> None:
    groups = template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    (off,) = (group["Parameters"] for group in groups if "nothing until set" in group["Label"]["default"])
    assert {template()["Parameters"][name]["Default"] for name in off} == {"", "false"}


def test_no_resource_has_a_name_that_two_stacks_would_fight_for() -> None:
    resources = [each for each in template()["Resources"].values() if each["Type"] != "AWS::Lambda::Permission"]
    properties = [resource["Properties"] for resource in resources]
    given = [written(each[name]) for each in properties for name in NAMES & set(each)]
    assert given
    assert [name for name in given if "${AWS::StackName}" not in name] == []


def test_the_ledger_outlives_the_stack_and_can_be_brought_back() -> None:
    ledger = template()["Resources"]["Ledger"]
    properties = ledger["Properties"]
    assert (ledger["DeletionPolicy"], ledger["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert properties["DeletionProtectionEnabled"] is True, "no release can go on without it"
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"]["SSEEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_logs_do_not_stay_for_ever() -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert len(groups) >= 2
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups.values())


def test_the_state_machine_is_watched_but_keeps_requests_out_of_its_log() -> None:
    assert machine()["Type"] == "STANDARD"
    assert machine()["Tracing"] == {"Enabled": True}
    assert machine()["Logging"]["Level"] == "ALL"
    assert machine()["Logging"]["IncludeExecutionData"] is False
    assert definition()["StartAt"] == "Plan"


def test_buckets_and_images_are_those_of_one_account() -> None:
    """A bucket's name is everybody's, and its ARN has no account (IAM User Guide, aws:ResourceAccount)."""
    account = {"Fn::If": ["HasCodeBucketAccount", {"Ref": "CodeBucketAccount"}, {"Ref": "AWS::AccountId"}]}
    reading = [each for _, each in granted() if any(action.startswith("s3:") for action in listed(each["Action"]))]
    of_code = [each for each in reading if each["Action"] != "s3:GetBucketNotification"]
    assert len(of_code) == 4
    assert all(each["Condition"] == {"StringEquals": {"aws:ResourceAccount": account}} for each in of_code)
    (notifications,) = (each for each in reading if each not in of_code)
    assert notifications["Condition"] == {"StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}}
    assert template()["Parameters"]["CodeBucketAccount"]["Default"] == ""
    pulling = [each for _, each in granted() if any(action.startswith("ecr:") for action in listed(each["Action"]))]
    assert len(pulling) == 4
    assert all(":${AWS::AccountId}:" in written(on) for each in pulling for on in listed(each["Resource"]))


@each_function
def test_a_function_has_a_role_of_its_own_and_is_published(name: str) -> None:
    properties = {**template()["Globals"]["Function"], **functions()[name]}
    assert "Role" not in properties
    assert properties["AutoPublishAlias"]
    assert properties["AutoPublishAliasAllProperties"] is True
    assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])


@each_role
def test_a_permissions_boundary_covers_every_role(name: str) -> None:
    properties = {**template()["Globals"]["Function"], **roles()[name]}
    assert properties["PermissionsBoundary"]["Fn::If"][0] == "HasBoundary"


@each_role
def test_every_statement_has_a_name_of_its_own(name: str) -> None:
    sids = [statement["Sid"] for statement in statements(roles()[name])]
    assert len(sids) == len(set(sids))


def test_every_statement_says_what_it_is_for() -> None:
    lines = TEMPLATE.read_text().splitlines()
    silent = []
    for number, line in enumerate(lines):
        if "Sid:" in line:
            begins = number - 2 if lines[number - 2].strip() == "- !If" else number
            if not re.match(r"\s+# [A-Z].+[.]$", lines[begins - 1]):
                silent.append((number + 1, line.strip()))
    assert silent == []


def test_only_what_has_no_resources_is_allowed_on_all() -> None:
    everywhere = [each for _, each in granted() if "*" in listed(each["Resource"])]
    assert {action for each in everywhere for action in listed(each["Action"])} == WITHOUT_RESOURCES


def test_no_action_is_a_wildcard() -> None:
    actions = [action for _, each in granted() for action in listed(each["Action"])]
    assert len(actions) > 100
    assert [action for action in actions if "*" in action] == []


@each_function
def test_lambda_is_allowed_on_functions_in_the_form_that_each_call_names(name: str) -> None:
    """`NAME` alone denies calls with a qualifier, `NAME:*` calls without, and `NAME*` covers other functions."""
    for statement in statements(functions()[name]):
        for action in listed(statement["Action"]):
            if action in WITHOUT_RESOURCES | {"lambda:GetLayerVersion"}:
                continue
            if statement["Effect"] == "Allow" and action.startswith("lambda:"):
                if listed(statement["Resource"]) == [ASKS_DECIDE]:
                    continue
                ends = {function_part(resource) for resource in listed(statement["Resource"])}
                if ends == {"${HookFunctionPattern}"}:  # named by the request, always without a qualifier
                    continue
                assert ends <= {"${FunctionPattern}", "${FunctionPattern}:*"}
                if action not in EITHER:
                    assert ends == {"${FunctionPattern}:*" if action in QUALIFIED else "${FunctionPattern}"}, action


@each_function
def test_a_function_that_changes_or_invokes_others_never_touches_tidegate_itself(name: str) -> None:
    own = statements(functions()[name])
    others = [each for each in own if each["Effect"] == "Allow" and listed(each["Resource"]) != [ASKS_DECIDE]]
    allowed = {action for each in others for action in listed(each["Action"])}
    denied = [each for each in own if each["Effect"] == "Deny"]
    if any(action.startswith("lambda:") and not re.match(r"lambda:(Get|List)", action) for action in allowed):
        (deny,) = denied
        assert deny["Action"] == "lambda:*"
        assert [function_part(resource) for resource in listed(deny["Resource"])] == ["${AWS::StackName}-*"]


def test_our_own_functions_are_known_by_their_names_and_by_a_tag() -> None:
    assert template()["Globals"]["Function"]["Tags"] == {function_name.OWN_TAG: {"Ref": "AWS::StackName"}}
    longest = max(map(len, functions()))
    assert 64 - len("--") - 12 - longest == function_name.LONGEST_STACK_NAME, "STACK-LOGICALID-SUFFIX"


def test_the_state_machine_may_invoke_the_versions_of_its_steps_and_no_more() -> None:
    (invoke,) = (each for each in statements(machine()) if each["Sid"] == "InvokeSteps")
    steps = {name for name in machine()["DefinitionSubstitutions"] if name.endswith("Function")}
    assert {written(resource) for resource in listed(invoke["Resource"])} == {f"${{{step}.Arn}}:*" for step in steps}
    assert invoke["Action"] == "lambda:InvokeFunction"


@each_function
def test_whoever_reads_the_ledger_may_use_its_key(name: str) -> None:
    own = {statement["Sid"]: statement for statement in statements(functions()[name])}
    if name == "StartFunction":
        assert not {"Ledger", "LedgerKey"} & set(own), "it has no business there"
        return
    assert [written(resource) for resource in listed(own["Ledger"]["Resource"])] == ["Ledger.Arn"]
    assert listed(own["LedgerKey"]["Action"]) == ["kms:Decrypt"]


def test_decide_writes_decisions_and_nothing_else() -> None:
    own = [each for each in statements(functions()["DecideFunction"]) if each["Effect"] == "Allow"]
    writing = [each for each in own if re.search("Put|Update|Delete|Batch", " ".join(listed(each["Action"])))]
    assert [each["Sid"] for each in writing if each["Sid"] != "Announce"] == ["Decisions"]
    (decisions,) = (each for each in own if each["Sid"] == "Decisions")
    assert decisions["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["decisions#*"]}}


def test_the_widget_reads_releases_and_changes_nothing_but_by_decide() -> None:
    own = {each["Sid"]: each for each in statements(functions()["WidgetFunction"])}
    actions = {action for each in own.values() for action in listed(each["Action"])}
    assert [action for action in actions if not re.search("Get|Query|Decrypt", action)] == ["lambda:InvokeFunction"]
    assert listed(own["AskDecide"]["Resource"]) == [ASKS_DECIDE]
    keys = own["Ledger"]["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    assert keys == ["release#*", "decisions#*", "releases", "locks"]


def test_events_are_put_on_one_bus_in_our_own_name() -> None:
    telling = [each for _, each in granted() if "events:PutEvents" in listed(each["Action"])]
    assert telling
    for each in telling:
        assert [written(resource).partition(":event-bus/")[2] for resource in listed(each["Resource"])] == [
            "${EventBusName}"
        ]
        assert each["Condition"] == {"StringEquals": {"events:source": "tidegate"}}


def test_passing_a_role_is_for_lambda_only() -> None:
    passing = [each for _, each in granted() if "iam:PassRole" in listed(each["Action"])]
    assert [each["Condition"] for each in passing] == [
        {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    ]
