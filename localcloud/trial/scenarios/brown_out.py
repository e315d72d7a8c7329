"""A dependency fails both versions alike for a while: that is not the canary's fault."""

from collections.abc import Iterator
from typing import Any

from localcloud.stepfunctions import StateEvent
from localcloud.traffic import Call
from localcloud.trial.run import Run
from localcloud.trial.scenarios.scenario import ANALYSIS, RELEASED, Check, Scenario, ticks
from localcloud.trial.stage import Stage

STARTS_AFTER, LASTS, SHARE = 60.0, 90.0, 0.4
"""The brown-out: emulated seconds after the shift, how many, and which share of requests it fails."""


class BrownOut(Scenario):
    title = "a brown-out of what both versions call"
    word = "brown-out"
    folder = "brown_out"
    ends = RELEASED

    def __init__(self) -> None:
        self._begins: float | None = None

    def request(self, stage: Stage) -> dict[str, Any]:
        stage.put_code(self.folder)
        strategy = {"steps": [{"weight": 10, "bake": "5m"}]}
        # The brown-out is long over by then: a look back would show nothing that the first release has not.
        return self._request(strategy=strategy, analysis={**ANALYSIS, "after": {"on_worse": "ignore"}})

    def happened(self, stage: Stage, event: StateEvent) -> None:
        if self._begins is None and (event.kind, event.state) == ("exited", "Shift traffic"):
            self._begins = event.at + STARTS_AFTER
            stage.stock.brown_out(self._begins, LASTS, SHARE)

    def notes(self) -> dict[str, Any]:
        return {"brown_out": {"starts": self._begins, "seconds": LASTS, "share": SHARE}}

    def own_checks(self, run: Run) -> Iterator[Check]:
        during = _during(run)
        stable, canary = _rate(during, run.stable), _rate(during, run.canary)
        yield Check(
            all(any(c.outcome == "failed" and c.version == v for c in during) for v in (run.stable, run.canary)),
            f"the brown-out failed {stable} on version {run.stable} and {canary} on version {run.canary}",
            "some on both",
        )
        blamed = run.error == "VersionFailed" or "fail" in run.verdicts
        yield Check(
            not blamed,
            f"in {ticks(len(run.verdicts))} the canary was {'blamed' if blamed else 'never blamed'}",
            "never blamed",
        )

    def contrast(self, run: Run) -> str | None:
        during = _during(run)
        failed = sum(call.outcome == "failed" for call in during)
        share = f" ({100 * failed / len(during):.0f} %)" if during else ""
        return (
            f"the alias as a whole failed {failed} of {len(during)} requests{share} meanwhile: "
            "an alarm on the alias cannot tell whose fault that is"
        )


def _during(run: Run) -> list[Call]:
    begins = run.notes["brown_out"]["starts"] or run.ended
    return [call for call in run.calls if begins <= call.at < begins + LASTS]


def _rate(calls: list[Call], version: str | None) -> str:
    own = [call for call in calls if call.version == version]
    failed = sum(call.outcome == "failed" for call in own)
    return f"{failed} of {len(own)}" + (f" ({100 * failed / len(own):.0f} %)" if own else "")
