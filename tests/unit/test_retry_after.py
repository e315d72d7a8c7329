"""A throttled call waits as long as Lambda asks it to."""

from types import SimpleNamespace
from typing import Any

import pytest

from tidegate.aws.clients import ATTEMPTS, LONGEST_PAUSE, requested_pause


def answer(code: str = "TooManyRequestsException", **headers: str) -> Any:
    return SimpleNamespace(headers=headers), {"Error": {"Code": code}}


def test_the_pause_is_the_one_that_lambda_asks_for() -> None:
    assert requested_pause(answer(**{"Retry-After": "2"}), attempts=1) == 2


def test_no_step_waits_longer_than_it_may_run() -> None:
    assert requested_pause(answer(**{"Retry-After": "600"}), attempts=1) == LONGEST_PAUSE


@pytest.mark.parametrize(
    "response",
    [
        None,
        answer(),
        answer(**{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        answer("ServiceException", **{"Retry-After": "2"}),
    ],
    ids=["no answer", "no header", "a date", "another error"],
)
def test_anything_else_is_left_to_botocore(response: Any) -> None:
    assert requested_pause(response, attempts=1) is None


def test_the_last_attempt_is_not_repeated() -> None:
    assert requested_pause(answer(**{"Retry-After": "2"}), attempts=ATTEMPTS) is None
