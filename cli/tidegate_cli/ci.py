"""GitHub Actions and GitLab: folded logs, outputs for later steps, a summary on the job's page."""

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Judged, Started
from tidegate.domain.finding import Finding
from tidegate.domain.foreign_text import for_log, one_line
from tidegate_cli.ending import Ending, TargetResult
from tidegate_cli.outcome import Outcome
from tidegate_cli.terminal import say_raw
from tidegate_cli.views.lines import ambers, elapsed, sentence
from tidegate_cli.wrapping import tell

KNOWN_TO_THE_LEDGER = {
    *(outcome for outcome in Outcome if outcome.promoted),
    Outcome.ALREADY_LIVE,
    Outcome.ROLLED_BACK,
    Outcome.SUPERSEDED,
    Outcome.REFUSED,
}
"""Outcomes that the last milestone and a report also contain; all others belong only to this call."""

WORSE = "Worse without failing the release"

LONGEST = 4000
"""Characters of the sentence in a job summary."""

MOST_SHOWN = 200
"""Lines in a job summary; GitHub takes 1 MiB a step."""


@dataclass(frozen=True)
class JobSummary:
    """How a call ended, and its output lines; `markdown` and `page` are the release's report, if it was written."""

    release: str
    ending: Ending
    told: Sequence[Milestone]
    link: str
    markdown: str = ""
    page: Path | None = None

    @property
    def title(self) -> str:
        names = ", ".join(f"{each.function}:{each.alias}" for each in self.ending.targets[:3])
        return f"{names or self.release}: {self.ending.outcome.word.replace('-', ' ')}"

    @property
    def ambers(self) -> tuple[str, ...]:
        """Return what the last comparison found worse without failing a version."""
        judged = [each for each in self.told if isinstance(each, Judged)]
        return ambers(judged[-1]) if judged else ()

    def values(self) -> dict[str, str]:
        """Return the outputs for later steps; versions are those of the first target."""
        first = self.ending.targets[0] if self.ending.targets else None
        return {
            "outcome": self.ending.outcome.word,
            "release-id": self.release,
            "version": (first and first.version) or "",
            "previous-version": (first and first.previous) or "",
            "console-url": self.link,
            "report-path": str(self.page or ""),
        }

    def lines(self) -> dict[str, str]:
        """Return the outputs, each on one line: a second line would be another value."""
        return {name: one_line(value) for name, value in self.values().items()}


class Ci:
    """No CI system, or one that needs only lines and an exit code.

    `dotenv` is a file for values, `page` a file for the report.
    """

    def __init__(self, dotenv: str | None = None, page: Path | None = None) -> None:
        self._dotenv = dotenv
        self.page = page

    @property
    def shows_summaries(self) -> bool:
        """Return whether the CI system shows a summary in Markdown."""
        return False

    @contextmanager
    def folded(self, title: str) -> Iterator[None]:  # noqa: ARG002 - for those that can fold
        yield

    def warn(self, sentence: str, *, title: str) -> None:  # noqa: ARG002 - for those that show titles
        tell(f"Warning: {sentence}", err=True, fg="yellow")

    def end(self, report: JobSummary) -> None:
        for each in report.ambers:
            self.warn(each, title=WORSE)
        if self._dotenv:
            lines = [f"TIDEGATE_{name.upper().replace('-', '_')}={value}" for name, value in report.lines().items()]
            Path(self._dotenv).write_text("\n".join(lines) + "\n", encoding="utf-8")


class GitHub(Ci):
    """GitHub Actions (workflow commands; GITHUB_OUTPUT and GITHUB_STEP_SUMMARY are files it reads afterwards)."""

    @property
    def shows_summaries(self) -> bool:
        return bool(os.environ.get("GITHUB_STEP_SUMMARY"))

    @contextmanager
    def folded(self, title: str) -> Iterator[None]:
        say_raw(f"::group::{_escaped(title)}", err=True)
        try:
            yield
        finally:
            say_raw("::endgroup::", err=True)

    def warn(self, sentence: str, *, title: str) -> None:
        say_raw(f"::warning title={title}::{_escaped(sentence)}", err=True)

    def end(self, report: JobSummary) -> None:
        super().end(report)
        _append("GITHUB_OUTPUT", "".join(_delimited(name, value) for name, value in report.lines().items()))
        _append("GITHUB_STEP_SUMMARY", summary(report))
        for found in _findings(report):
            say_raw(f"::warning title={_title(found.check)}::{_escaped(found.sentence)}", err=True)
        outcome = report.ending.outcome
        amber = outcome.unproven or outcome.code in {5, 7, 130}
        kind = "warning" if amber else "notice" if outcome.code == 0 else "error"
        say_raw(f"::{kind} title={_title(report.title)}::{_escaped(report.ending.sentence)}", err=True)


class GitLab(Ci):
    """GitLab CI (collapsible sections)."""

    @contextmanager
    def folded(self, title: str) -> Iterator[None]:
        say_raw(f"\x1b[0Ksection_start:{int(time.time())}:tidegate\r\x1b[0K{one_line(title)}", err=True, color=True)
        try:
            yield
        finally:
            say_raw(f"\x1b[0Ksection_end:{int(time.time())}:tidegate\r\x1b[0K", err=True, color=True)


def ci_for(*, github: bool | None, gitlab: bool | None, dotenv: str | None, page: Path | None = None) -> Ci:
    """Return the requested CI system, or the detected one."""
    if github or (github is None and os.environ.get("GITHUB_ACTIONS") == "true"):
        return GitHub(dotenv, page)
    if gitlab or (gitlab is None and os.environ.get("GITLAB_CI") == "true"):
        return GitLab(dotenv, page)
    return Ci(dotenv, page)


def labels_of_run() -> dict[str, str]:
    """Return commit, actor and URL of this CI run, as labels of a release."""
    run = os.environ
    if run.get("GITHUB_ACTIONS") == "true":
        url = f"{run.get('GITHUB_SERVER_URL')}/{run.get('GITHUB_REPOSITORY')}/actions/runs/{run.get('GITHUB_RUN_ID')}"
        found = {"commit": run.get("GITHUB_SHA"), "actor": run.get("GITHUB_ACTOR"), "url": url}
    elif run.get("GITLAB_CI") == "true":
        names = {"commit": "CI_COMMIT_SHA", "actor": "GITLAB_USER_LOGIN", "url": "CI_JOB_URL"}
        found = {name: run.get(variable) for name, variable in names.items()}
    else:
        found = {}
    return {name: value[:256] for name, value in found.items() if value}


def summary(report: JobSummary) -> str:
    """Write the job summary in Markdown: facts that the report does not contain, then the report.

    Without a report, it contains the output lines.
    """
    from tidegate.report.markdown import text

    if not report.markdown:
        return _told(report)
    outcome = report.ending.outcome
    known = outcome in KNOWN_TO_THE_LEDGER
    said = text(report.ending.sentence, LONGEST)
    return report.markdown if known else f"**{outcome.word}**: {said}\n\n{report.markdown}"


def _told(report: JobSummary) -> str:
    from tidegate.report.markdown import fenced, text

    started = report.told[0].at if report.told else 0
    lines = [f"{elapsed(each.at - started)} {each.type:<12} {sentence(each)}" for each in report.told[-MOST_SHOWN:]]
    rows = "".join(_row(each) for each in report.ending.targets)
    table = f"| function | alias | serves now | before |\n|---|---|---|---|\n{rows}\n" if rows else ""
    details = f"<details><summary>What happened</summary>\n\n{fenced(lines)}</details>\n"
    link = f"[Execution {text(report.release)}]({report.link})"
    said = text(report.ending.sentence, LONGEST)
    return f"### {text(report.title)}\n\n{said}\n\n{table}{link}\n\n{details if lines else ''}"


def _row(target: TargetResult) -> str:
    from tidegate.report.markdown import cell

    cells = (target.function, target.alias, target.version or "-", target.previous or "-")
    return f"| {' | '.join(cell(each) for each in cells)} |\n"


def _escaped(text: str) -> str:
    """Escape a workflow command's data (GitHub, "Workflow commands")."""
    return for_log(text).replace("%", "%25").replace("\n", "%0A")


def _title(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _findings(report: JobSummary) -> Iterator[Finding]:
    """Return the warnings of the preflight."""
    started = (each for each in report.told if isinstance(each, Started))
    return (found for each in started for found in each.findings)


def _delimited(name: str, value: str) -> str:
    """Write a value for GITHUB_OUTPUT between delimiters that no value can contain (GitHub, "Multiline strings")."""
    end = f"tidegate-{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
