"""What a decision leads to, by when, and what to do for whoever cannot wait that long."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.alias import percent
from tidegate.domain.people.decision import WHOLE, Decision, Kind
from tidegate.domain.schedule import MINUTE, format_time

SOON = 3 * MINUTE
"""Seconds that whoever aborts a release may be asked to wait; the first look comes two and a half minutes after a
shift."""

NAMED = 3
"""Of more targets than that the way back is told once for all."""


@dataclass(frozen=True)
class Ahead:
    """What lies ahead of a release: its next look comes at `look` at the latest (seconds since 1970).

    None: when every version is ready, before any traffic.
    """

    execution: str
    targets: Sequence[str]
    look: int | None

    @property
    def when(self) -> str:
        return "once every version is ready" if self.look is None else f"at the next look, by {format_time(self.look)}"

    def of(self, decision: Decision) -> str:
        """Say what a decision leads to."""
        if decision.kind is Kind.HOLD:
            return f"It stays where it is from then on, still judged: {self.when}."
        if decision.kind is Kind.ABORT:
            return f"It is rolled back {self.when}."
        goal = "finishes" if decision.to == WHOLE else f"goes on to {percent((decision.to or 0) / 100)}"
        return f"It {goal} {self.when}, unless a version fails by then."

    def at_once(self, now: int) -> str:
        """Say how to undo a release that nobody wants to wait for; nothing where its next look comes soon."""
        return "" if self.look is not None and self.look - now <= SOON else f" {self._stop}"

    def instead(self, first: Decision, second: Decision) -> str:
        """Say what is left for whoever comes second."""
        if first.kind is Kind.ABORT:
            return " Release it again after that; its version is not blamed."
        if second.kind is not Kind.ABORT:
            return " Decide again after that."
        way = f"Once it has finished, go back: {self._back}." if first.to == WHOLE else "Abort it again after that."
        return f" {way} {self._stop}"

    @property
    def _stop(self) -> str:
        return (
            "To undo it at once, stop its execution, and Recover restores its aliases: "
            f"aws stepfunctions stop-execution --execution-arn {self.execution}"
        )

    @property
    def _back(self) -> str:
        if len(self.targets) > NAMED:
            return f"tidegate rollback FUNCTION:ALIAS for each of its {len(self.targets)} targets"
        return ", ".join(f"tidegate rollback {target}" for target in self.targets)
