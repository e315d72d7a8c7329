"""Stacks that are changed: in the order of CloudFormation, with what is to be retained retained."""

import json
from pathlib import Path
from typing import Any

from localcloud import LocalCloud
from localcloud.deploy import zipped
from tests.contract.lambda_calls import role

NAME = "contract-changing"


def template(role_arn: str, word: str, *, version: str = "First", kept: bool = True) -> str:
    function = {"FunctionName": NAME, "Runtime": "python3.13", "Handler": "index.handler", "Role": role_arn}
    code = {"ZipFile": f"def handler(event, context): return {word!r}"}
    alias = {"FunctionName": {"Ref": "Shop"}, "FunctionVersion": {"Fn::GetAtt": [version, "Version"]}, "Name": "live"}
    resources: dict[str, Any] = {
        "Live": {"Type": "AWS::Lambda::Alias", "Properties": alias, "DeletionPolicy": "Retain"},
        version: {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Shop"}}},
        "Shop": {"Type": "AWS::Lambda::Function", "Properties": {**function, "Code": code}},
        "Words": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": NAME}},
    }
    if not kept:
        del resources["Live"], resources["Words"]
    return json.dumps({"Resources": resources})


def test_a_version_is_published_after_its_function_has_changed_and_the_alias_after_that(cloud: LocalCloud) -> None:
    formation, client = cloud.client("cloudformation"), cloud.client("lambda")
    formation.create_stack(StackName=NAME, TemplateBody=template(role(cloud), "one"))
    formation.update_stack(StackName=NAME, TemplateBody=template(role(cloud), "two", version="Second"))
    answer = client.invoke(FunctionName=NAME, Qualifier="live")
    assert (answer["ExecutedVersion"], json.load(answer["Payload"])) == ("2", "two")


def test_what_a_template_has_no_more_is_deleted_unless_it_is_to_be_retained(cloud: LocalCloud) -> None:
    """DeletionPolicy counts for updates, too (CloudFormation's page of it)."""
    formation = cloud.client("cloudformation")
    formation.update_stack(StackName=NAME, TemplateBody=template(role(cloud), "two", version="Second", kept=False))
    assert cloud.client("lambda").get_alias(FunctionName=NAME, Name="live")["FunctionVersion"] == "2"
    assert not [t for t in cloud.client("sns").list_topics()["Topics"] if t["TopicArn"].endswith(f":{NAME}")]


def test_a_change_set_of_a_sam_template_from_s3_makes_a_stack_with_outputs(cloud: LocalCloud, tmp_path: Path) -> None:
    """As `sam deploy` does it: code, definition and template are in a bucket."""
    formation, s3 = cloud.client("cloudformation"), cloud.client("s3")
    s3.create_bucket(Bucket="contract-sam")
    text = (
        "Transform: AWS::Serverless-2016-10-31\nParameters: {Word: {Type: String}}\n"
        "Conditions: {Never: !Equals [!Ref Word, never]}\nResources:\n"
        "  Q:\n    Type: AWS::SQS::Queue\n    Condition: Never\n  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: s3://contract-sam/code.zip,\n"
        "      Environment: {Variables: {WORD: !Ref Word}}}\n"
        "  M:\n    Type: AWS::Serverless::StateMachine\n"
        "    Properties: {DefinitionUri: s3://contract-sam/machine.yaml, DefinitionSubstitutions: {F: !GetAtt F.Arn}}\n"
        "Outputs:\n  F: {Value: !Ref F}\n  M: {Value: !Ref M}\n"
    )
    (tmp_path / "app.py").write_text("import os\ndef handler(event, context): return os.environ['WORD']\n")
    s3.put_object(Bucket="contract-sam", Key="code.zip", Body=zipped(tmp_path))
    s3.put_object(
        Bucket="contract-sam", Key="machine.yaml", Body=b"StartAt: S\nStates: {S: {Type: Succeed, Comment: '${F}'}}"
    )
    s3.put_object(Bucket="contract-sam", Key="template", Body=text.encode())
    formation.create_change_set(
        StackName="contract-sam",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateURL=f"{cloud.endpoint}/contract-sam/template",
        Parameters=[{"ParameterKey": "Word", "ParameterValue": "hello"}],
    )
    formation.execute_change_set(StackName="contract-sam", ChangeSetName="first")
    for listed in (
        formation.list_stack_resources(StackName="contract-sam")["StackResourceSummaries"],
        formation.describe_stack_resources(StackName="contract-sam")["StackResources"],
    ):
        named = {each["LogicalResourceId"]: each["ResourceType"] for each in listed}
        assert named == {
            "F": "AWS::Lambda::Function",
            "FRole": "AWS::IAM::Role",
            "M": "AWS::StepFunctions::StateMachine",
            "MRole": "AWS::IAM::Role",
        }
    (stack,) = formation.describe_stacks(StackName="contract-sam")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert json.load(cloud.client("lambda").invoke(FunctionName=outputs["F"])["Payload"]) == "hello"
    machine = cloud.client("stepfunctions").describe_state_machine(stateMachineArn=outputs["M"])
    assert json.loads(machine["definition"])["States"]["S"]["Comment"].endswith(f":function:{outputs['F']}")
