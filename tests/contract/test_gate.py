"""The gate: every call passes it, whatever the service's protocol, and is noted."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from localcloud.front.gate import Call
from tests.contract.acting import ACCOUNT, allow, client_of, make_role

FUNCTIONS = Path(__file__).parent / "functions"
ENTRY = {"Source": "s", "DetailType": "d", "Detail": "{}"}
EXCEPTION = ("AccessDeniedException", 400)
PLAIN = ("AccessDenied", 403)
CALLS: list[tuple[str, str, dict[str, Any], tuple[str, int]]] = [
    ("lambda", "get_function", {"FunctionName": "x"}, ("AccessDeniedException", 403)),
    ("dynamodb", "describe_table", {"TableName": "x"}, EXCEPTION),
    ("events", "put_events", {"Entries": [ENTRY]}, EXCEPTION),
    ("stepfunctions", "list_state_machines", {}, EXCEPTION),
    ("cloudwatch", "list_metrics", {}, PLAIN),
    ("iam", "get_role", {"RoleName": "x"}, PLAIN),
    ("s3", "get_object", {"Bucket": "b", "Key": "k"}, PLAIN),
    ("s3", "list_objects_v2", {"Bucket": "b"}, PLAIN),
    ("logs", "filter_log_events", {"logGroupName": "x"}, EXCEPTION),
    ("ssm", "get_parameter", {"Name": "x"}, EXCEPTION),
    ("secretsmanager", "get_secret_value", {"SecretId": "x"}, EXCEPTION),
]


def calls_of(cloud: LocalCloud, role_arn: str) -> list[Call]:
    return [call for call in list(cloud.calls) if call.caller_role == role_arn]


@pytest.mark.parametrize(("service", "operation", "arguments", "answer"), CALLS)
def test_a_role_without_policies_is_refused_in_the_shape_of_each_service(
    cloud: LocalCloud, service: str, operation: str, arguments: dict[str, Any], answer: tuple[str, int]
) -> None:
    role = make_role(cloud, f"gate-nothing-{service}-{operation}")
    with pytest.raises(ClientError) as refused:
        getattr(client_of(cloud, role, service), operation)(**arguments)
    error = refused.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == answer
    assert "is not authorized to perform" in error["Error"]["Message"]


def test_a_refusal_says_who_may_not_do_what_to_what_and_why(cloud: LocalCloud) -> None:
    role = make_role(cloud, "gate-sentence")
    with pytest.raises(ClientError) as refused:
        client_of(cloud, role, "lambda", session="shift").update_alias(FunctionName="checkout", Name="live")
    assert refused.value.response["Error"]["Message"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/gate-sentence/shift is not authorized to perform: "
        f"lambda:UpdateAlias on resource: arn:aws:lambda:us-east-1:{ACCOUNT}:function:checkout "
        "because no identity-based policy allows the lambda:UpdateAlias action"
    )


def test_a_refused_call_is_not_carried_out(cloud: LocalCloud) -> None:
    role = make_role(cloud, "gate-not-done", allow("s3:GetObject"))
    with pytest.raises(ClientError):
        client_of(cloud, role, "s3").create_bucket(Bucket="gate-never-made")
    buckets = [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]
    assert "gate-never-made" not in buckets


def test_an_action_the_local_cloud_does_not_know_is_refused_to_roles_with_all_rights(cloud: LocalCloud) -> None:
    role = make_role(cloud, "gate-unknown-action", allow("*"))
    with pytest.raises(ClientError, match="local cloud does not know the permissions for sqs:PurgeQueue"):
        client_of(cloud, role, "sqs").purge_queue(QueueUrl=f"{cloud.endpoint}/{ACCOUNT}/none")


def test_the_administrator_may_do_what_the_local_cloud_does_not_know(cloud: LocalCloud) -> None:
    assert "Queues" not in cloud.client("resource-groups").list_groups()


def test_a_call_is_noted_with_the_statement_that_allowed_it(cloud: LocalCloud) -> None:
    role = make_role(cloud, "gate-noted", allow("dynamodb:ListTables"), allow("lambda:ListFunctions", Sid="Functions"))
    client_of(cloud, role, "lambda").list_functions()
    client_of(cloud, role, "dynamodb").list_tables()
    first, second = calls_of(cloud, role)
    assert (first.service, first.action, first.allowed, first.status) == ("lambda", "ListFunctions", True, 200)
    assert first.statements == ("gate-noted/own/Functions",)
    assert second.statements == ("gate-noted/own/0",)
    assert abs(first.at - cloud.clock.time()) < 600


def test_a_refused_call_is_noted_with_what_it_asked_for(cloud: LocalCloud) -> None:
    role = make_role(cloud, "gate-noted-refusal")
    with pytest.raises(ClientError):
        client_of(cloud, role, "dynamodb").get_item(TableName="orders", Key={"id": {"S": "1"}})
    (call,) = calls_of(cloud, role)
    assert not call.allowed
    assert call.status == 400
    assert call.resources == (f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders",)


def test_a_call_that_the_service_refuses_is_noted_as_allowed(cloud: LocalCloud) -> None:
    role = make_role(cloud, "gate-service-error", allow("dynamodb:*"))
    with pytest.raises(ClientError):
        client_of(cloud, role, "dynamodb").describe_table(TableName=f"absent-{uuid4()}")
    (call,) = calls_of(cloud, role)
    assert (call.allowed, call.status) == (True, 400)


def test_a_function_shows_its_tags_to_whoever_may_list_them(cloud: LocalCloud) -> None:
    """Lambda API reference, GetFunction: tags are told only with leave for lambda:ListTags."""
    function = "gate-tagged"
    cloud.create_function(function, FUNCTIONS / "recorder")
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}"
    cloud.client("lambda").tag_resource(Resource=arn, Tags={"team": "shop"})
    for name, more in (("gate-no-tags", []), ("gate-tags", ["lambda:ListTags"])):
        role = make_role(cloud, name, allow(["lambda:GetFunction", *more], arn))
        found = client_of(cloud, role, "lambda").get_function(FunctionName=function)
        assert found.get("Tags") == ({"team": "shop"} if more else None)
        (call,) = calls_of(cloud, role)
        assert [grant.action for grant in call.grants] == ["lambda:GetFunction", *more]


def test_objects_and_secrets_reach_a_role_that_may_read_them(cloud: LocalCloud) -> None:
    cloud.client("s3").create_bucket(Bucket="gate-builds")
    cloud.client("s3").put_object(Bucket="gate-builds", Key="a/b.zip", Body=b"code")
    cloud.client("ssm").put_parameter(Name="/gate/level", Value="debug", Type="String")
    role = make_role(
        cloud,
        "gate-reader",
        allow("s3:GetObject", "arn:aws:s3:::gate-builds/a/*"),
        allow("ssm:GetParameters", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/gate/*"),
    )
    body = client_of(cloud, role, "s3").get_object(Bucket="gate-builds", Key="a/b.zip")["Body"].read()
    found = client_of(cloud, role, "ssm").get_parameters(Names=["/gate/level"])["Parameters"]
    assert body == b"code"
    assert [parameter["Value"] for parameter in found] == ["debug"]
