"""What an alarm can detect when the release is planned, as text."""

from dataclasses import dataclass

from tidegate.domain.analysis.alarms import ALARM, NO_DATA, QUIET
from tidegate.domain.schedule import MINUTE, format_time


@dataclass(frozen=True)
class Guard:
    """An alarm as CloudWatch shows it.

    `kind` is metric, composite or log. `warming_until` is the end of its warm-up (seconds since 1970), 0 for none;
    `muted` is the reason why its actions do not run; `troubled` is its EvaluationState, if CloudWatch cannot
    evaluate it fully; `schedule` is how often a log alarm's query runs.
    """

    name: str
    kind: str
    state: str
    muted: str = ""
    warming_until: int = 0
    troubled: str = ""
    schedule: str = ""

    def summary(self, now: int) -> str:
        """Format it as `checkout-stopped (log alarm) is OK, its query runs at rate(5 minutes)`."""
        kind = "" if self.kind == "metric" else f" ({self.kind} alarm)"
        remarks = [
            f"its query runs at {self.schedule}, so it detects a fault with that delay" if self.schedule else "",
            self._state(now),
            f"CloudWatch reports {self.troubled} for its evaluation, so it may detect nothing" if self.troubled else "",
            f"{self.muted}, so nobody is notified; a change to ALARM still rolls the release back"
            if self.muted
            else "",
        ]
        return ", ".join([f"{self.name}{kind} is {self.state}", *filter(None, remarks)])

    def _state(self, now: int) -> str:
        if self.state == ALARM:
            quiet = QUIET // MINUTE
            return f"so it does not block this release; it counts after it has been out of ALARM for {quiet} minutes"
        if self.state != NO_DATA:
            return ""
        if self.warming_until > now:
            return f"its warm-up lasts until {format_time(self.warming_until)} at most; it detects nothing before that"
        return "it has no data; a change from INSUFFICIENT_DATA to ALARM also rolls the release back"
