"""What each call needs: the resource it is on, and the rights it depends on."""

from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.contract.acting import ACCOUNT, Request, Statement, allow, refusal, when

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:iam-shop"
LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:iam-base:3"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0a1b"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/iam-shop"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/shop"


QUALIFIED: list[tuple[str, dict[str, Any]]] = [
    ("invoke", {"FunctionName": "iam-shop", "Qualifier": "live"}),
    ("invoke", {"FunctionName": f"{FUNCTION}:live"}),
    ("get_function", {"FunctionName": "iam-shop", "Qualifier": "live"}),
    ("get_function_configuration", {"FunctionName": "iam-shop", "Qualifier": "live"}),
    ("get_provisioned_concurrency_config", {"FunctionName": "iam-shop", "Qualifier": "live"}),
]
UNQUALIFIED: list[tuple[str, dict[str, Any]]] = [
    ("update_alias", {"FunctionName": "iam-shop", "Name": "live"}),
    ("get_alias", {"FunctionName": "iam-shop", "Name": "live"}),
    ("create_alias", {"FunctionName": "iam-shop", "Name": "live", "FunctionVersion": "1"}),
    ("publish_version", {"FunctionName": "iam-shop"}),
    ("update_function_code", {"FunctionName": FUNCTION, "ZipFile": b""}),
    ("list_versions_by_function", {"FunctionName": "iam-shop"}),
    ("list_aliases", {"FunctionName": "iam-shop"}),
    ("get_function", {"FunctionName": "iam-shop"}),
    ("invoke", {"FunctionName": "iam-shop"}),
]


@pytest.mark.parametrize(("operation", "arguments"), QUALIFIED)
def test_a_call_with_a_qualifier_needs_the_qualified_arn(
    cloud: LocalCloud, operation: str, arguments: dict[str, Any]
) -> None:
    request = ("lambda", operation, arguments)
    assert f"on resource: {FUNCTION}:live" in str(refusal(cloud, [allow("lambda:*", FUNCTION)], request))
    assert refusal(cloud, [allow("lambda:*", f"{FUNCTION}:*")], request) is None


@pytest.mark.parametrize(("operation", "arguments"), UNQUALIFIED)
def test_alias_version_and_update_calls_need_the_unqualified_arn(
    cloud: LocalCloud, operation: str, arguments: dict[str, Any]
) -> None:
    request = ("lambda", operation, arguments)
    assert f"on resource: {FUNCTION} " in str(refusal(cloud, [allow("lambda:*", f"{FUNCTION}:*")], request))
    assert refusal(cloud, [allow("lambda:*", FUNCTION)], request) is None


SUBNET = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:{'0' * 64}"
ZIP = {"S3Bucket": "builds", "S3Key": "shop.zip"}
PASS = when("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")
POINT = f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:access-point/fsap-0123456789abcdef0"
MOUNTED = {"Arn": POINT, "LocalMountPath": "/mnt/data"}
FILE_SYSTEMS = [POINT, f"arn:aws:elasticfilesystem:us-east-1:{ACCOUNT}:file-system/*"]
DEPENDENT: list[tuple[str, dict[str, Any], Statement]] = [
    ("update_function_configuration", {"Layers": [LAYER]}, allow("lambda:GetLayerVersion", LAYER)),
    ("update_function_configuration", {"Role": ROLE}, allow("iam:PassRole", ROLE, **PASS)),
    ("update_function_configuration", {"VpcConfig": SUBNET}, allow("ec2:Describe*")),
    (
        "update_function_configuration",
        {"KMSKeyArn": KEY},
        allow(["kms:CreateGrant", "kms:Encrypt", "kms:Decrypt"], KEY),
    ),
    ("update_function_configuration", {"FileSystemConfigs": [MOUNTED]}, allow("elasticfilesystem:*", FILE_SYSTEMS)),
    ("update_function_code", ZIP, allow("s3:GetObject", "arn:aws:s3:::builds/*")),
    ("update_function_code", ZIP | {"S3ObjectVersion": "v"}, allow("s3:GetObjectVersion", "arn:aws:s3:::builds/*")),
    ("update_function_code", {"ImageUri": IMAGE}, allow("ecr:*", REPOSITORY)),
]


@pytest.mark.parametrize(("operation", "arguments", "dependent"), DEPENDENT)
def test_an_update_needs_the_rights_it_depends_on(
    cloud: LocalCloud, operation: str, arguments: dict[str, Any], dependent: Statement
) -> None:
    request = ("lambda", operation, {"FunctionName": "iam-shop", **arguments})
    update = allow("lambda:UpdateFunction*", FUNCTION)
    asked = str(refusal(cloud, [update], request)).split()[0]
    assert asked.split(":")[0] == str(dependent["Action"]).strip("['").split(":")[0]
    assert refusal(cloud, [update, dependent], request) is None


def test_a_role_passed_to_another_service_is_refused(cloud: LocalCloud) -> None:
    request = ("lambda", "update_function_configuration", {"FunctionName": "iam-shop", "Role": ROLE})
    elsewhere = allow("iam:PassRole", ROLE, **when("StringEquals", "iam:PassedToService", "ecs.amazonaws.com"))
    refused = refusal(cloud, [allow("lambda:*"), elsewhere], request)
    assert str(refused).startswith(f"iam:PassRole on resource: {ROLE} ")


def test_a_transaction_needs_the_right_to_each_of_its_items(cloud: LocalCloud) -> None:
    put = {"Put": {"TableName": "iam-a", "Item": {"id": {"S": "t"}}}}
    check = {
        "ConditionCheck": {
            "TableName": "iam-a",
            "Key": {"id": {"S": "u"}},
            "ConditionExpression": "attribute_not_exists(id)",
        }
    }
    request = ("dynamodb", "transact_write_items", {"TransactItems": [put, check]})
    refused = refusal(cloud, [allow("dynamodb:PutItem")], request)
    assert str(refused).startswith("dynamodb:ConditionCheckItem")
    assert refusal(cloud, [allow(["dynamodb:PutItem", "dynamodb:ConditionCheckItem"])], request) is None


MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:iam-release"
EXECUTION = f"arn:aws:states:us-east-1:{ACCOUNT}:execution:iam-release:r1"
EVENT = {"Source": "tidegate", "DetailType": "d", "Detail": "{}", "EventBusName": "default"}
BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
ON_ITS_RESOURCE: list[tuple[Request, Statement]] = [
    (("stepfunctions", "start_execution", {"stateMachineArn": MACHINE}), allow("states:StartExecution", MACHINE)),
    (("stepfunctions", "stop_execution", {"executionArn": EXECUTION}), allow("states:StopExecution", EXECUTION)),
    (("stepfunctions", "send_task_success", {"taskToken": "t", "output": "{}"}), allow("states:SendTask*")),
    (("events", "put_events", {"Entries": [EVENT]}), allow("events:PutEvents", BUS)),
    (
        ("events", "put_events", {"Entries": [EVENT]}),
        allow("events:PutEvents", **when("StringEquals", "events:source", "tidegate")),
    ),
    (
        ("cloudwatch", "put_metric_data", {"Namespace": "Tidegate", "MetricData": []}),
        allow("cloudwatch:PutMetricData", **when("StringEquals", "cloudwatch:namespace", "Tidegate")),
    ),
    (
        ("ssm", "get_parameter", {"Name": "/shop/level"}),
        allow("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/shop/*"),
    ),
    (
        ("logs", "filter_log_events", {"logGroupName": "/aws/lambda/x"}),
        allow("logs:FilterLogEvents", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/*:*"),
    ),
]


@pytest.mark.parametrize(("request_", "statement"), ON_ITS_RESOURCE)
def test_each_service_is_asked_for_on_its_own_resource(
    cloud: LocalCloud, request_: Request, statement: Statement
) -> None:
    elsewhere = allow(statement["Action"], "arn:aws:other:us-east-1::none")
    assert refusal(cloud, [elsewhere], request_) is not None
    assert refusal(cloud, [statement], request_) is None


def test_metrics_can_only_be_read_with_a_star(cloud: LocalCloud) -> None:
    request: Request = ("cloudwatch", "list_metrics", {})
    named = allow("cloudwatch:ListMetrics", f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:metric/x")
    assert refusal(cloud, [named], request) is not None
    assert refusal(cloud, [allow("cloudwatch:ListMetrics")], request) is None


def test_secrets_with_a_key_of_ones_own_need_decryption_too(cloud: LocalCloud) -> None:
    secret = cloud.client("secretsmanager").create_secret(Name="iam-key", SecretString="s", KmsKeyId=KEY)["ARN"]
    request = ("secretsmanager", "get_secret_value", {"SecretId": "iam-key"})
    read = allow("secretsmanager:GetSecretValue", secret)
    assert str(refusal(cloud, [read], request)).startswith(f"kms:Decrypt on resource: {KEY}")
    assert refusal(cloud, [read, allow("kms:Decrypt", KEY)], request) is None


def test_items_of_a_table_with_a_key_of_ones_own_need_decryption_through_dynamodb(cloud: LocalCloud) -> None:
    cloud.client("dynamodb").create_table(
        TableName="iam-encrypted",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY},
    )
    request: Request = ("dynamodb", "get_item", {"TableName": "iam-encrypted", "Key": {"id": {"S": "1"}}})
    read = allow("dynamodb:GetItem")
    assert str(refusal(cloud, [read], request)).startswith(f"kms:Decrypt on resource: {KEY}")
    for service, refused in (("dynamodb", False), ("s3", True)):
        via = when("StringEquals", "kms:ViaService", f"{service}.us-east-1.amazonaws.com")
        assert bool(refusal(cloud, [read, allow("kms:Decrypt", KEY, **via)], request)) == refused


@pytest.mark.parametrize("pattern", ["iam-*", "*"])
def test_the_right_to_delete_versions_is_none_to_delete_the_function(cloud: LocalCloud, pattern: str) -> None:
    versions = allow("lambda:DeleteFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{pattern}:*")
    whole: Request = ("lambda", "delete_function", {"FunctionName": "iam-old"})
    assert str(refusal(cloud, [versions], whole)).startswith("lambda:DeleteFunction")
    for numbered in ({"FunctionName": "iam-old", "Qualifier": "1"}, {"FunctionName": "iam-old:1"}):
        assert refusal(cloud, [versions], ("lambda", "delete_function", numbered)) is None


def test_new_variables_of_a_function_with_a_key_need_that_key(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return 1\n")
    cloud.create_function("iam-encrypted", tmp_path)
    cloud.client("lambda").update_function_configuration(FunctionName="iam-encrypted", KMSKeyArn=KEY)
    cloud.client("lambda").get_waiter("function_updated_v2").wait(FunctionName="iam-encrypted")
    variables = {"FunctionName": "iam-encrypted", "Environment": {"Variables": {"LEVEL": "debug"}}}
    request: Request = ("lambda", "update_function_configuration", variables)
    update = allow("lambda:UpdateFunctionConfiguration")
    assert str(refusal(cloud, [update], request)).startswith(f"kms:CreateGrant on resource: {KEY}")
    assert refusal(cloud, [update, allow("kms:*", KEY)], request) is None


ALARM = {
    "AlarmName": "iam-alarm",
    "Namespace": "Shop",
    "MetricName": "Orders",
    "ComparisonOperator": "LessThanThreshold",
    "EvaluationPeriods": 1,
    "Period": 60,
    "Statistic": "Sum",
    "Threshold": 1,
    "Tags": [{"Key": "a", "Value": "b"}],
}
TABLE = {
    "TableName": "iam-tagged",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "Tags": [{"Key": "a", "Value": "b"}],
}
TAGGED: list[tuple[Request, str, str]] = [
    (
        ("logs", "create_log_group", {"logGroupName": "/iam/tagged", "tags": {"a": "b"}}),
        "logs:CreateLogGroup",
        "logs:TagResource",
    ),
    (("cloudwatch", "put_metric_alarm", ALARM), "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
    (("dynamodb", "create_table", TABLE), "dynamodb:CreateTable", "dynamodb:TagResource"),
    (
        (
            "iam",
            "create_role",
            {"RoleName": "iam-tagged", "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        "iam:CreateRole",
        "iam:TagRole",
    ),
]


@pytest.mark.parametrize(("request_", "making", "tagging"), TAGGED, ids=lambda each: str(each)[:30])
def test_what_is_made_with_tags_needs_the_right_to_tag_too(
    cloud: LocalCloud, request_: Request, making: str, tagging: str
) -> None:
    """Each service's API reference, with the parameter for tags of the call that makes something:

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    assert str(refusal(cloud, [allow(making)], request_)).startswith(tagging)
    assert refusal(cloud, [allow([making, tagging])], request_) is None
