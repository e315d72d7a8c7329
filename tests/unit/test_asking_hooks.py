"""What becomes of a call of a function of the user's that is idle, throttled, out of reach or cut off."""

import http.client
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from tests.failing import raising, refused
from tidegate.aws.failures import BUSY, WAKING
from tidegate.aws.lambda_ import hooks, invocations
from tidegate.domain.errors import (
    AwsBusy,
    HookFailed,
    HookUnanswered,
    HookWakingUp,
    ProbeUnanswered,
    TidegateError,
)

ERRORS = botocore.session.get_session().get_service_model("lambda").operation_model("Invoke").error_shapes
STATUS = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in ERRORS}
URL = "https://lambda.eu-west-1.amazonaws.com"
CUT_OFF = [
    ConnectionClosedError(endpoint_url=URL),
    ResponseStreamingError(error=http.client.IncompleteRead(b"")),
    IncompleteReadError(actual_bytes=3, expected_bytes=9),
]


def error_of(error: Exception, monkeypatch: pytest.MonkeyPatch) -> TidegateError:
    """Give what asking ends in, whose Invoke ends in `error`."""
    monkeypatch.setattr(hooks, "probe_client", lambda _: SimpleNamespace(invoke=raising(error)))
    with pytest.raises(TidegateError) as caught:
        hooks.ask("check", {}, seconds=7)
    return caught.value


@pytest.mark.parametrize("code", sorted(STATUS))
def test_each_error_of_invoke_is_retried_as_long_as_it_may_last(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    error = error_of(refused(code, STATUS[code]), monkeypatch)
    busy = code in BUSY or STATUS[code] >= 500
    assert type(error) is (HookWakingUp if code in WAKING else AwsBusy if busy else HookFailed)
    assert code in str(error)
    assert str(error).startswith("check ")
    advised = "Check its reserved concurrency, and how much of the account's concurrency is in use." in str(error)
    assert advised is (code == "TooManyRequestsException")


def test_a_code_of_both_kinds_is_one_of_waking_up(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = WAKING & BUSY
    assert type(error_of(refused(code, 409), monkeypatch)) is HookWakingUp


def test_a_function_that_was_not_reached_may_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(error_of(EndpointConnectionError(endpoint_url=URL), monkeypatch)) is AwsBusy


@pytest.mark.parametrize("error", CUT_OFF, ids=lambda error: type(error).__name__)
def test_a_function_that_may_still_run_is_not_asked_again(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    told = error_of(error, monkeypatch)
    assert type(told) is HookUnanswered
    assert str(told).startswith("check did not answer: the connection was lost (")
    slow = error_of(ReadTimeoutError(endpoint_url=URL), monkeypatch)
    assert str(slow).startswith("check did not answer within 7 s; it is not invoked again")


@pytest.mark.parametrize("error", CUT_OFF, ids=lambda error: type(error).__name__)
def test_a_version_that_may_still_run_is_not_probed_again(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = [raising(error), lambda **_: {"Payload": SimpleNamespace(read=raising(error))}]
    for invoke in answers:
        monkeypatch.setattr(invocations, "probe_client", lambda _, invoke=invoke: SimpleNamespace(invoke=invoke))
        with pytest.raises(ProbeUnanswered, match="did not answer the probe: the connection was lost"):
            invocations.probe("checkout", "43", "release", {}, 3)


def test_an_answer_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"Payload": BytesIO(b'{"ok": false, "reason": "no orders"}')}
    monkeypatch.setattr(hooks, "probe_client", lambda _: SimpleNamespace(invoke=lambda **_: answer))
    found = hooks.ask("check", {}, seconds=7)
    assert (found.ok, found.reason) == (False, "no orders")
