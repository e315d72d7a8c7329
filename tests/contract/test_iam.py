"""What a role may do, by its stored policies."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.awslambda.responses import LambdaResponse
from moto.cloudwatch.responses import CloudWatchResponse
from moto.dynamodb.responses import DynamoHandler
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import s3_backends

from localcloud import LocalCloud
from localcloud.iam import NotTrustedError, caller_of, credentials_for, lambda_allows, policy_allows
from tests.contract.acting import (
    ACCOUNT,
    Request,
    Statement,
    allow,
    client_of,
    deny,
    document,
    make_role,
    refusal,
    refusal_of,
    when,
)

TABLES = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table"
GET_ITEM: Request = ("dynamodb", "get_item", {"TableName": "iam-a", "Key": {"id": {"S": "7"}}})
PUT_RELEASE: Request = ("dynamodb", "put_item", {"TableName": "iam-a", "Item": {"id": {"S": "release#1"}}})
LIST: Request = ("dynamodb", "list_tables", {})


@pytest.fixture(scope="module")
def table(cloud: LocalCloud) -> str:
    cloud.client("dynamodb").create_table(
        TableName="iam-a",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    return "iam-a"


ALLOWING = [
    [allow("dynamodb:GetItem", f"{TABLES}/iam-a")],
    [allow("dynamodb:get*", f"{TABLES}/iam-*")],
    [allow(["s3:GetObject", "dynamodb:GetIte?"], ["arn:aws:s3:::b/*", f"{TABLES}/iam-?"])],
    [allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/*")],
    [{"Effect": "Allow", "NotAction": "dynamodb:Put*", "Resource": "*"}],
    [{"Effect": "Allow", "Action": "dynamodb:*", "NotResource": f"{TABLES}/other"}],
    [allow("dynamodb:GetItem"), deny("dynamodb:PutItem")],
]
NOT_ALLOWING = [
    [allow("dynamodb:GetItem", f"{TABLES}/iam-b")],
    [allow("dynamodb:PutItem")],
    [allow("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:*:table/iam-a")],
    [{"Effect": "Allow", "NotAction": "dynamodb:Get*", "Resource": "*"}],
    [{"Effect": "Allow", "Action": "dynamodb:*", "NotResource": f"{TABLES}/iam-*"}],
    [allow("*"), deny("dynamodb:*", f"{TABLES}/iam-a")],
]


@pytest.mark.parametrize("statements", ALLOWING)
def test_a_statement_allows_the_actions_and_resources_that_it_names(
    cloud: LocalCloud, statements: list[Statement]
) -> None:
    assert refusal(cloud, statements, GET_ITEM) is None


@pytest.mark.parametrize("statements", NOT_ALLOWING)
def test_what_no_statement_allows_or_one_denies_is_refused(cloud: LocalCloud, statements: list[Statement]) -> None:
    assert str(refusal(cloud, statements, GET_ITEM)).startswith("dynamodb:GetItem on resource")


def test_an_explicit_deny_is_named_as_the_reason(cloud: LocalCloud) -> None:
    refused = refusal(cloud, [allow("*"), deny("dynamodb:GetItem")], GET_ITEM)
    assert str(refused).endswith("with an explicit deny in an identity-based policy")


MET = [
    (when("StringEquals", "dynamodb:LeadingKeys", ["1", "7"]), GET_ITEM),
    (when("ForAllValues:StringLike", "dynamodb:LeadingKeys", "release#*"), PUT_RELEASE),
    (when("ForAnyValue:StringEquals", "dynamodb:LeadingKeys", "7"), GET_ITEM),
    (when("StringEquals", "aws:ResourceTag/team", "shop"), GET_ITEM),
    (when("StringEquals", "aws:ResourceAccount", ACCOUNT), GET_ITEM),
    (when("StringEqualsIgnoreCase", "aws:requestedregion", "US-EAST-1"), GET_ITEM),
    (when("StringNotLike", "aws:RequestedRegion", "eu-*"), GET_ITEM),
    (when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/iam-*"), GET_ITEM),
    (when("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/admin-*"), GET_ITEM),
    (when("Bool", "aws:SecureTransport", True), GET_ITEM),
    (when("Null", "aws:ResourceTag/owner", "true"), GET_ITEM),
    (when("StringEqualsIfExists", "aws:ResourceTag/owner", "me"), GET_ITEM),
    (when("StringNotEquals", "aws:ResourceTag/owner", "me"), GET_ITEM),
    (when("NumericGreaterThan", "aws:EpochTime", "1700000000"), GET_ITEM),
    (when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), GET_ITEM),
]
UNMET = [
    (when("StringEquals", "dynamodb:LeadingKeys", "8"), GET_ITEM),
    (when("ForAllValues:StringLike", "dynamodb:LeadingKeys", "lock#*"), PUT_RELEASE),
    (when("ForAnyValue:StringEquals", "dynamodb:LeadingKeys", "7"), LIST),
    (when("StringEquals", "aws:ResourceTag/team", "billing"), GET_ITEM),
    (when("StringEquals", "aws:ResourceTag/owner", "me"), GET_ITEM),
    (when("StringNotLike", "aws:RequestedRegion", "us-*"), GET_ITEM),
    (when("Bool", "aws:SecureTransport", "false"), GET_ITEM),
    (when("Null", "aws:ResourceTag/team", "true"), GET_ITEM),
    (when("NumericLessThan", "aws:EpochTime", "1700000000"), GET_ITEM),
    (when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), GET_ITEM),
    (when("StringNotEquals", "aws:PrincipalOrgID", "o-1"), GET_ITEM),
    (when("IpAddress", "aws:SourceIp", "127.0.0.0/8"), GET_ITEM),
]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("condition", "request_"), MET)
def test_a_statement_with_a_condition_that_is_met_allows(
    cloud: LocalCloud, condition: dict[str, Any], request_: Request
) -> None:
    assert refusal(cloud, [allow("dynamodb:*", **condition)], request_) is None


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("condition", "request_"), UNMET)
def test_a_statement_with_a_condition_that_is_not_met_or_not_known_does_not_allow(
    cloud: LocalCloud, condition: dict[str, Any], request_: Request
) -> None:
    assert refusal(cloud, [allow("dynamodb:*", **condition)], request_) is not None


def test_a_bucket_belongs_to_the_account_that_made_it(cloud: LocalCloud) -> None:
    """Its ARN does not say whose it is (Amazon S3 User Guide, aws:ResourceAccount in IAM policies)."""
    other = "210987654321"
    cloud.client("s3").create_bucket(Bucket="iam-own")
    s3_backends[other]["aws"].create_bucket("iam-foreign", "us-east-1")
    for bucket, owner in (("iam-own", ACCOUNT), ("iam-foreign", other)):
        request: Request = ("s3", "list_object_versions", {"Bucket": bucket})
        for account in (ACCOUNT, other):
            refused = refusal(cloud, [allow("s3:*", **when("StringEquals", "aws:ResourceAccount", account))], request)
            assert (refused is None) is (account == owner), bucket


def test_a_policy_variable_stands_for_the_tag_of_the_role(cloud: LocalCloud) -> None:
    statement = allow("dynamodb:GetItem", TABLES + "/iam-${aws:PrincipalTag/table}")
    assert refusal(cloud, [statement], GET_ITEM, Tags=[{"Key": "table", "Value": "a"}]) is None
    assert refusal(cloud, [statement], GET_ITEM, Tags=[{"Key": "table", "Value": "b"}]) is not None


def test_a_policy_that_aws_manages_allows_once_attached(cloud: LocalCloud) -> None:
    role = make_role(cloud, "iam-aws-managed")
    request: Request = ("dynamodb", "list_tables", {})
    assert refusal_of(cloud, role, request) is not None
    cloud.client("iam").attach_role_policy(
        RoleName="iam-aws-managed", PolicyArn="arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
    )
    assert refusal_of(cloud, role, request) is None


def test_a_managed_policy_counts_in_its_default_version(cloud: LocalCloud) -> None:
    iam = cloud.client("iam")
    role = make_role(cloud, "iam-own-managed")
    policy = iam.create_policy(PolicyName="iam-own", PolicyDocument=document(allow("dynamodb:*")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="iam-own-managed", PolicyArn=policy)
    assert refusal_of(cloud, role, LIST) is None
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=document(allow("s3:*")), SetAsDefault=True)
    assert refusal_of(cloud, role, LIST) is not None


def test_a_permissions_boundary_limits_what_the_role_allows(cloud: LocalCloud) -> None:
    policy = cloud.client("iam").create_policy(
        PolicyName="iam-boundary", PolicyDocument=document(allow("dynamodb:Get*"))
    )
    options = {"PermissionsBoundary": policy["Policy"]["Arn"]}
    assert refusal(cloud, [allow("*")], GET_ITEM, **options) is None
    refused = refusal(cloud, [allow("*")], LIST, **options)
    assert str(refused).endswith("because no permissions boundary allows the dynamodb:ListTables action")
    assert "identity-based" in str(refusal(cloud, [], GET_ITEM, **options))


def test_keys_that_nobody_handed_out_are_the_administrators(cloud: LocalCloud) -> None:
    anyone: Any = boto3.Session("AKIAANYKEYATALLXXXXX", "any", region_name="us-east-1")
    anyone.client("dynamodb", endpoint_url=cloud.endpoint).list_tables()
    assert caller_of("AKIAANYKEYATALLXXXXX").is_administrator


def test_a_role_is_told_who_it_is(cloud: LocalCloud) -> None:
    role = make_role(cloud, "iam-who")
    identity = client_of(cloud, role, "sts", session="plan").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/iam-who/plan"


def test_credentials_from_sts_act_in_the_role(cloud: LocalCloud) -> None:
    role = make_role(cloud, "iam-assumed")
    keys = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    acting: Any = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name="us-east-1"
    )
    with pytest.raises(ClientError, match="assumed-role/iam-assumed/ci is not authorized"):
        acting.client("dynamodb", endpoint_url=cloud.endpoint).list_tables()


def test_a_service_may_take_only_a_role_that_trusts_it(cloud: LocalCloud) -> None:
    role = make_role(cloud, "iam-trust", service="states")
    assert caller_of(credentials_for(role, service="states").access_key_id).role_arn == role
    with pytest.raises(NotTrustedError, match=r"cannot be assumed by lambda\.amazonaws\.com"):
        credentials_for(role, service="lambda")
    with pytest.raises(NotTrustedError, match="does not exist"):
        credentials_for(f"arn:aws:iam::{ACCOUNT}:role/iam-absent", service="lambda")


def test_a_function_lets_in_the_services_that_its_policy_names(cloud: LocalCloud, tmp_path: Any) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return 1\n")
    cloud.create_function("iam-target", tmp_path, alias="live")
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/every-minute"
    target = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:iam-target"
    cloud.client("lambda").add_permission(
        FunctionName="iam-target",
        Qualifier="live",
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    assert lambda_allows(f"{target}:live", "events.amazonaws.com", rule)
    assert not lambda_allows(f"{target}:live", "events.amazonaws.com", rule + "-other")
    assert not lambda_allows(f"{target}:live", "s3.amazonaws.com", rule)
    assert not lambda_allows(target, "events.amazonaws.com", rule)
    assert not lambda_allows(f"{target}-absent", "events.amazonaws.com", rule)


def test_a_policy_of_a_queue_lets_in_whom_it_names_for_what_it_names() -> None:
    queue, rules = f"arn:aws:sqs:us-east-1:{ACCOUNT}:letters", f"arn:aws:events:us-east-1:{ACCOUNT}:rule/"
    open_to = {"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com"]}, "Resource": queue}
    from_rules = {"ArnLike": {"aws:SourceArn": f"{rules}*"}}
    sending = {**open_to, "Action": "SQS:SendMessage", "Condition": from_rules}

    def allows(*statements: dict[str, Any], service: str = "events", source: str = f"{rules}bus/one") -> bool:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        return policy_allows(text, "sqs:SendMessage", queue, f"{service}.amazonaws.com", source)

    assert allows(sending)
    assert not allows(sending, service="sns")
    assert not allows(sending, source=f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/one")
    assert not allows({**sending, "Action": ["sqs:ReceiveMessage"]})
    assert not allows({**sending, "Resource": f"{queue}-other"})
    assert not allows(sending, {**sending, "Effect": "Deny"})
    assert not policy_allows("", "sqs:SendMessage", queue, "events.amazonaws.com", None)


def test_a_policy_changed_by_hand_counts_at_once(cloud: LocalCloud) -> None:
    role = make_role(cloud, "iam-changed", allow("s3:*"))
    assert refusal_of(cloud, role, LIST) is not None
    widened = {"Version": "2012-10-17", "Statement": allow("dynamodb:ListTables")}
    cloud.client("iam").put_role_policy(RoleName="iam-changed", PolicyName="own", PolicyDocument=json.dumps(widened))
    assert refusal_of(cloud, role, LIST) is None


@pytest.mark.parametrize("responses", [LambdaResponse, DynamoHandler, CloudWatchResponse])
def test_moto_itself_still_takes_every_resource_of_these_services_as_a_star(responses: type) -> None:
    """When this fails, moto knows resources: see whether its own enforcement can take our gate's place."""
    assert not hasattr(responses, "_determine_resource")


def test_moto_itself_still_lets_a_condition_pass_of_which_it_knows_nothing() -> None:
    policy = IAMPolicy(document(allow("dynamodb:GetItem", **when("StringEquals", "aws:ResourceTag/team", "shop"))))
    assert policy.is_action_permitted("dynamodb:GetItem") == PermissionResult.PERMITTED
