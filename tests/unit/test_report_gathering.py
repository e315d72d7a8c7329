"""A report is put together from three sources; what one of them does not say becomes a note."""

from typing import Any

import pytest

from tests import report_samples
from tests.failing import refused
from tests.report_samples import ARN, NAME
from tidegate.aws import executions
from tidegate.aws.cloudwatch import baselines
from tidegate.aws.ledger import history, index, items, locks
from tidegate.domain.analysis.baseline import Observation
from tidegate.domain.execution import Execution
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.schedule import DAY
from tidegate_cli.command import Shared
from tidegate_cli.load_report import gather
from tidegate_cli.outcome import Stop
from tidegate_cli.stack import Stack
from tidegate_cli.targets import RELEASE

SHARED = Shared("tidegate", None, None, False, False, False)
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-releases"
OUTPUTS = {"StateMachineArn": MACHINE, "LedgerTable": "t"}
DENIED = refused("AccessDeniedException", message="not allowed")


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> report_samples.Sample:
    """Give a rolled-back release, which every source knows, a moment after its end."""
    sample = report_samples.rolled_back()
    listed = [index.ListedRelease(NAME, ["checkout:live"])]
    found = {NAME: sample.items}
    execution = Execution(ARN, "FAILED", report_samples.STARTED, sample.ended, "VersionFailed")
    monkeypatch.setitem(SHARED.__dict__, "stack", Stack("tidegate", OUTPUTS, {}))
    monkeypatch.setattr(items, "everything", lambda name: ReleaseItems(found.get(name, [])))
    monkeypatch.setattr(locks, "read_all", list)
    monkeypatch.setattr(items, "exist", found.__contains__)
    monkeypatch.setattr(index, "listed", lambda: iter(listed))
    monkeypatch.setattr(executions, "describe", lambda arn: execution if arn == ARN else None)
    monkeypatch.setattr(executions, "way", lambda _: tuple(sample.way))
    monkeypatch.setattr(baselines, "observe", lambda *_: ({"checkout:live": Observation()}, None))
    monkeypatch.setattr(history, "starts", {"checkout:live": {"42": 0.37}}.get)
    monkeypatch.setattr("tidegate_cli.time_at_aws.now", lambda: float(sample.items[-1]["at"] + 60))
    return sample


def refuse(*_: Any) -> Any:
    raise DENIED


@pytest.mark.parametrize("named", [NAME, "checkout", "checkout:live", None])
def test_a_release_is_found_by_its_name_by_its_function_or_as_the_newest(
    named: str | None, sample: report_samples.Sample
) -> None:
    report = gather(SHARED, None if named is None else RELEASE.convert(named, None, None))
    assert (report.release, report.outcome, report.notes) == (NAME, "rolled-back", ())
    assert report.way == tuple(sample.way)
    assert report.targets[0].starts == {"42": 0.37, "43": 0.412}


@pytest.mark.usefixtures("sample")
def test_what_is_nowhere_ends_in_a_sentence() -> None:
    with pytest.raises(Stop, match="There is no release basket"):
        gather(SHARED, "basket")


@pytest.mark.usefixtures("sample")
def test_without_the_right_to_read_cloudwatch_and_histories_the_rest_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "way", refuse)
    monkeypatch.setattr(baselines, "observe", refuse)
    report = gather(SHARED, NAME)
    assert report.way is None
    assert report.targets[0].metrics
    assert [note.partition(" could not be read")[0] for note in report.notes] == [
        "The path through the state machine",
        "CloudWatch",
    ]
    assert all("not allowed" in note for note in report.notes)


@pytest.mark.usefixtures("sample")
def test_an_answer_in_part_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "observe", lambda *_: ({}, "the answer was incomplete"))
    assert gather(SHARED, NAME).notes == ("CloudWatch could be read only in part: the answer was incomplete.",)


def test_minutes_that_cloudwatch_has_forgotten_are_not_asked_for(
    sample: report_samples.Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate_cli.time_at_aws.now", lambda: float(sample.items[-1]["at"] + 20 * DAY))
    monkeypatch.setattr(baselines, "observe", refuse)
    (note,) = gather(SHARED, NAME).notes
    assert note.startswith("CloudWatch keeps one-minute data for 15 days")
