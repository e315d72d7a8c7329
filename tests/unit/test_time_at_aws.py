"""The command goes by AWS's time: a laptop's clock may be wrong."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import boto3
import pytest

from tidegate_cli import time_at_aws

DAY = 86_400


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    answered(time.time())


def answered(at: float) -> None:
    time_at_aws._answered({"headers": {"Date": format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)}})


def test_it_is_the_machines_time_until_aws_has_answered() -> None:
    assert abs(time_at_aws.now() - time.time()) < 1


@pytest.mark.parametrize("days", [-61, 3])
def test_an_answer_says_what_time_it_is(days: int) -> None:
    answered(time.time() + days * DAY)
    assert abs(time_at_aws.now() - time.time() - days * DAY) < 2


def test_a_clock_that_is_right_is_not_put_back_to_whole_seconds() -> None:
    answered(int(time.time()))
    assert abs(time_at_aws.now() - time.time()) < 0.1


@pytest.mark.parametrize("answer", [None, {}, {"headers": {}}, {"headers": {"Date": "yesterday"}}])
def test_what_says_no_time_changes_nothing(answer: dict[str, Any] | None) -> None:
    answered(time.time() + DAY)
    time_at_aws._answered(answer)
    assert time_at_aws.now() - time.time() > DAY - 2


def test_clients_of_the_session_are_listened_to() -> None:
    session: Any = boto3.Session("none", "none", region_name="us-east-1")
    time_at_aws.listen(session)
    client = session.client("sts")
    client.meta.events.emit(
        "response-received.sts.GetCallerIdentity", response_dict={"headers": {"Date": "Sun, 06 Nov 2050 08:49:37 GMT"}}
    )
    assert datetime.fromtimestamp(time_at_aws.now(), UTC).year == 2050
