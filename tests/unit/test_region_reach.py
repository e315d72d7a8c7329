"""What another Region answers: a stack that is not Tidegate's, and records of earlier releases; and the clients."""

import time
from collections import Counter
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import EndpointConnectionError

from tests.builders import NOON
from tests.failing import refused
from tidegate.aws.regions import sessions
from tidegate.aws.regions.reach import SKEW, Reach
from tidegate.domain.errors import AwsRefused
from tidegate.domain.region_releases import RegionRelease

HERE = RegionRelease("eu-west-1", "123456789012", "tidegate", 0, table="ledger", execution="arn:a:b:c:d:e:f:mine")
ROLE = "arn:aws:iam::123456789012:role/regions"
KEYS = {"AccessKeyId": "id", "SecretAccessKey": "secret", "SessionToken": "token"}


class Answering:
    """A client with one answer."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __getattr__(self, _name: str) -> Any:
        return lambda **_: self._answer


def reach(monkeypatch: pytest.MonkeyPatch, answer: Any) -> Reach:
    monkeypatch.setattr(sessions, "client", lambda *_: Answering(answer))
    return Reach(HERE, ROLE, NOON)


@pytest.mark.parametrize("outputs", [{}, {"Outputs": [{"OutputKey": "LedgerTable", "OutputValue": "ledger"}]}])
def test_a_stack_that_is_not_tidegate_is_named(monkeypatch: pytest.MonkeyPatch, outputs: Any) -> None:
    with pytest.raises(AwsRefused, match="stack tidegate in eu-west-1 of account 123456789012 is not Tidegate, or"):
        reach(monkeypatch, {"Stacks": [outputs]}).find()


@pytest.mark.parametrize(("started", "found"), [(NOON - SKEW - 1, False), (NOON - SKEW, True), (NOON + 60, True)])
def test_a_record_of_an_earlier_release_of_this_name_does_not_count(
    monkeypatch: pytest.MonkeyPatch, started: int, found: bool
) -> None:
    item = {"started": {"N": str(started)}, "ended": TypeSerializer().serialize("released")}
    there = reach(monkeypatch, {"Item": item})
    assert (there.record("mine") is not None) == found


class Sts:
    """Gives credentials, unless it fails in a Region."""

    def __init__(self, region: str, failing: dict[str, Exception]) -> None:
        self._region, self._failing = region, failing

    def assume_role(self, **_: Any) -> Any:
        if self._region in self._failing:
            raise self._failing[self._region]
        return {"Credentials": KEYS}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have clients counted by service, and STS fail where a test says so."""
    counted, failing = Counter[str](), dict[str, Exception]()

    def create(service: str, region_name: str, **given: Any) -> Any:
        counted[service] += 1
        assert service == "sts" or given["aws_session_token"] == "token"
        return Sts(region_name, failing) if service == "sts" else object()

    forget()
    monkeypatch.setattr(boto3, "client", create)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    yield counted, failing
    forget()


def forget() -> None:
    for kept in (sessions._client, sessions._credentials, sessions._sts, sessions._drop_earlier):
        kept.cache_clear()


def test_clients_are_made_once_and_dropped_before_their_credentials_end(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, _ = made
    for slot in range(5):
        monkeypatch.setattr(time, "time", lambda slot=slot: slot * sessions.KEPT + 1)
        for _ in range(3):
            sessions.client("dynamodb", ROLE, "eu-west-1")
        assert counted == {"dynamodb": slot + 1, "sts": 1}
        assert sessions._client.cache_info().currsize == 1
        assert sessions._credentials.cache_info().currsize == 1


def test_in_an_outage_of_sts_here_the_role_is_assumed_there(made: Any) -> None:
    counted, failing = made
    failing["us-east-1"] = EndpointConnectionError(endpoint_url="https://sts.us-east-1.amazonaws.com")
    sessions.client("dynamodb", ROLE, "eu-west-1")
    assert counted == {"dynamodb": 1, "sts": 2}
    failing["eu-west-1"] = failing["us-east-1"]
    with pytest.raises(EndpointConnectionError):
        sessions.client("dynamodb", ROLE.replace("123456789012", "222222222222"), "eu-west-1")


@pytest.mark.parametrize(
    ("code", "said"), [("AccessDenied", "cannot be assumed"), ("RegionDisabledException", "STS is switched off for")]
)
def test_a_role_that_cannot_be_assumed_is_named(made: Any, code: str, said: str) -> None:
    made[1]["us-east-1"] = refused(code, 403)
    with pytest.raises(AwsRefused, match=said):
        sessions.client("dynamodb", ROLE, "eu-west-1")
