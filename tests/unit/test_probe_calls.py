"""How a version is asked: one Invoke, and never a second one."""

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.unit.probe_logs import REQUEST
from tidegate.aws.lambda_ import invocations
from tidegate.domain.errors import ProbeUnanswered
from tidegate.domain.probe import ProbeAnswer


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
