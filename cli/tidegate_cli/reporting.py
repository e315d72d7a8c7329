"""The report of a release that was followed: for the summary of a CI job, and as a file for its artifacts."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate_cli.ci import Ci, JobSummary
from tidegate_cli.command import Shared
from tidegate_cli.error_sentences import answer_or_stop, show_whole
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.terminal import say

if TYPE_CHECKING:
    from tidegate.report.model import Report as ReportOfRelease


def with_report_of_release(shared: Shared, report: JobSummary, ci: Ci) -> JobSummary:
    """Add the report to the outputs that the CI system supports.

    If the report cannot be written, the outcome does not change.
    """
    if not (ci.page or ci.shows_summaries) or not report.told or report.ending.lost:
        return report
    try:
        made = answer_or_stop(lambda: _made(shared, report, ci))
    except Exception as error:  # a mistake of ours, which is shown whole; how the release ended matters more
        show_whole(error)
        return report
    if isinstance(made, Stop):
        say(f"The report was not written: {made}", err=True)
        return report
    return made


def _made(shared: Shared, report: JobSummary, ci: Ci) -> JobSummary:
    from tidegate.report.markdown import markdown
    from tidegate.report.page import page
    from tidegate_cli.load_report import gather

    found: ReportOfRelease = gather(shared, report.release)
    if ci.page:
        write_whole(page(found), ci.page)
    return replace(report, markdown=markdown(found), page=ci.page)


def write_whole(text: str, target: Path) -> None:
    """Write a file atomically; an earlier file stays until the new one is complete.

    Raises
    ------
    Stop
        When it cannot be written.
    """
    new = target.with_name(f".{target.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(target)
    except OSError as error:
        raise Stop(Outcome.FAILED, f"{target} cannot be written: {error.strerror}") from None
