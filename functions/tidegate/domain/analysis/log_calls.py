"""Completed and failed calls of a version, from the lines that Lambda and its runtimes write to its log.

Metrics come a minute late and a minute wide, a line of a log within seconds. Lines that a function writes itself never
count, even about an error: a handler may log an exception, and answer nevertheless. So only what the platform reports,
and the exact form in which a runtime logs an error that its handler raised, makes a failed call.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.analysis.log_errors import LogLine
from tidegate.domain.foreign_text import parse_json
from tidegate.domain.invocation_log import FAILED
from tidegate.domain.judge import Calls, Minute

SLOT = 10
"""Seconds: a minute of the judge, of ten seconds."""

_RAISED = {
    # awslambdaric, bootstrap.py (log_error): the type, and a trace indented by no-break spaces. Lines of logging have a
    # tab after the level, and their traces plain spaces.
    "python": re.compile(
        r"\[ERROR\] [A-Za-z_][\w.]*(?:: .*?)?[\r\n]Traceback \(most recent call last\):[\r\n]*(?:\u00a0|$)", re.DOTALL
    ),
    # aws-lambda-nodejs-runtime-interface-client, LogPatch.js and lifecycle-manager.ts: label, then the error as JSON.
    "nodejs": re.compile(
        r"[^\t]*\t[^\t]*\tERROR\t(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection)\s*\{"
    ),
}
"""What a runtime logs in text if its handler raises an error: REPORT has no Status then."""

_REPORT = re.compile(r"REPORT RequestId: \S{1,64}\s")
_STATUS = re.compile(r"\sStatus: ([a-z]{1,20})")
_HEAD = 1000

_TEXT = '?"REPORT RequestId:" ?"INIT_REPORT"'
_PATTERNS = {
    "python": f'{_TEXT} ?"Traceback (most recent call last)"',
    "nodejs": f'{_TEXT} ?"Invoke Error" ?"Uncaught Exception" ?"Unhandled Promise Rejection"',
}
_JSON = '?"platform.report" ?"platform.runtimeDone"'


@dataclass(frozen=True)
class LogStyle:
    """How a version logs. `runtime` is without its number, such as `python`; `complete`: every call has a report."""

    json: bool = False
    runtime: str = ""
    complete: bool = True
    interleaved: bool = False

    @classmethod
    def of(cls, configuration: Mapping[str, Any]) -> "LogStyle":
        """Read the answer of GetFunctionConfiguration."""
        logging = configuration.get("LoggingConfig", {})
        return cls(
            json=logging.get("LogFormat") == "JSON",
            runtime=re.split(r"\d", configuration.get("Runtime", ""), maxsplit=1)[0],
            complete=logging.get("SystemLogLevel", "INFO") != "WARN",
            interleaved="CapacityProviderConfig" in configuration,
        )

    @property
    def pattern(self) -> str:
        """Return the filter pattern of the lines that count."""
        return _JSON if self.json else _PATTERNS[self.runtime]


def not_understood(stable: LogStyle, canary: LogStyle) -> str:
    """Say why the logs of two versions cannot be compared; empty if they can.

    Both must show failed calls in the same way: otherwise one of them would look worse for how it logs.
    """
    if stable.json != canary.json:
        return "its versions log in different formats"
    if stable.json:
        whole = stable.complete and canary.complete
        return "" if whole else "its system log level is WARN, which leaves out the calls that succeed"
    if stable.runtime != canary.runtime:
        return "its versions have different runtimes, and log in text"
    if stable.runtime not in _RAISED:
        return "in text, logs of its runtime do not say which calls fail (LogFormat JSON does)"
    return "its environments run several calls at once, and log in text" if canary.interleaved else ""


def calls_in(lines: Iterable[LogLine], style: LogStyle) -> dict[int, Calls]:
    """Count the calls that ended, and those of them that failed, by slot (seconds since 1970).

    `lines` are in order of time, those of a stream at least. A call counts in the slot of its report; an error whose
    report is not there yet does not count yet.
    """
    counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    raised: set[str] = set()
    for line in lines:
        ended = _ended_in_json(line, raised) if style.json else _ended(line, raised, _RAISED[style.runtime])
        if ended is not None:
            count = counts[slot_of(line.at // 1000)]
            count[0] += 1
            count[1] += ended
    return {slot: Calls(*count) for slot, count in sorted(counts.items())}


def slot_of(seconds: int) -> int:
    """Start of the slot that `seconds` lies in."""
    return seconds - seconds % SLOT


def slots(canary: Mapping[int, Calls], stable: Mapping[int, Calls], since: int, until: int) -> dict[int, Minute]:
    """Return the slots from `since` up to `until` (exclusive), in which the logs of both versions were read."""
    found = {}
    for slot in range(since, until, SLOT):
        new, old = canary.get(slot, Calls(0)), stable.get(slot, Calls(0))
        if new.total or old.total:
            found[slot] = Minute(new.total, new.bad, old.total, old.bad)
    return found


def _ended(line: LogLine, raised: set[str], pattern: re.Pattern[str]) -> bool | None:
    """Return whether the call that a line of text reports failed; None for another line.

    `raised` are the streams in which an error was logged since the last report. An environment runs one call at a time.
    """
    text = line.text
    if _REPORT.match(text):
        status = _STATUS.search(text[:_HEAD])
        failed = line.stream in raised or (status is not None and status[1] in FAILED)
        raised.discard(line.stream)
        return failed
    if text.startswith("INIT_REPORT ") and "Phase: invoke" not in text[:_HEAD]:
        raised.discard(line.stream)  # Lambda runs the init again, inside the call
    elif pattern.match(text):
        raised.add(line.stream)
    return None


def _ended_in_json(line: LogLine, raised: set[str]) -> bool | None:
    """Return the same for a line of JSON; a failed call may say so in its runtimeDone already."""
    try:
        event = parse_json(line.text)
    except ValueError:
        return None
    kind, record = (event.get("type"), event.get("record")) if isinstance(event, dict) else (None, None)
    if kind not in {"platform.report", "platform.runtimeDone"} or not isinstance(record, dict):
        return None
    call, failed = f"{line.stream} {record.get('requestId')}", record.get("status") in FAILED
    if kind == "platform.runtimeDone":
        if failed:
            raised.add(call)
        return None
    failed = failed or call in raised
    raised.discard(call)
    return failed
