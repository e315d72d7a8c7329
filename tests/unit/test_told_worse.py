"""What is worse without failing a version: a warning in every view of the release."""

from pathlib import Path

import pytest

from tests import report_samples
from tidegate.domain.events.milestone import Judged, JudgedTarget
from tidegate.report.load import load
from tidegate.report.markdown import markdown
from tidegate.report.model import Report
from tidegate.report.page import page
from tidegate_cli.ci import JobSummary, ci_for
from tidegate_cli.ending import Ending
from tidegate_cli.outcome import Outcome
from tidegate_cli.views.lines import GOOD, WAITING, style_of
from tidegate_cli.views.log import Log

SAID = "slower: 502 of 502 took over 24 ms, 41 of 900 on stable; reported only"


def judged(at: int, *amber: str) -> Judged:
    target = JudgedTarget(target="shop:live", verdict="pass", canary=(0, 9), stable=(0, 9), amber=amber)
    summary = f"minute {at // 60}: pass"
    return Judged(at=at, release="r", summary=summary, weight=5, verdict="pass", next="bake", targets=(target,))


def told(*ticks: Judged) -> JobSummary:
    return JobSummary("r", Ending(Outcome.RELEASED, "Released."), ticks, "")


def test_github_shows_a_warning_beside_the_outcome(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ci_for(github=True, gitlab=False, dotenv=str(tmp_path / "env")).end(told(judged(60), judged(120, SAID)))
    warning, notice = capfd.readouterr().err.splitlines()
    assert warning == f"::warning title=Worse without failing the release::shop:live: {SAID}"
    assert notice.startswith("::notice ")


@pytest.mark.parametrize("gitlab", [True, False])
def test_elsewhere_a_line_says_it_at_the_end(capfd: pytest.CaptureFixture[str], *, gitlab: bool) -> None:
    ci_for(github=False, gitlab=gitlab, dotenv=None).end(told(judged(60, SAID)))
    assert f"Warning: shop:live: {SAID}" in capfd.readouterr().err


def test_what_was_worse_and_is_no_more_is_no_warning(capfd: pytest.CaptureFixture[str]) -> None:
    ci_for(github=False, gitlab=False, dotenv=None).end(told(judged(60, SAID), judged(120)))
    assert capfd.readouterr().err == ""


def test_the_line_of_a_pass_is_amber_then() -> None:
    assert style_of(judged(60)) == GOOD
    assert style_of(judged(60, SAID)) == WAITING


def test_a_log_says_at_once_that_something_became_worse(capfd: pytest.CaptureFixture[str]) -> None:
    log = Log()
    log.show([judged(60), judged(120), judged(180)])
    capfd.readouterr()
    log.show([judged(240, SAID)])
    assert "minute 4: pass" in capfd.readouterr().err


def amber_report() -> Report:
    sample = report_samples.released()
    last = [item for item in sample.items if item.get("kind") == "judged"][-1]["verdicts"][0]
    last["amber"] = [SAID]
    next(each for each in last["metrics"] if each["name"] == "latency-p95")["amber"] = True
    return load(report_samples.NAME, sample.items, now=sample.items[-1]["at"])


def test_the_report_says_it_above_the_comparison_and_marks_the_metric() -> None:
    note, cell = f"S{SAID[1:]}.", "! worse"
    for whole in (page(amber_report()).partition("The data of this page")[0], markdown(amber_report())):
        assert whole.count(note) == 1
        assert whole.count(cell) == 1
    assert page(amber_report()).index(note) < page(amber_report()).index("What was compared")
    assert "! worse" not in page(report_samples.released().report())
