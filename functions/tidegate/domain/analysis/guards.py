"""What an alarm that guards a release can see when the release is planned, in words."""

from dataclasses import dataclass

from tidegate.domain.analysis.alarms import ALARM, NO_DATA, QUIET
from tidegate.domain.schedule import MINUTE, format_time


@dataclass(frozen=True)
class Guard:
    """An alarm as CloudWatch shows it.

    `kind` is metric, composite or log. `warming_until` is the end of its warm-up (seconds since 1970), 0 for none;
    `muted` says what keeps its actions from running; `troubled` is its EvaluationState, where CloudWatch cannot
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
        """Say it as `checkout-stopped (log alarm) is OK, its query runs at rate(5 minutes)`."""
        kind = "" if self.kind == "metric" else f" ({self.kind} alarm)"
        remarks = [
            f"its query runs at {self.schedule}, so it sees a fault that much later" if self.schedule else "",
            self._state(now),
            f"CloudWatch says {self.troubled} of its evaluation, so it may see nothing" if self.troubled else "",
            f"{self.muted}, so nobody is notified; a change to ALARM rolls back all the same" if self.muted else "",
        ]
        return ", ".join([f"{self.name}{kind} is {self.state}", *filter(None, remarks)])

    def _state(self, now: int) -> str:
        if self.state == ALARM:
            return (
                f"so it does not block this release, and counts once it was out of ALARM for {QUIET // MINUTE} minutes"
            )
        if self.state != NO_DATA:
            return ""
        if self.warming_until > now:
            return (
                f"its warm-up lasts until {format_time(self.warming_until)} at most, and it sees nothing before its end"
            )
        return "it has no data to see anything by; a change from there to ALARM counts, too"
