"""One line for each change: time since the start, type of event, a sentence. Never wrapped, never redrawn."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from tidegate.domain.analysis.verdict import SERIOUSNESS
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Finished, Judged, JudgedTarget, Started
from tidegate.domain.foreign_text import one_line
from tidegate.domain.schedule import MINUTE
from tidegate.domain.truncation import and_more
from tidegate_cli.terminal import say

GOOD, BAD, WAITING = {"fg": "green"}, {"fg": "red", "bold": True}, {"fg": "yellow"}
STYLES: dict[str, dict[str, Any]] = {
    "finished": GOOD,
    "held": WAITING,
    "hold-expiring": WAITING,
    "rolled-back": BAD,
    "recovered": BAD,
    "not-restored": BAD,
    "superseded": BAD,
    "refused": BAD,
    "pass": GOOD,
    "fail": BAD,
    "inconclusive": WAITING,
    "no_data": WAITING,
}


SILENCE = 70.0
"""Seconds without a line after which a line says that the release continues; ticks come about every 60."""

NOTHING_NEW = "nothing new; the release continues"

EXPLAINED = 10
"""Targets of a tick whose reasons are shown, the worst first."""


class Lines:
    """Writes to stderr; the result goes to stdout."""

    def __init__(self, *, verbose: bool = False) -> None:
        self._verbose = verbose
        self._clock = Clock()
        self._spoke = time.monotonic()

    @property
    def silent(self) -> float:
        """Seconds since the last line."""
        return time.monotonic() - self._spoke

    def show(self, milestones: Sequence[Milestone]) -> None:
        for milestone in milestones:
            self._clock.saw(milestone)
            self._write(milestone.at, milestone.type, sentence(milestone), style_of(milestone))
            for finding in findings(milestone):
                self._write(milestone.at, "warning", finding, WAITING)
            if self._verbose:
                for line in reasons(milestone):
                    self._write(milestone.at, "", one_line(line), {})

    def note(self, kind: str, sentence: str) -> None:
        self._write(self._clock.now(), kind, one_line(sentence), {})

    def link(self, url: str, resume: str) -> None:
        """Write the address at the end, where it stays whole and is easy to copy."""
        self.note("link", f"to follow: {resume}; in the console: {url}")

    def alive(self, trouble: str = "") -> float:
        if self.silent >= SILENCE:
            self.note("waiting", trouble or NOTHING_NEW)
        return SILENCE - self.silent

    def _write(self, at: float, kind: str, text: str, style: dict[str, Any]) -> None:
        self._spoke = time.monotonic()
        self.line(f"{elapsed(at - self._clock.started)} {kind:<12} {text}", style)

    def line(self, text: str, style: dict[str, Any]) -> None:
        say(text, err=True, **style)


class Clock:
    """The release's own time, which is that of its milestones."""

    def __init__(self) -> None:
        self.started = 0.0
        self._at, self._seen = 0.0, time.monotonic()

    def saw(self, milestone: Milestone) -> None:
        self.started = self.started or milestone.at
        self._at, self._seen = max(self._at, milestone.at), time.monotonic()

    def now(self) -> float:
        """Estimate it: the time of the last milestone, plus the time since then."""
        return self._at + time.monotonic() - self._seen if self._at else 0.0


def style_of(milestone: Milestone) -> dict[str, Any]:
    """Return the look of a line: success with something worse, or without proof, is no plain success."""
    if isinstance(milestone, Finished) and milestone.proof:
        return WAITING
    if isinstance(milestone, Judged) and milestone.verdict == "pass" and ambers(milestone):
        return WAITING
    return STYLES.get(getattr(milestone, "verdict", milestone.type), {})


def ambers(judged: Judged) -> tuple[str, ...]:
    """Return what is worse without failing a version, by target."""
    found = [(each.target, one_line(one)) for each in judged.targets for one in each.amber]
    return tuple(f"{one_line(target)}: {one}" for target, one in found)


def sentence(milestone: Milestone) -> str:
    text = one_line(milestone.summary)
    return f"release {one_line(milestone.release)}: {text}" if isinstance(milestone, Started) else text


def findings(milestone: Milestone) -> Iterator[str]:
    """Return what the preflight found, one line each."""
    if isinstance(milestone, Started):
        yield from (one_line(finding.sentence) for finding in milestone.findings)


def reasons(milestone: Milestone) -> Iterator[str]:
    """Return the judge's reasons for each target; for many targets, those of the worst."""
    if isinstance(milestone, Judged):
        explained = sorted((each for each in milestone.targets if each.explanation), key=_seriousness)
        yield from (f"{each.target}: {each.explanation}" for each in explained[:EXPLAINED])
        if len(explained) > EXPLAINED:
            yield f"{and_more(explained, EXPLAINED)} targets; the report lists them all"


def _seriousness(target: JudgedTarget) -> int:
    known = [verdict.value for verdict in SERIOUSNESS]
    return known.index(target.verdict) if target.verdict in known else len(known)


def elapsed(seconds: float) -> str:
    """Write seconds as mm:ss, however many minutes."""
    minutes, rest = divmod(max(0, int(seconds)), MINUTE)
    return f"{minutes:02}:{rest:02}"
