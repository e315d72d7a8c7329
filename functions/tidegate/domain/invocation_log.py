"""The init of an invocation, from Lambda's own log lines, in both log formats.

Text: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html ("Failures during the Init phase",
"Failures during the invoke phase"). JSON: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
(`platform.initReport`, `platform.report`); recorded in LogResult in May 2024. A function may print lines that look the
same, so the answer of an invocation is stronger evidence than a line.
"""

import re
from dataclasses import dataclass
from typing import Any

from tidegate.domain.foreign_text import parse_json

LONGEST_TAIL = 4096
"""Bytes of the log that Invoke returns (`LogType`, Lambda API Reference)."""

MOST_READ = 64 * 1024
"""Most characters read of a log, from its end, and of one line."""

FAILED = {"error", "failure", "timeout"}
"""Statuses of an init or an invocation that did not succeed."""

_MILLISECONDS = r"([0-9]{1,9}(?:\.[0-9]{1,6})?) ms"
_DURATION = re.compile(rf"Duration: {_MILLISECONDS}")
_INIT_DURATION = re.compile(rf"Init Duration: {_MILLISECONDS}")
_STATUS = re.compile(r"Status: ([a-z]{1,20})")


@dataclass(frozen=True)
class InitReport:
    """One run of the init; Lambda repeats a failed run inside the invocation (`again`)."""

    again: bool
    status: str
    seconds: float

    @property
    def failed(self) -> bool:
        return self.status in FAILED


@dataclass(frozen=True)
class InvocationReport:
    """The report of the invocation; `init_seconds` is there only after an init that succeeded before it."""

    seconds: float | None
    init_seconds: float | None


@dataclass(frozen=True)
class InvocationLog:
    """`cut`: the log may have begun before the text that was read."""

    inits: tuple[InitReport, ...] = ()
    report: InvocationReport | None = None
    cut: bool = False

    @property
    def init_succeeded(self) -> bool:
        measured = self.report is not None and self.report.init_seconds is not None
        return measured or (bool(self.inits) and not self.inits[-1].failed)

    @property
    def init_failed_again(self) -> bool:
        """Return whether the init failed for good: Lambda repeats it once."""
        return self._last_failed and self.inits[-1].again

    @property
    def init_crashed(self) -> bool:
        """Return whether the last visible run of the init failed.

        A slow first run does not count.
        """
        return self._last_failed and (self.inits[-1].again or self.inits[-1].status != "timeout")

    @property
    def _last_failed(self) -> bool:
        return bool(self.inits) and self.inits[-1].failed and not self.init_succeeded

    @property
    def warm(self) -> bool:
        """Return whether no init belongs to this invocation."""
        return self.report is not None and self.report.init_seconds is None and not self.inits and not self.cut

    @property
    def given_up(self) -> float:
        """Seconds of the runs of the init that Lambda stopped: after 10 s, or because of an error."""
        return sum(each.seconds for each in self.inits if each.failed)

    @property
    def whole_init_seconds(self) -> float | None:
        """Upper bound of the seconds of all runs of the init; None if the log does not show it.

        After a stopped run the report has no Init Duration: its Duration is the time of the second run and
        of the handler together (a "suppressed init").
        """
        seconds = self.report.init_seconds if self.report else None
        if seconds is None and self.init_succeeded:
            seconds = sum(each.seconds for each in self.inits if not each.failed)
        if seconds is None and self.given_up and self.report:
            seconds = self.report.seconds
        return None if seconds is None else self.given_up + seconds


def read_log(text: str) -> InvocationLog:
    """Read a log, such as the last 4 KB that Invoke returns. The last report counts: Lambda writes it last."""
    entries = [entry for line in text[-MOST_READ:].split("\n") if (entry := _entry(line))]
    return InvocationLog(
        inits=tuple(each for each in entries if isinstance(each, InitReport)),
        report=next((each for each in reversed(entries) if isinstance(each, InvocationReport)), None),
        cut=len(text.encode()) >= LONGEST_TAIL,
    )


def _entry(line: str) -> InitReport | InvocationReport | None:
    if line.startswith("INIT_REPORT "):
        status = _STATUS.search(line)
        again = "Phase: invoke" in line
        return InitReport(again, status[1] if status else "success", _seconds(_INIT_DURATION, line) or 0.0)
    if line.startswith("REPORT RequestId: "):
        return InvocationReport(_seconds(_DURATION, line), _seconds(_INIT_DURATION, line))
    return _json_entry(line) if line.startswith("{") else None


def _json_entry(line: str) -> InitReport | InvocationReport | None:
    try:
        event = parse_json(line)
    except ValueError:
        return None
    record = _object(event.get("record"))
    metrics = _object(record.get("metrics"))
    if event.get("type") == "platform.initReport":
        status = str(record.get("status") or "success")
        return InitReport(record.get("phase") == "invoke", status, _positive(metrics.get("durationMs")) or 0.0)
    if event.get("type") == "platform.report":
        return InvocationReport(_positive(metrics.get("durationMs")), _positive(metrics.get("initDurationMs")))
    return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(pattern: re.Pattern[str], line: str) -> float | None:
    found = pattern.search(line)
    return float(found[1]) / 1000 if found else None


def _positive(milliseconds: Any) -> float | None:
    is_number = isinstance(milliseconds, (int, float)) and 0 <= milliseconds < 1e9
    return milliseconds / 1000 if is_number else None
