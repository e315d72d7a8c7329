"""Deploying a SAM template: everything in it is there, works, and may do what its roles say."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from moto.cloudformation.parsing import get_model_list
from moto.iam.models import Role
from moto.stepfunctions.models import stepfunctions_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from localcloud import LocalCloud, lambda_
from localcloud.deploy import AlarmResource, Deployment, TemplateError
from tests.contract.machines import FUNCTIONS, eventually
from tests.reading import ROOT

TEMPLATE = Path(__file__).parent / "templates" / "greeter.yaml"
STATEMENT = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}

pytestmark = pytest.mark.usefixtures("client")
"""Stacks are deployed in less time than Lambda's limits allow for what a test asks of each."""


@pytest.fixture(scope="module")
def deployment(cloud: LocalCloud) -> Deployment:
    return cloud.deploy(TEMPLATE, {"Greeting": "hello"}, stack_name="greeter")


def greeted(cloud: LocalCloud, machine: str) -> dict[str, Any]:
    client = cloud.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=machine, input='{"name": "you"}')["executionArn"]

    def ended() -> Any:
        found = client.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    found = eventually(ended)
    assert found["status"] == "SUCCEEDED", found
    output: dict[str, Any] = json.loads(found["output"])
    return output


def test_the_state_machine_runs_the_published_version_of_its_function(
    cloud: LocalCloud, deployment: Deployment
) -> None:
    output = greeted(cloud, deployment.outputs["MachineArn"])
    assert output == {"greeting": "hello you", "version": "1", "quoted": 'said "hello"'}


def test_ref_of_a_function_version_is_its_arn_in_the_definition(cloud: LocalCloud, deployment: Deployment) -> None:
    described = cloud.client("stepfunctions").describe_state_machine(stateMachineArn=deployment.outputs["MachineArn"])
    named = json.loads(described["definition"])["States"]["Greet"]["Arguments"]["FunctionName"]
    assert named == f"arn:aws:lambda:us-east-1:123456789012:function:{deployment.resources['GreetFunction']}:1"
    assert described["tracingConfiguration"] == {"enabled": True}
    assert described["loggingConfiguration"]["level"] == "ALL"
    assert described["loggingConfiguration"]["includeExecutionData"] is False


def test_outputs_name_the_state_machine(deployment: Deployment) -> None:
    arn = deployment.outputs["MachineArn"]
    assert arn.startswith("arn:aws:states:us-east-1:123456789012:stateMachine:")
    assert deployment.outputs["Console"].endswith(f"/view/{arn}")
    assert deployment.outputs["TableName"] == deployment.resources["Table"]


def test_moto_makes_state_machines_where_its_interpreter_does_not_look() -> None:
    assert stepfunctions_backends is not stepfunctions_parser_backends


def test_moto_makes_no_alarm_of_a_template() -> None:
    makers = [model for model in get_model_list() if model.cloudformation_type() == "AWS::CloudWatch::Alarm"]
    assert makers == [AlarmResource]


def test_auto_publish_makes_an_alias_on_the_version(cloud: LocalCloud, deployment: Deployment) -> None:
    name = deployment.resources["GreetFunction"]
    alias = cloud.client("lambda").get_alias(FunctionName=name, Name="live")
    assert alias["FunctionVersion"] == "1"


def test_an_event_rule_and_a_schedule_invoke_their_function(cloud: LocalCloud, deployment: Deployment) -> None:
    greeted(cloud, deployment.outputs["MachineArn"])
    dynamodb = cloud.client("dynamodb")

    def noted() -> set[str]:
        items = dynamodb.scan(TableName=deployment.outputs["TableName"])["Items"]
        return {item["pk"]["S"] for item in items}

    eventually(lambda: noted() == {"Scheduled Event", "Step Functions Execution Status Change"})


def test_a_role_allows_what_its_policies_say_and_no_more(cloud: LocalCloud, deployment: Deployment) -> None:
    iam = cloud.client("iam")
    names = iam.list_role_policies(RoleName=deployment.resources["MachineRole"])["PolicyNames"]
    assert names == ["Greet"]
    mine = [call for call in cloud.calls if (call.caller_role or "").endswith(deployment.resources["MachineRole"])]
    assert {(call.service, call.action) for call in mine} == {("lambda", "Invoke")}


def test_the_table_and_the_log_groups_are_there(cloud: LocalCloud, deployment: Deployment) -> None:
    table = cloud.client("dynamodb").describe_table(TableName=deployment.outputs["TableName"])["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix="/aws/vendedlogs/states/greeter")
    assert groups["logGroups"][0]["retentionInDays"] == 7


def test_a_condition_leaves_its_resources_out(cloud: LocalCloud) -> None:
    quiet = cloud.deploy(TEMPLATE, {"Greeting": "hm", "Noting": "no"}, stack_name="greeter-quiet")
    assert "NoteFunction" not in quiet.resources
    assert "NoteArn" not in quiet.outputs
    assert greeted(cloud, quiet.outputs["MachineArn"])["greeting"] == "hm you"


def test_the_same_template_can_be_deployed_again_under_another_name(cloud: LocalCloud, deployment: Deployment) -> None:
    other = cloud.deploy(TEMPLATE, {"Greeting": "bye", "Noting": "no"}, stack_name="greeter-other")
    assert other.outputs["MachineArn"] != deployment.outputs["MachineArn"]
    assert greeted(cloud, other.outputs["MachineArn"])["greeting"] == "bye you"
    assert greeted(cloud, deployment.outputs["MachineArn"])["greeting"] == "hello you"


@pytest.mark.parametrize(
    ("parameters", "stack", "said"),
    [
        ({}, "greeter-new", "needs a value for Greeting"),
        ({"Greeting": "x", "Typo": "y"}, "greeter-new", "no parameter Typo; it has Greeting, Retention, Noting"),
        ({"Greeting": "x"}, "greeter", "the stack greeter already exists"),
        ({"Greeting": "x"}, "my_stack", "'my_stack' is not a stack name"),
        ({"Greeting": "x", "Noting": "perhaps"}, "greeter-new", "parameter Noting: 'perhaps' must be one of yes, no"),
        ({"Greeting": "x", "Retention": "week"}, "greeter-new", "parameter Retention: 'week' is not a number"),
        ({"Greeting": "x", "Retention": "0"}, "greeter-new", "parameter Retention: '0' is below 1"),
        ({"Greeting": "x", "Retention": "31"}, "greeter-new", "parameter Retention: '31' is above 30"),
        ({"Greeting": "Hello!"}, "greeter-new", r"parameter Greeting: 'Hello!' does not match .* \(a few words\)"),
        ({"Greeting": "x" * 21}, "greeter-new", "parameter Greeting: .* has a length above 20"),
    ],
)
def test_what_cannot_be_deployed_is_refused_with_what_to_change(
    cloud: LocalCloud, deployment: Deployment, parameters: dict[str, str], stack: str, said: str
) -> None:
    with pytest.raises(TemplateError, match=said):
        cloud.deploy(TEMPLATE, parameters, stack_name=stack)


def test_a_folder_that_is_not_there_is_named(cloud: LocalCloud, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: nowhere/}\n"
    )
    with pytest.raises(TemplateError, match="CodeUri nowhere/ is not a folder"):
        cloud.deploy(template, stack_name="greeter-nowhere")


def test_a_resource_that_its_service_refuses_fails_the_stack_with_the_reason(cloud: LocalCloud, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n"
        f"    Properties: {{Runtime: python3.13, Handler: a.b, Timeout: 901, CodeUri: {FUNCTIONS / 'worker'}}}\n"
        "Outputs:\n  Arn:\n    Value: !GetAtt F.Arn\n"
    )
    with pytest.raises(TemplateError, match=r"greeter-refused is CREATE_FAILED: .*less than or equal to 900"):
        cloud.deploy(template, stack_name="greeter-refused")
    cloudformation = cloud.client("cloudformation")
    event = cloudformation.describe_stack_events(StackName="greeter-refused")["StackEvents"][0]
    assert event["ResourceStatus"] == "CREATE_FAILED"


def test_a_role_has_the_managed_policies_that_the_template_names(cloud: LocalCloud, deployment: Deployment) -> None:
    """SAM names one for the log of every function."""
    role = cloud.client("lambda").get_function(FunctionName=deployment.resources["GreetFunction"])
    name = role["Configuration"]["Role"].rpartition("/")[2]
    attached = cloud.client("iam").list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert "AWSLambdaBasicExecutionRole" in {each["PolicyName"] for each in attached}


def test_queue_policies_and_settings_of_asynchronous_calls_come_from_the_template(
    cloud: LocalCloud, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.create_function("greeter-settings", FUNCTIONS / "worker")
    formation, queues, functions = (cloud.client(name) for name in ("cloudformation", "sqs", "lambda"))
    formation.create_stack(StackName="greeter-settings", TemplateBody=settings_template("3600"))
    (queue,) = (
        resource["PhysicalResourceId"]
        for resource in formation.list_stack_resources(StackName="greeter-settings")["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::SQS::Queue"
    )

    def seen() -> tuple[list[Any], int]:
        found = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]
        settings = functions.get_function_event_invoke_config(FunctionName="greeter-settings")
        return json.loads(found["Policy"])["Statement"], settings["MaximumEventAgeInSeconds"]

    assert seen() == ([STATEMENT], 3600)
    formation.update_stack(StackName="greeter-settings", TemplateBody=settings_template("90"))
    assert seen()[1] == 90
    said = (
        "The local cloud does not support resources of the type AWS::Chatbot::SlackChannelConfiguration and skips them."
    )
    assert [each.getMessage() for each in caplog.records] == [said]
    formation.delete_stack(StackName="greeter-settings")
    assert (
        functions.list_function_event_invoke_configs(FunctionName="greeter-settings")["FunctionEventInvokeConfigs"]
        == []
    )


def settings_template(oldest: str) -> str:
    policy = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]}}
    config = {
        "FunctionName": "greeter-settings",
        "Qualifier": "$LATEST",
        "MaximumEventAgeInSeconds": oldest,
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Queue", "Arn"]}}},
    }
    resources = {
        "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Config": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": config},
        "Chat": {"Type": "AWS::Chatbot::SlackChannelConfiguration", "Properties": {"ConfigurationName": "shop"}},
    }
    return json.dumps({"Resources": resources})


def test_moto_makes_no_policy_of_a_queue_and_no_settings_of_asynchronous_calls() -> None:
    theirs = {model.cloudformation_type() for model in get_model_list() if model.__module__.startswith("moto.")}
    assert not theirs & {"AWS::SQS::QueuePolicy", "AWS::Lambda::EventInvokeConfig"}


def test_moto_leaves_the_managed_policies_of_a_stack_s_role_out() -> None:
    assert "ManagedPolicyArns" not in inspect.getsource(inspect.getmodule(Role))  # type: ignore[arg-type] # it is a module


@pytest.fixture(scope="module")
def fronted(cloud: LocalCloud) -> Deployment:
    return cloud.deploy(TEMPLATE.with_name("apis.yaml"), {}, stack_name="apis")


def test_a_queue_that_feeds_a_function_is_mapped_to_its_alias(cloud: LocalCloud, fronted: Deployment) -> None:
    """SAM specification, SQS as event source; AutoPublishAlias: events are mapped to the alias."""
    name = fronted.resources["Orders"]
    found = cloud.client("lambda").list_event_source_mappings(FunctionName=f"{name}:live")["EventSourceMappings"]
    ((size, types),) = [(each["BatchSize"], each["FunctionResponseTypes"]) for each in found]
    assert (size, types) == (5, ["ReportBatchItemFailures"])


def test_a_function_with_api_and_http_api_events_is_deployed_with_its_apis(
    cloud: LocalCloud, fronted: Deployment
) -> None:
    """SAM specification, Api and HttpApi as event sources of AWS::Serverless::Function."""
    made = fronted
    rest, http = cloud.client("apigateway"), cloud.client("apigatewayv2")
    resources = rest.get_resources(restApiId=made.outputs["RestApi"])["items"]
    methods = {each["path"]: set(each.get("resourceMethods", {})) for each in resources}
    assert methods == {"/": set(), "/orders": {"ANY"}, "/orders/{id}": {"GET"}}
    assert "Prod" in {stage["stageName"] for stage in rest.get_stages(restApiId=made.outputs["RestApi"])["item"]}
    assert "v1" in {stage["stageName"] for stage in rest.get_stages(restApiId=made.outputs["Shop"])["item"]}
    routes = http.get_routes(ApiId=made.outputs["HttpApi"])["Items"]
    assert {route["RouteKey"] for route in routes} == {"GET /orders", "$default"}
    assert [stage["StageName"] for stage in http.get_stages(ApiId=made.outputs["HttpApi"])["Items"]] == ["$default"]
    assert made.outputs["Endpoint"].startswith(f"https://{made.outputs['HttpApi']}.execute-api.us-east-1.")
    policy = json.loads(
        cloud.client("lambda").get_policy(FunctionName=made.resources["Orders"], Qualifier="live")["Policy"]
    )
    conditions = json.dumps([statement["Condition"] for statement in policy["Statement"]])
    assert made.outputs["RestApi"] in conditions
    assert made.outputs["HttpApi"] in conditions


@pytest.mark.parametrize("name", ["url", "schedule", "layer"])
def test_a_stack_may_have_a_url_of_an_alias_a_schedule_and_a_layer_by_reference(cloud: LocalCloud, name: str) -> None:
    stack = cloud.deploy(ROOT / f"bench/preflight/templates/{name}.yaml", stack_name=f"deployed-{name}")
    client = cloud.client("lambda")
    with lambda_.throttle.off():
        listed = client.list_functions()["Functions"]
        (function,) = (each for each in listed if each["FunctionName"] in stack.resources.values())
        arn = function["FunctionArn"]
        urls = client.list_function_url_configs(FunctionName=arn)["FunctionUrlConfigs"]
    schedules = cloud.client("scheduler")
    found: dict[str, Any] = {
        "url": [each["FunctionArn"] for each in urls],
        "schedule": [
            each["Target"]["Arn"] for each in schedules.list_schedules()["Schedules"] if each["Target"]["Arn"] == arn
        ],
        "layer": [each["Arn"].rpartition(":")[2] for each in function.get("Layers", ())],
    }
    assert found == {"url": [], "schedule": [], "layer": []} | {
        name: {"url": [f"{arn}:live"], "schedule": [arn], "layer": ["1"]}[name]
    }
