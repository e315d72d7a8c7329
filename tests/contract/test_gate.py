"""The gate: every call passes it, whatever the service's protocol."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from localcloud.front import gate
from localcloud.iam import credentials_for

LAMBDA_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def make_role(cloud: LocalCloud, name: str, *statements: dict[str, Any]) -> str:
    iam = cloud.client("iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(LAMBDA_TRUST))["Role"]["Arn"]
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    return arn


def client_of(cloud: LocalCloud, role_arn: str, service: str) -> Any:
    keys = credentials_for(role_arn)
    session = boto3.Session(keys.access_key_id, keys.secret_access_key, keys.session_token, "us-east-1")
    once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=cloud.endpoint, config=once)


CALLS: list[tuple[str, str, dict[str, Any], str, int]] = [
    ("lambda", "get_function", {"FunctionName": "x"}, "AccessDeniedException", 403),
    ("dynamodb", "describe_table", {"TableName": "x"}, "AccessDeniedException", 400),
    (
        "events",
        "put_events",
        {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]},
        "AccessDeniedException",
        400,
    ),
    ("stepfunctions", "list_state_machines", {}, "AccessDeniedException", 400),
    ("cloudwatch", "list_metrics", {}, "AccessDenied", 403),
    ("iam", "get_role", {"RoleName": "x"}, "AccessDenied", 403),
    ("s3", "get_object", {"Bucket": "b", "Key": "k"}, "AccessDenied", 403),
    ("s3", "list_objects_v2", {"Bucket": "b"}, "AccessDenied", 403),
    ("logs", "filter_log_events", {"logGroupName": "x"}, "AccessDeniedException", 400),
    ("ssm", "get_parameter", {"Name": "x"}, "AccessDeniedException", 400),
    ("secretsmanager", "get_secret_value", {"SecretId": "x"}, "AccessDeniedException", 400),
]


@pytest.mark.parametrize(("service", "operation", "arguments", "code", "status"), CALLS)
def test_refuses_a_role_without_policies_in_the_shape_of_each_service(
    cloud: LocalCloud, service: str, operation: str, arguments: dict[str, Any], code: str, status: int
) -> None:
    role = make_role(cloud, f"gate-nothing-{service}-{operation}")
    with pytest.raises(ClientError) as refused:
        getattr(client_of(cloud, role, service), operation)(**arguments)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert "is not authorized to perform" in refused.value.response["Error"]["Message"]
