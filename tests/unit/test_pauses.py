"""How long a throttled call waits: as long as Lambda asks, within reason."""

from types import SimpleNamespace
from typing import Any

import pytest

from tidegate.aws.clients import ATTEMPTS, LONGEST_PAUSE, requested_pause


def answer(code: str, after: str | None = None) -> Any:
    headers = {} if after is None else {"Retry-After": after}
    return SimpleNamespace(headers=headers), {"Error": {"Code": code}}


def test_a_throttled_call_waits_as_long_as_lambda_asks() -> None:
    assert requested_pause(answer("TooManyRequestsException", "2"), 1) == 2


def test_a_step_never_waits_longer_than_it_can_afford() -> None:
    assert requested_pause(answer("TooManyRequestsException", "3600"), 1) == LONGEST_PAUSE


@pytest.mark.parametrize(
    "response",
    [
        answer("TooManyRequestsException"),
        answer("TooManyRequestsException", "Wed, 21 Oct 2026 07:28:00 GMT"),
        answer("ServiceException", "2"),
        (SimpleNamespace(headers={"Retry-After": "2"}), {}),
        None,
    ],
)
def test_anything_else_is_left_to_botocore(response: Any) -> None:
    assert requested_pause(response, 1) is None


def test_the_last_try_is_the_last() -> None:
    assert requested_pause(answer("TooManyRequestsException", "2"), ATTEMPTS) is None
