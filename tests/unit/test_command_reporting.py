"""The report of a release that was followed: in the summary of a job, and as a file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from tests import report_samples
from tests.failing import raising
from tidegate.domain.events.form import Milestone
from tidegate.report.page import read_back
from tidegate_cli import load_report
from tidegate_cli.ci import Ci, GitHub, JobSummary, ci_for, summary
from tidegate_cli.command import Shared
from tidegate_cli.ending import Ending
from tidegate_cli.outcome import Outcome
from tidegate_cli.reporting import with_report_of_release

SHARED = Shared("tidegate", None, None, json=False, quiet=False, verbose=False)
ENDED = JobSummary(
    "r", Ending(Outcome.ROLLED_BACK, "It failed."), [Milestone(type="started", at=0, release="r", summary="")], ""
)


def gives(_shared: Shared, _name: str) -> Any:
    return report_samples.rolled_back().report()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


def test_the_file_is_written_and_named_for_later_steps(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_report, "gather", gives)
    done = with_report_of_release(SHARED, ENDED, ci_for(github=False, gitlab=False, dotenv=None, page=page))
    assert done.values()["report-path"] == str(page)
    assert read_back(page.read_text())["outcome"] == "rolled-back"
    assert done.markdown.startswith("### ✗ checkout:live: rolled back")


@pytest.mark.parametrize(
    ("error", "said"),
    [(NoCredentialsError(), "The report was not written: Unable to locate"), (KeyError("ours"), "KeyError: 'ours'")],
)
def test_a_report_that_cannot_be_made_is_said_and_changes_nothing(
    error: Exception,
    said: str,
    page: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(load_report, "gather", raising(error))
    assert with_report_of_release(SHARED, ENDED, Ci(page=page)) is ENDED
    assert said in capsys.readouterr().err
    assert not page.exists()


def test_a_file_that_cannot_be_written_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(load_report, "gather", gives)
    assert with_report_of_release(SHARED, ENDED, Ci(page=Path("/nowhere/at/all.html"))) is ENDED
    assert "/nowhere/at/all.html cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("report", "ci"),
    [
        (ENDED, Ci()),
        (ENDED, GitHub()),
        (replace(ENDED, told=()), Ci(page=Path("never.html"))),
        (replace(ENDED, ending=Ending(Outcome.UNKNOWN, "No network.", lost=True)), Ci(page=Path("never.html"))),
    ],
)
def test_nobody_is_asked_where_nobody_wants_a_report_or_nobody_answers(
    report: JobSummary, ci: Ci, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.setattr(load_report, "gather", raising(AssertionError("asked")))
    assert with_report_of_release(SHARED, report, ci) is report


def test_a_summary_says_first_what_the_report_cannot_know() -> None:
    known = replace(ENDED, markdown="### as the ledger has it")
    assert summary(known) == known.markdown
    moved = replace(known, ending=Ending(Outcome.NEEDS_HUMAN, "Somebody moved *it*."))
    assert summary(moved) == f"**needs-human**: Somebody moved \\*it\\*.\n\n{known.markdown}"
    assert summary(ENDED).startswith("### r: rolled back")
