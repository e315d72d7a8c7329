"""Common parts of all scenarios."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud.stepfunctions import StateEvent
from localcloud.trial.run import Run
from localcloud.trial.stage import ALIAS, FUNCTION, Stage

ANALYSIS = {"max_bake": "15m", "on_inconclusive": "rollback", "mde": 0.1}
"""Ten points at 50 %: at two requests a second, two points would take twenty minutes to rule out."""
STEPS = [{"weight": 10, "bake": "3m"}, {"weight": 50, "bake": "2m"}]
RELEASED, ROLLED_BACK = "Released", "Rolled back"


@dataclass(frozen=True)
class Check:
    """A check: the result, and the expectation."""

    ok: bool
    found: str
    expected: str


class Scenario(ABC):
    """One scenario: the release, the events during it, and the expected result."""

    title: str
    word: str
    folder: str
    ends: str
    error: str | None = None

    def request(self, stage: Stage) -> dict[str, Any]:
        """Arrange what is to be released; give the request."""
        stage.put_code(self.folder)
        return self._request()

    def _request(self, **more: Any) -> dict[str, Any]:
        return {
            "function": FUNCTION,
            "alias": ALIAS,
            "probe": {"payload": {"order": 0, "items": 1}, "expect": {"code": self.folder}},
            "strategy": {"steps": STEPS},
            "analysis": ANALYSIS,
            **more,
        }

    def happened(self, stage: Stage, event: StateEvent) -> None:  # noqa: B027 - most do nothing
        """Do what the scenario does while the release runs; told of every state."""

    def notes(self) -> dict[str, Any]:
        """Return what the scenario itself has recorded."""
        return {}

    def checks(self, run: Run) -> Iterator[Check]:
        """Return what must be so after the release."""
        yield Check(
            (run.last_state, run.error) == (self.ends, self.error),
            f"it ended in {run.ending}",
            f"it ends in {self.ends}" + (f" ({self.error})" if self.error else ""),
        )
        yield from self.own_checks(run)
        live = str(run.canary if self.ends == RELEASED else run.stable)
        yield Check(
            run.alias.version == live and not run.alias.weights,
            f"the alias is {'whole' if not run.alias.weights else 'not whole'}: {run.alias}",
            f"whole, 100 % on version {live}",
        )
        yield Check(
            not run.locks,
            "no lock is left in the ledger" if not run.locks else f"locks left in the ledger: {', '.join(run.locks)}",
            "none",
        )

    @abstractmethod
    def own_checks(self, run: Run) -> Iterator[Check]:
        """Return what is particular to this scenario."""

    def contrast(self, run: Run) -> str | None:  # noqa: ARG002 - most have none
        """Describe what would have been seen otherwise, as far as it was recorded."""
        return None


def ticks(number: int) -> str:
    return f"{number} tick" if number == 1 else f"{number} ticks"


def none_failed(run: Run) -> Check:
    """Check that no user noticed anything."""
    failed = sum(call.outcome == "failed" for call in run.calls)
    return Check(
        bool(run.calls) and not failed and not run.unanswered,
        f"of {len(run.calls)} requests {failed or 'none'} failed and {run.unanswered or 'none'} stayed unanswered",
        "requests, and none that failed or stayed unanswered",
    )
