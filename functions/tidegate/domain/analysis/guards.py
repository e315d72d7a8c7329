"""What an alarm can detect when the release is planned, as text."""

from collections.abc import Collection
from dataclasses import dataclass

from tidegate.domain.analysis.alarms import ALARM, NO_DATA, QUIET
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.domain.truncation import first_names

MetricId = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Guard:
    """An alarm as CloudWatch shows it.

    `kind` is metric, composite or log. `warming_until` is the end of its warm-up (seconds since 1970), 0 for none;
    `muted` is the reason why its actions do not run; `troubled` is its EvaluationState, if CloudWatch cannot
    evaluate it fully; `schedule` is how often a log alarm's query runs. `metrics` are those of this account that it
    watches: namespace, name, and dimensions in order.
    """

    name: str
    kind: str
    state: str
    muted: str = ""
    warming_until: int = 0
    troubled: str = ""
    schedule: str = ""
    metrics: tuple[MetricId, ...] = ()

    def summary(self, now: int) -> str:
        """Format it as `checkout-stopped (log alarm) is OK, its query runs at rate(5 minutes)`."""
        kind = "" if self.kind == "metric" else f" ({self.kind} alarm)"
        remarks = [
            f"its query runs at {self.schedule}, so it detects a fault with that delay" if self.schedule else "",
            self._state(now),
        ]
        return ", ".join([f"{self.name}{kind} is {self.state}", *filter(None, remarks)])

    def faults(self, silent: Collection[MetricId]) -> list[str]:
        """Say why it may not change, or warn nobody; `silent` are metrics without data."""
        without = [f"{name} in {namespace}" for namespace, name, _ in self.metrics if (namespace, name, _) in silent]
        told = {
            f"had no data of {first_names(without)} in the last two weeks": without,
            f"is not fully evaluated (CloudWatch reports {self.troubled})": self.troubled,
            f"warns nobody, because {self.muted} (a change to ALARM still rolls the release back)": self.muted,
        }
        return [text for text, true in told.items() if true]

    def _state(self, now: int) -> str:
        if self.state == ALARM:
            quiet = QUIET // MINUTE
            return f"so it does not block this release; it counts after it has been out of ALARM for {quiet} minutes"
        if self.state != NO_DATA:
            return ""
        if self.warming_until > now:
            return f"its warm-up lasts until {format_time(self.warming_until)} at most; it detects nothing before that"
        return "it has no data; a change from INSUFFICIENT_DATA to ALARM also rolls the release back"
