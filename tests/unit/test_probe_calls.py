"""How a version is asked: one Invoke for each call, and never a second one."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.unit.probe_logs import REQUEST
from tidegate.aws.lambda_ import invocations
from tidegate.domain.errors import CannotProbe, ProbeUnanswered, VersionNotActive
from tidegate.domain.probe import ProbeFinding
from tidegate.domain.probe_answer import ProbeAnswer
from tidegate.domain.request.probe import Probe
from tidegate.steps import probe


class Answer:
    """Answers an Invoke with this body; an error in its place is raised when the body is read."""

    def __init__(self, body: bytes | Exception) -> None:
        self.body = body

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": self, "ResponseMetadata": {"RequestId": REQUEST}}

    def read(self) -> bytes:
        if isinstance(self.body, Exception):
            raise self.body
        return self.body


def probed(monkeypatch: pytest.MonkeyPatch, body: bytes | Exception) -> ProbeAnswer:
    monkeypatch.setattr(invocations, "probe_client", lambda _: Answer(body))
    return invocations.probe("checkout", "43", "release", {}, 3)[0]


def test_an_answer_that_stops_half_way_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProbeUnanswered, match="did not answer the probe within 33 s"):
        probed(monkeypatch, ReadTimeoutError(endpoint_url="https://lambda"))


@pytest.mark.parametrize("body", [b"[" * 500_000, b"no JSON", b"\xff"])
def test_an_answer_that_is_no_json_is_text(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    assert probed(monkeypatch, body).payload == body.decode(errors="replace")


FAILS = {"payload": "fail"}
THROTTLED = {"payload": "throttle"}


def tried(monkeypatch: pytest.MonkeyPatch, *calls: dict[str, Any]) -> ProbeFinding:
    """Have the step make these calls; one fails, one is throttled, all others answer."""

    def answer(_function: str, _version: str, _release: str, payload: Any, *_: Any, **__: Any) -> Any:
        if payload == "throttle":
            raise CannotProbe("throttled")
        if payload == "hang":
            raise ProbeUnanswered("it may still be running")
        return ProbeAnswer({"errorType": "E", "requestId": REQUEST}, "Unhandled" if payload == "fail" else None, ""), ""

    monkeypatch.setattr(invocations, "probe", answer)
    event: Any = SimpleNamespace(target=SimpleNamespace(function="checkout"), release="release")
    found: Any = SimpleNamespace(function="checkout", version="43", timeout_seconds=3)
    return probe._invoked(event, Probe.model_validate({"calls": list(calls)}), found)[0]


def test_a_call_that_fails_counts_more_than_one_that_could_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tried(monkeypatch, THROTTLED, FAILS).error == "ProbeFailed"
    assert tried(monkeypatch, {}, {}).error is None


def test_a_version_passes_only_if_every_call_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotProbe):
        tried(monkeypatch, {}, THROTTLED)


def test_a_call_that_may_still_be_running_keeps_all_from_being_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProbeUnanswered):
        tried(monkeypatch, THROTTLED, {"payload": "hang"})


def test_an_idle_version_is_not_released_untried() -> None:
    idle: Any = SimpleNamespace(function="Checkout", version="43", state="Inactive")
    with pytest.raises(VersionNotActive, match="Version 43 of Checkout is idle"):
        probe._refuse_idle(idle)
