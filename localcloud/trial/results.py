"""The results of the releases: as lines, as one table, and as a JSON document."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.stepfunctions import StateEvent
from localcloud.traffic import by_version
from localcloud.trial.display import elapsed
from localcloud.trial.run import Run
from localcloud.trial.scenarios import Scenario
from localcloud.trial.scenarios.scenario import Check

HEADINGS = ("", "release of", "ended in", "live", "ticks", "requests", "failed", "took", "")
NUMBERS = {"live", "ticks", "requests", "failed", "took"}


@dataclass(frozen=True)
class Result:
    """An ended release, compared with its expected result."""

    number: int
    title: str
    run: Run
    checks: list[Check]
    contrast: str | None

    @classmethod
    def of(cls, number: int, scenario: Scenario, run: Run) -> "Result":
        return cls(number, scenario.title, run, list(scenario.checks(run)), scenario.contrast(run))

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Return a word and a text for each line: the requests of both versions, then the checks."""
        yield "requests", f"{len(self.run.calls)}, {self.run.per_second:.2f} a second"
        yield "stable", self._count(self.run.stable)
        if self.run.canary:
            yield "canary", self._count(self.run.canary)
        for check in self.checks:
            text = check.found if check.ok else f"{check.found}; expected: {check.expected}"
            yield "ok" if check.ok else "differs", text
        if self.contrast:
            yield "contrast", self.contrast

    def _count(self, version: str) -> str:
        return f"version {version}: {len(self.run.calls_of(version))} requests, {self.run.failed(version)} failed"

    def row(self) -> tuple[str, ...]:
        run = self.run
        return (
            str(self.number),
            self.title,
            run.ending,
            run.alias.version,
            str(len(run.verdicts)),
            str(len(run.calls)),
            str(sum(call.outcome != "ok" for call in run.calls)),
            elapsed(run.ended - run.started),
            "as it must" if self.ok else "DIFFERS",
        )

    def document(self) -> dict[str, Any]:
        run = self.run
        return {
            "number": self.number,
            "title": self.title,
            "ok": self.ok,
            "release": run.name,
            "request": run.request,
            "status": run.status,
            "ended_in": run.last_state,
            "error": run.error,
            "cause": run.cause,
            "seconds": round(run.ended - run.started, 1),
            "stable": run.stable,
            "canary": run.canary,
            "weights": run.weights,
            "verdicts": run.verdicts,
            "requests_per_second": round(run.per_second, 3),
            "requests": {version: dict(counts) for version, counts in by_version(run.calls).items()},
            "errors": dict(Counter(call.error for call in run.calls if call.error)),
            "alias": {"version": run.alias.version, "weights": run.alias.weights},
            "locks": run.locks,
            "checks": [asdict(check) for check in self.checks],
            "contrast": self.contrast,
            "notes": run.notes,
            "states": [_state(event, run.started) for event in run.events],
        }


def _state(event: StateEvent, started: float) -> dict[str, Any]:
    detail = event.detail if isinstance(event.detail, dict) else {}
    told = {name: detail[name] for name in ("summary", "weight", "verdict", "next", "error", "cause") if name in detail}
    about = told if event.kind != "entered" else {}
    return {"at": round(event.at - started, 1), "kind": event.kind, "state": event.state, **about}


def table(results: list[Result]) -> Iterator[str]:
    """Return the lines of the summary: numbers to the right, words to the left."""
    rows = [HEADINGS, *(result.row() for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        cells = (
            cell.rjust(width) if HEADINGS[column] in NUMBERS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
