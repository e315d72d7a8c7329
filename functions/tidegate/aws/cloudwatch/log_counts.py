"""Counting the calls of both versions of a target in their logs, look by look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.aws.clients import logs_client
from tidegate.aws.cloudwatch.error_logs import default_group, prefixes
from tidegate.aws.failures import FAILED_CALL, code_of, is_busy
from tidegate.aws.logger import logger
from tidegate.domain.analysis.log_calls import SLOT, LogStyle, calls_in, not_understood, slot_of, slots
from tidegate.domain.analysis.log_errors import LogLine
from tidegate.domain.analysis.looks import LATE, MOST_CALLS
from tidegate.domain.analysis.readings import Minutes
from tidegate.domain.foreign_text import undotted
from tidegate.domain.judge import Calls, Minute

SAMPLE = "0"
"""Where a version's log takes more than MOST_CALLS, only the streams are read whose random part begins with this digit:
one in sixteen, of both versions alike."""

AGAIN = SLOT
"""Seconds that are read again at each look: lines may come late."""


@dataclass(frozen=True)
class VersionLog:
    """Where a version logs, and how."""

    function: str
    version: str
    group: str
    style: LogStyle

    @classmethod
    def of(cls, function: str, version: str, configuration: Mapping[str, Any]) -> "VersionLog":
        group = configuration.get("LoggingConfig", {}).get("LogGroup") or default_group(function)
        return cls(function, version, group, LogStyle.of(configuration))

    def read(self, since: int, until: int, sample: str) -> dict[int, Calls] | None:
        """Count the calls by slot from `since` up to `until` (exclusive); None if that takes more calls."""
        lines: list[LogLine] = []
        left = MOST_CALLS
        for prefix in prefixes(self.group, self.function, self.version, since, until):
            wanted = {"logStreamNamePrefix": f"{prefix}{sample}", "filterPattern": self.style.pattern}
            times = {"startTime": since * 1000, "endTime": until * 1000 - 1}
            token: dict[str, str] = {}
            while True:
                if not left:
                    return None
                left -= 1
                page: Any = logs_client().filter_log_events(logGroupName=self.group, **wanted, **times, **token)
                lines += [LogLine(each["logStreamName"], each["message"], each["timestamp"]) for each in page["events"]]
                if not page.get("nextToken"):
                    break
                token = {"nextToken": page["nextToken"]}
        return calls_in(lines, self.style)


def refusal(group: str, now: int) -> str:
    """Say why a log group cannot be read: for lack of a permission, or for its class; empty if it can."""
    try:
        logs_client().filter_log_events(logGroupName=group, startTime=now * 1000, limit=1)
    except FAILED_CALL as error:
        return "" if _passes(error) else f"the log group {group} cannot be read ({undotted(error)})"
    return ""


def _passes(error: Exception) -> bool:
    """Return whether it may succeed later: a function that was never called has no log group yet."""
    return is_busy(error) or code_of(error) == "ResourceNotFoundException"


@dataclass
class TargetLogs:
    """The logs of both versions of a target from the minute of a shift on, `first` (seconds since 1970).

    `found` are the slots that both were read for, up to `read_until`; `off` says why they are not read any more.
    """

    stable: VersionLog
    canary: VersionLog
    first: int
    found: dict[int, Minute] = field(default_factory=dict)
    read_until: int = 0
    off: str = ""
    _sample: str = ""

    def __post_init__(self) -> None:
        self.off = not_understood(self.stable.style, self.canary.style)

    def go_on(self, found: Minutes) -> None:
        """Continue where earlier looks ended: after these slots."""
        self.found = {start: slot for start, slot in found.items() if start >= self.first}
        self.read_until = max(self.found, default=self.first) + SLOT

    def look(self, now: int) -> None:
        """Read the slots that have ended; if that takes too many calls, none of them, and a sample next time."""
        since, until = max(self.first, self.read_until - AGAIN), slot_of(now - LATE)
        if self.off or until <= since:
            return
        try:
            canary = self.canary.read(since, until, self._sample)
            stable = None if canary is None else self.stable.read(since, until, self._sample)
        except FAILED_CALL as error:
            self.off = "" if _passes(error) else f"a log group cannot be read: {undotted(error)}"
            logger.warning("the log of %s could not be read: %s", self.canary.function, error)
            return
        if canary is None or stable is None:
            self.off = "the logs are too long to be read in a few calls" if self._sample else ""
            self._sample = SAMPLE
            return
        self.found |= slots(canary, stable, since, until)
        self.read_until = until
