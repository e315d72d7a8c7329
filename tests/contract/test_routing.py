"""Users are routed by the library for callers, on real aliases and by a document in a real table."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from localcloud import LocalCloud
from tests.contract.lambda_calls import HEALTHY, publish
from tests.unit.routing_calls import item, keys, mark
from tidegate_route import Decision, Router

TABLE, FUNCTION = "routes", "route-orders"
USERS = [f"user-{number}" for number in range(30)]


@pytest.fixture(autouse=True)
def as_in_a_function(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what Lambda's runtime and a person would: the Region, credentials, and the table."""
    given = {"AWS_ENDPOINT_URL": cloud.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "TIDEGATE_TABLE": TABLE}
    for name, value in {**given, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # that of an earlier test may have another Region


@pytest.fixture
def documents(cloud: LocalCloud) -> Any:
    dynamodb = cloud.client("dynamodb")
    names = ("pk", "sk")
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return boto3.Session().resource("dynamodb").Table(TABLE)


def served(made: Router, client: Any) -> Iterator[tuple[str, Decision, str, Any]]:
    """Call the function for each user, and give the decision, the version, and what arrived with the call."""
    for user in USERS:
        with made.serving(user):
            answer = client.invoke(FunctionName=FUNCTION, Payload=b"{}")
            arrived = json.load(answer["Payload"])["client_context"]
            yield user, made.qualifier(FUNCTION, explain=True), answer["ExecutedVersion"], arrived


def test_users_meet_the_version_of_their_channel_until_the_alias_moves(
    cloud: LocalCloud, client: Any, documents: Any
) -> None:
    cloud.create_function(FUNCTION, HEALTHY, alias="live")
    second = publish(client, FUNCTION, Timeout=4)
    client.create_alias(FunctionName=FUNCTION, Name="live-canary", FunctionVersion=second)
    always = keys(USERS[0])
    documents.put_item(Item={"pk": f"route#{FUNCTION}", "sk": "live", **item(40, always=always, release="rel-1")})
    made = Router.from_table(timeout=5)
    routed = made.instrument(boto3.Session().client("lambda"), FUNCTION)
    first = list(served(made, routed))
    assert {(each.channel, version) for _, each, version, _ in first} == {("canary", second), ("stable", "1")}
    assert first[0][1].why == "in always"
    assert all(
        arrived == {"baggage": f"tidegate={keys(user)[0]};{FUNCTION}={decision.channel}{chance}"}
        for chance, (user, decision, _, arrived) in zip(
            ["", *[f";{FUNCTION}.chance={mark(40)}"] * (len(USERS) - 1)], first, strict=True
        )
    )
    assert 4 <= Counter(version for _, _, version, _ in first)[second] <= 20
    assert [version for _, _, version, _ in served(made, routed)] == [version for _, _, version, _ in first]

    client.update_alias(FunctionName=FUNCTION, Name="live-canary", FunctionVersion="1")
    after = list(served(made, routed))
    assert [decision.channel for _, decision, _, _ in after] == [decision.channel for _, decision, _, _ in first]
    assert {version for _, _, version, _ in after} == {"1"}, "the caller's cache still says canary"


def test_without_a_document_or_a_table_calls_go_to_stable(
    cloud: LocalCloud, client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.create_function("route-alone", HEALTHY, alias="live")
    monkeypatch.setenv("TIDEGATE_TABLE", "no-such-table")
    made = Router.from_table(timeout=5)
    routed = made.instrument(boto3.Session().client("lambda"), "route-alone")
    with made.serving("ana"):
        assert routed.invoke(FunctionName="route-alone")["ExecutedVersion"] == "1"
        assert made.answer() == {"tidegate-channel": "route-alone=stable; the document could not be read"}
    assert "ResourceNotFoundException" in capsys.readouterr().out
