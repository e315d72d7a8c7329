"""The recording of one release: the only input of its checks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from localcloud.lambda_ import Invocation
from localcloud.stepfunctions import StateEvent
from localcloud.traffic import Call
from localcloud.trial.stage import AliasNow


@dataclass(frozen=True)
class Run:
    """A release that is over. Times are emulated seconds since 1970; `before` are calls from before it began."""

    name: str
    request: dict[str, Any]
    started: float
    ended: float
    status: str
    error: str | None
    cause: str | None
    events: list[StateEvent]
    stable: str
    before: list[Call]
    calls: list[Call]
    invocations: list[Invocation]
    alias: AliasNow
    locks: list[str]
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def canary(self) -> str | None:
        """The version that Publish made; None when the release did not come so far."""
        return next((str(detail["version"]) for detail in self._results("Publish")), None)

    @property
    def plan(self) -> str:
        """What Plan said; empty if it refused the release."""
        return next((str(detail["summary"]) for detail in self._results("Plan")), "")

    @property
    def last_state(self) -> str:
        entered = [event.state for event in self.events if event.kind == "entered"]
        return entered[-1] if entered else "no state"

    @property
    def failed_states(self) -> list[str]:
        return [event.state for event in self.events if event.kind == "failed"]

    @property
    def weights(self) -> list[float]:
        """The weights in percent that Shift traffic put on the canary, in order."""
        return [detail["weight"] for detail in self._results("Shift traffic")]

    @property
    def verdicts(self) -> list[str]:
        """One for each tick."""
        return [detail["verdict"] for detail in self._results("Compare versions")]

    def calls_of(self, version: str | None) -> list[Call]:
        return [call for call in self.calls if version is not None and call.version == version]

    def failed(self, version: str | None) -> int:
        return sum(call.outcome == "failed" for call in self.calls_of(version))

    @property
    def unanswered(self) -> int:
        """How many calls got neither a result nor an error of the function."""
        return sum(call.outcome in ("throttled", "lost") for call in self.calls)

    @property
    def per_second(self) -> float:
        """How many calls were sent each emulated second, measured."""
        span = self.calls[-1].at - self.calls[0].at if self.calls else 0.0
        return len(self.calls) / span if span else 0.0

    @property
    def ending(self) -> str:
        if self.error:
            return f"{self.last_state} ({self.error})"
        return self.last_state if self.status == "SUCCEEDED" else f"{self.last_state} ({self.status})"

    def _results(self, state: str) -> Iterator[dict[str, Any]]:
        """Return what a state came to, each time it did."""
        for event in self.events:
            if (event.kind, event.state) == ("exited", state) and "Error" not in event.detail:
                yield event.detail
