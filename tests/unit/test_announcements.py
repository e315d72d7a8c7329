"""What EventBridge is told, and that it need not listen."""

import json
import logging
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.builders import NOON, a_plan
from tests.failing import refused
from tests.reading import ROOT
from tidegate.aws import announcements
from tidegate.aws.clients import HURRIED
from tidegate.aws.ending.recovery import Undone
from tidegate.aws.ledger import index
from tidegate.aws.ledger.index import Heading
from tidegate.aws.ledger.records import UNDOING, Release
from tidegate.domain.errors import ReleaseUnknown
from tidegate.domain.events.detail import detail_type, written
from tidegate.domain.events.milestone import KINDS, Judged

EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:checkout-7"
RELEASE = Release("checkout-7", EXECUTION, UNDOING, NOON, {"commit": "4f2c9e1"}, a_plan(event_bus="shop"), ())
UNDONE = Undone("recovered", "Its execution was stopped.", "checkout:live is 100 % on version 42 again")
SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())
MILESTONES = json.loads((ROOT / "docs/milestones.schema.json").read_text())


class Bus:
    """Takes events, or answers as it is told to."""

    def __init__(self, answer: Any) -> None:
        self.entries: list[dict[str, Any]] = []
        self._answer = answer

    def put_events(self, Entries: list[dict[str, Any]]) -> Any:
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
        (refused("AccessDenied", message="may not"), "may not"),
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


def test_the_schema_and_the_page_name_every_milestone() -> None:
    names = {detail_type(kind) for kind in KINDS}
    assert set(SCHEMA["properties"]["detail-type"]["enum"]) == names
    page = (ROOT / "docs/events.md").read_text()
    assert {name for name in names if f"`{name}`" not in page} == set()


def _judged(targets: int) -> Judged:
    counts: dict[str, Any] = {"canary": (10**6, 10**7), "stable": (10**6, 10**7)}
    metrics = [{"name": f"metric-{number}" * 3, **counts} for number in range(10)]
    one = {"verdict": "inconclusive", "explanation": "x" * 200, "metrics": metrics, **counts}
    listed = [{"target": f"{'f' * 64}:{'a' * 60}{number:03}", **one} for number in range(targets)]
    common = {"at": NOON, "release": "r" * 80, "summary": "s" * 300, "weight": 10, "verdict": "pass", "next": "bake"}
    return Judged.model_validate({**common, "targets": listed})


def test_a_hundred_targets_with_ten_metrics_each_are_one_event() -> None:
    detail = {**_judged(100).model_dump(mode="json"), "functions": ["f" * 64] * 100}
    assert "left_out" not in json.loads(written(detail))


def test_an_event_that_is_too_large_has_fewer_targets_and_says_how_many_are_missing() -> None:
    detail = {**_judged(100).model_dump(mode="json"), "why": "w" * 5000}
    text = written(detail, largest=20_000)
    cut = json.loads(text)
    assert len(text) <= 20_000
    assert len(cut["targets"]) + cut["left_out"] == 100
    assert (len(cut["why"]), cut["summary"]) == (1001, detail["summary"])
    Draft202012Validator(MILESTONES).validate(cut)


def test_an_event_without_targets_is_only_shortened() -> None:
    assert len(json.loads(written({"summary": "s" * 5000}, largest=100))["summary"]) == 1001


def test_a_bus_that_does_not_answer_takes_no_step_its_time() -> None:
    """Connecting and reading, twice: the shortest time-out of a function that tells is thirty seconds."""
    hurried: Any = HURRIED
    assert hurried.retries["total_max_attempts"] * (hurried.connect_timeout + hurried.read_timeout) <= 6


def test_nothing_is_told_of_what_is_no_milestone(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus({"FailedEntryCount": 0, "Entries": []})
    monkeypatch.setattr(announcements, "events_client", lambda: bus)
    planned = {"sk": "event#2027-01-15T12:00:00Z#planned", "kind": "planned", "at": NOON}
    announcements.announce_items("checkout-7", [planned])
    assert bus.entries == []


def test_a_release_whose_record_cannot_be_read_is_not_announced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unknown(_release: str) -> Heading:
        raise ReleaseUnknown("The ledger has no release checkout-7.")

    monkeypatch.setattr(index, "read", unknown)
    held = {"sk": "event#2027-01-15T12:00:00Z#held", "kind": "held", "at": NOON, "summary": "Held.", "weight": 10}
    with caplog.at_level(logging.WARNING):
        announcements.announce_items("checkout-7", [held])
    assert "not announced: The ledger has no release checkout-7." in caplog.text
