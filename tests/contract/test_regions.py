"""Other Regions and accounts of the same cloud: apart from each other, and reached by roles that trust the caller."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from localcloud.events.forwarding import obstacle
from localcloud.iam import credentials_for
from localcloud.place import Place
from tests.contract.machines import eventually

HEALTHY = Path(__file__).parents[1] / "functions" / "healthy"
OTHER = "222222222222"
HOME = "123456789012"


@pytest.fixture(scope="module")
def other(cloud: LocalCloud) -> Place:
    return cloud.at("eu-west-1", OTHER)


def role(iam: Any, name: str, trust: dict[str, Any], *actions: str) -> str:
    trusting = {"Effect": "Allow", "Action": "sts:AssumeRole", **trust}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trusting))["Role"]["Arn"]
    iam.put_role_policy(
        RoleName=name,
        PolicyName="p",
        PolicyDocument=policy({"Effect": "Allow", "Action": list(actions), "Resource": "*"}),
    )
    return str(arn)


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def as_role(cloud: LocalCloud, arn: str, service: str, region: str) -> Any:
    keys = credentials_for(arn)
    return client(cloud, keys.access_key_id, keys.secret_access_key, keys.session_token, service, region)


def client(cloud: LocalCloud, key: str, secret: str, token: str, service: str, region: str) -> Any:
    session: Any = boto3.Session(key, secret, token, region_name=region)
    return session.client(service, endpoint_url=cloud.endpoint)


def test_the_same_function_in_two_places_is_two_functions_with_their_own_metrics(
    cloud: LocalCloud, other: Place
) -> None:
    for place in (cloud.at("us-east-1"), other):
        place.create_function("twice", HEALTHY, alias="live")
    other.client("lambda").delete_alias(FunctionName="twice", Name="live")
    assert cloud.client("lambda").get_alias(FunctionName="twice", Name="live")["FunctionVersion"] == "1"
    arn = other.client("lambda").get_function(FunctionName="twice")["Configuration"]["FunctionArn"]
    assert arn == f"arn:aws:lambda:eu-west-1:{OTHER}:function:twice"
    other.client("lambda").invoke(FunctionName="twice", Payload=b"{}")
    known = {key for key in other.metrics.store.known() if ("FunctionName", "twice") in key.dimensions}
    assert not known, "not visible yet"
    other.metrics.store.publish(other.metrics.now() + 120)
    assert any(("FunctionName", "twice") in key.dimensions for key in other.metrics.store.known())
    cloud.metrics.store.publish(cloud.metrics.now() + 120)
    assert not any(("FunctionName", "twice") in key.dimensions for key in cloud.metrics.store.known())


def test_a_role_of_another_account_is_assumed_by_whom_it_trusts_and_by_nobody_else(
    cloud: LocalCloud, other: Place
) -> None:
    mine = {"Principal": {"Service": "lambda.amazonaws.com"}}
    friend = role(cloud.client("iam"), "friend", mine, "sts:AssumeRole")
    stranger = role(cloud.client("iam"), "stranger", mine, "sts:AssumeRole")
    trust = {
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
        "Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HOME}:role/frien*"}},
    }
    theirs = role(other.client("iam"), "theirs", trust, "lambda:GetFunction")
    assert theirs == f"arn:aws:iam::{OTHER}:role/theirs"
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role(cloud, stranger, "sts", "us-east-1").assume_role(RoleArn=theirs, RoleSessionName="session")
    with pytest.raises(ClientError, match="AccessDenied"):
        as_role(cloud, friend, "sts", "us-east-1").assume_role(RoleArn=f"{theirs}-unknown", RoleSessionName="session")
    keys = as_role(cloud, friend, "sts", "us-east-1").assume_role(RoleArn=theirs, RoleSessionName="session")[
        "Credentials"
    ]
    other.create_function("reached", HEALTHY)
    given = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    there = client(cloud, *given, "lambda", "eu-west-1")
    assert there.get_function(FunctionName="reached")["Configuration"]["FunctionName"] == "reached"
    with pytest.raises(ClientError, match="AccessDenied"):
        there.delete_function(FunctionName="reached")


def test_a_rule_sends_events_to_a_bus_elsewhere_that_lets_its_role_in(cloud: LocalCloud, other: Place) -> None:
    """EventBridge guide, "Sending and receiving events between AWS Regions" and "... between AWS accounts"."""
    home, there = cloud.client("events"), other.client("events")
    bus = home.create_event_bus(Name="home")["EventBusArn"]
    queue = cloud.client("sqs").create_queue(QueueName="home")["QueueUrl"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    cloud.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy(allowed)})
    home.put_rule(Name="in", EventBusName="home", EventPattern='{"source": ["shop"]}')
    home.put_targets(Rule="in", EventBusName="home", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{HOME}:home"}])
    there.put_rule(Name="out", EventPattern='{"source": ["shop"]}')
    sends = role(other.client("iam"), "sends", {"Principal": {"Service": "events.amazonaws.com"}}, "events:PutEvents")
    there.put_targets(Rule="out", Targets=[{"Id": "1", "Arn": bus, "RoleArn": sends}])
    rule = SimpleNamespace(arn=f"arn:aws:events:eu-west-1:{OTHER}:rule/out")
    event = {"source": "shop", "detail-type": "Sold"}
    assert "has no policy" in obstacle(rule, {"Arn": bus, "RoleArn": sends}, event)
    assert "has no role" in obstacle(rule, {"Arn": bus}, event)
    letting = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "events:PutEvents", "Resource": bus}
    limited = {**letting, "Sid": "other", "Condition": {"StringEquals": {"events:source": "shop"}}}
    home.put_permission(EventBusName="home", Policy=policy(limited))
    assert "has no policy" in obstacle(rule, {"Arn": bus, "RoleArn": sends}, {**event, "source": "else"})
    there.put_events(Entries=[{"Source": "shop", "DetailType": "Sold", "Detail": "{}"}])
    (message,) = eventually(lambda: cloud.client("sqs").receive_message(QueueUrl=queue).get("Messages"))
    came = json.loads(message["Body"])
    assert (came["account"], came["region"]) == (OTHER, "eu-west-1"), "where it came from"
