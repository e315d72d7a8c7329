"""How long a throttled call waits: as long as Lambda asks, within reason."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict

from tidegate.aws.clients import ATTEMPTS, LONGEST_PAUSE, lambda_client, requested_pause


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


NAMED = {"FunctionName": "checkout"}
CHANGES: dict[str, dict[str, Any]] = {
    "update_alias": {"Name": "live"},
    "create_alias": {"Name": "live", "FunctionVersion": "1"},
    "publish_version": {},
    "update_function_code": {"S3Bucket": "builds", "S3Key": "checkout.zip"},
    "update_function_configuration": {},
}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Answer every call of Lambda: come back in seven seconds, once, then yes. Give how long calls slept."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", pauses.append)
    answers = iter([(429, {"Retry-After": "7", "x-amzn-errortype": "TooManyRequestsException"}), (200, {})])

    def answered(request: Any, **_: Any) -> Any:
        status, headers = next(answers)
        answer: Any = AWSResponse  # its stubs ask for urllib3's headers
        return answer(request.url, status, HeadersDict(headers), SimpleNamespace(stream=lambda: [b"{}"]))

    lambda_client.cache_clear()
    events: Any = lambda_client().meta.events  # the stubs have handlers answer nothing
    events.register("before-send.lambda", answered)
    yield pauses
    lambda_client.cache_clear()


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_function_waits_as_long_as_lambda_asks(change: str, slept: list[float]) -> None:
    getattr(lambda_client(), change)(**NAMED, **CHANGES[change])
    assert slept == [7]
