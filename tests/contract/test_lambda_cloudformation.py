"""Functions, versions and aliases in a stack."""

import json
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from tests.contract.lambda_calls import ARN, configuration, refused, role

CODE = "import os\ndef handler(event, context):\n    return os.environ.get('COLOUR')\n"


def template(role_arn: str, colour: str) -> str:
    function = {
        "FunctionName": "stack-shop",
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": role_arn,
        "Code": {"ZipFile": CODE},
        "Timeout": "7",
        "Architectures": ["arm64"],
        "TracingConfig": {"Mode": "Active"},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/shop/own"},
        "Environment": {"Variables": {"COLOUR": colour}},
        "Tags": [{"Key": "team", "Value": "shop"}],
    }
    alias = {
        "FunctionName": {"Ref": "Shop"},
        "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
        "Name": "live",
    }
    resources = {
        "Shop": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Version": {
            "Type": "AWS::Lambda::Version",
            "DeletionPolicy": "Retain",  # as SAM's transform writes it
            "Properties": {"FunctionName": {"Ref": "Shop"}},
        },
        "Live": {"Type": "AWS::Lambda::Alias", "Properties": alias},
    }
    outputs = {"Version": {"Value": {"Ref": "Version"}}, "Live": {"Value": {"Ref": "Live"}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud) -> dict[str, str]:
    """A stack's outputs."""
    formation = cloud.client("cloudformation")
    formation.create_stack(StackName="contract-stack", TemplateBody=template(role(cloud), "red"))
    return outputs(formation)


def outputs(formation: Any) -> dict[str, str]:
    (described,) = formation.describe_stacks(StackName="contract-stack")["Stacks"]
    assert described["StackStatus"].endswith("_COMPLETE")
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def test_a_stack_s_function_has_all_its_properties_and_is_active(cloud: LocalCloud, stack: dict[str, str]) -> None:
    found = cloud.client("lambda").get_function(FunctionName="stack-shop")
    seen = found["Configuration"]
    assert (seen["State"], seen["Timeout"], seen["Architectures"]) == ("Active", 7, ["arm64"])
    assert seen["TracingConfig"] == {"Mode": "Active"}
    assert seen["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": "/shop/own"}
    assert found["Tags"] == {"team": "shop"}


def test_ref_of_a_version_and_of_an_alias_is_its_arn(cloud: LocalCloud, stack: dict[str, str]) -> None:
    assert stack == {"Version": f"{ARN}stack-shop:1", "Live": f"{ARN}stack-shop:live"}
    told = cloud.client("lambda").invoke(FunctionName=stack["Live"])
    assert (told["ExecutedVersion"], json.load(told["Payload"])) == ("1", "red")


def test_an_update_changes_the_function_at_once_and_no_version(cloud: LocalCloud, stack: dict[str, str]) -> None:
    formation = cloud.client("cloudformation")
    formation.update_stack(StackName="contract-stack", TemplateBody=template(role(cloud), "blue"))
    assert outputs(formation) == stack
    client = cloud.client("lambda")
    with lambda_.throttle.off():
        assert configuration(client, "stack-shop")["LastUpdateStatus"] == "Successful"
    said = [json.load(client.invoke(FunctionName=name)["Payload"]) for name in ("stack-shop", stack["Live"])]
    assert said == ["blue", "red"]


def test_deleting_a_stack_deletes_its_function(cloud: LocalCloud, stack: dict[str, str]) -> None:
    cloud.client("cloudformation").delete_stack(StackName="contract-stack")
    assert refused(cloud.client("lambda").get_function, FunctionName="stack-shop")[0] == "ResourceNotFoundException"
