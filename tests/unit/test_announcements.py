"""What EventBridge is told, and that it need not listen."""

import json
import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # its stubs are a package of their own

from tests.builders import NOON, a_plan
from tests.reading import ROOT
from tidegate.aws import announcements
from tidegate.aws.ledger.records import UNDOING, Release
from tidegate.aws.recovery import Undone

EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:checkout-7"
RELEASE = Release("checkout-7", EXECUTION, UNDOING, NOON, {"commit": "4f2c9e1"}, a_plan(event_bus="shop"), ())
UNDONE = Undone("recovered", "Its execution was stopped.", "checkout:live is 100 % on version 42 again")
SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())


class Bus:
    """Takes events, or answers as it is told to."""

    def __init__(self, answer: Any) -> None:
        self.entries: list[dict[str, Any]] = []
        self._answer = answer

    def put_events(self, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - boto3's name
        self.entries += Entries
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def _announce(monkeypatch: pytest.MonkeyPatch, answer: Any) -> dict[str, Any]:
    bus = Bus(answer)
    monkeypatch.setattr(announcements, "events_client", lambda: bus)
    announcements.announce_recovered(RELEASE, NOON, UNDONE, {"checkout:live": UNDONE.summary})
    (entry,) = bus.entries
    return entry


def test_the_event_of_the_documentation_is_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = _announce(monkeypatch, {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == ("tidegate", "Release Recovered", "shop")
    text = (ROOT / "docs/events.md").read_text()
    shown = json.loads(text.split("An event looks like this:\n\n```json\n")[1].split("```")[0])
    Draft202012Validator(SCHEMA).validate(shown)
    sent = json.loads(entry["Detail"])
    assert list(sent) == [name for name in sent if name in shown["detail"]]
    assert {**shown["detail"], "at": sent["at"], "why": sent["why"]} == sent


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Busy", "ErrorMessage": "come back later"}]}, "come back"),
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "may not"}}, "PutEvents"), "may not"),
    ],
)
def test_what_cannot_be_announced_is_logged_and_nothing_else(
    answer: Any, words: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        _announce(monkeypatch, answer)
    assert words in caplog.text
    assert "not announced" in caplog.text


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
