"""Random releases at their last tick, as Compare, Roll back and the ledger leave them."""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.builders import NOON, a_plan, a_target
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.fleet import judge_all
from tidegate.domain.analysis.log_calls import SLOT
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.analysis.verdict import TargetVerdict, blame, summary_of, worst_of
from tidegate.domain.events.milestone import Judged
from tidegate.domain.events.timeline import told_by
from tidegate.domain.judge import Minute, Verdict
from tidegate.domain.metric import LOG, PlannedMetric
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import LAG, MINUTE
from tidegate.domain.strategy import Step
from tidegate.report.load import load
from tidegate.report.model import Report

NAME = "checkout-live-1"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
STEPS = (Step(5, 5), Step(25, 5), Step(50, 5))
MEASURES = ("errors", "latency-p95", "latency-p99", "throttles")


@dataclass
class OneRelease:
    """A release from a seed: its traffic, a brown-out of both, a canary that becomes worse or does not, or is a fix."""

    seed: int

    def __post_init__(self) -> None:
        random = self.random = Random(self.seed)
        targets = [
            a_target(name, looks_at_logs=random.random() < 0.3)
            for name in ("checkout", "cart", "search")[: random.randint(1, 3)]
        ]
        metrics = (
            PlannedMetric("errors", weight=0.5),
            PlannedMetric("latency", gates=random.random() < 0.7, weight=0.25, min_effect=0.01),
            PlannedMetric("throttles", gates=random.random() < 0.5, weight=0.25),
        )
        self.plan: ReleasePlan = a_plan(*targets, steps=STEPS, metrics=metrics, alpha=random.choice((0.05, 0.2)))
        self.minutes = random.randint(1, 16)
        self.shifts = [
            Shift(NOON + 5 * MINUTE * n, step.weight, NOON + 5 * MINUTE * n + 2) for n, step in enumerate(STEPS)
        ]
        self.shifts = [shift for shift in self.shifts if shift.at < NOON + self.minutes * MINUTE]
        self.now = NOON + self.minutes * MINUTE + LAG
        self.baseline = Baseline(thresholds={"p95": 160.0, "p99": 320.0})
        self.readings = {target.name: self._with_log(self._reading(), target) for target in targets}
        comparisons = [
            Comparison(self.plan, target, self.readings[target.name], self.baseline, self.shifts, self.now)
            for target in targets
        ]
        self.verdicts: list[TargetVerdict] = judge_all(self.plan, comparisons)

    def _reading(self) -> Reading:
        random = self.random
        if random.random() < 0.1:
            return Reading(problem="Rate Exceeded")
        worse = {name: random.choice((0.0, 0.0, 0.05, 0.4, 0.9)) for name in MEASURES}
        bad_from, per_minute = random.randint(0, 15), random.choice((10, 60, 900))
        completed = random.choice((1.0, 1.0, 1.0, 0.2))
        brown_out, burning = random.choice((0.0, 0.0, 0.3)), random.choice((0.0, 0.0, 0.0, 0.3))
        counts: dict[str, dict[int, Minute]] = {name: {} for name in MEASURES}
        for minute in range(self.minutes):
            weight = STEPS[min(minute // 5, 2)].weight / 100
            stable = sum(random.random() >= weight for _ in range(per_minute))
            canary = round((per_minute - stable) * completed)
            for name, rate in zip(MEASURES, (0.004, 0.04, 0.008, 0.0), strict=True):
                usual = rate + (brown_out if minute // 3 == 2 else 0.0)
                more = worse[name] if minute >= bad_from else 0.0
                old = usual + burning if name == "errors" else usual
                counts[name][NOON + minute * MINUTE] = Minute(
                    canary, self._bad(canary, min(1.0, usual + more)), stable, self._bad(stable, old)
                )
        return Reading(dict(counts), counted=frozenset(counts))

    def _with_log(self, reading: Reading, target: TargetPlan) -> Reading:
        """Add slots of the logs: the first one seldom begins with the minute of the shift."""
        if not target.looks_at_logs:
            return reading
        random, worse, bad_from = self.random, self.random.choice((0.0, 0.3, 0.9)), self.random.randint(0, 12)
        slots = {}
        for slot in range(random.randint(0, 2), random.randint(3, 13)):
            total = random.choice((3, 20, 150))
            canary = sum(random.random() < STEPS[0].weight / 100 for _ in range(total))
            more = worse if slot >= bad_from else 0.0
            slots[NOON + SLOT * slot] = Minute(
                canary, self._bad(canary, 0.004 + more), total - canary, self._bad(total - canary, 0.004)
            )
        return replace(reading, counts={**reading.counts, LOG: slots})

    def _bad(self, calls: int, rate: float) -> int:
        return sum(self.random.random() < rate for _ in range(calls))

    @property
    def weight(self) -> float:
        return self.shifts[-1].weight

    @property
    def line(self) -> str:
        return summary_of(self.verdicts, self.weight)

    @property
    def cause(self) -> str:
        return blame(self.verdicts, self.weight)

    @property
    def fails(self) -> bool:
        return worst_of(self.verdicts).verdict is Verdict.FAIL

    @property
    def items(self) -> list[dict[str, Any]]:
        record = {
            "sk": "record",
            "at": NOON,
            "started": NOON,
            "execution": EXECUTION,
            "status": "running",
            "labels": {},
        }
        baselines = {name: self.baseline.document() for name in self.readings}
        found: list[dict[str, Any]] = [
            {**record, "plan": self.plan.document()},
            {"sk": "baseline", "at": NOON, "targets": baselines},
            *({"sk": f"target#{t.name}", "target": t.name, "canary": t.canary, "at": NOON} for t in self.plan.targets),
            *(
                {"sk": f"shift#{n:03}", "at": s.at, "until": s.until, "weight": s.weight, "summary": "Shifted"}
                for n, s in enumerate(self.shifts)
            ),
            {"sk": "counts#1#000", "at": self.now, "rows": {name: _rows(each) for name, each in self.readings.items()}},
            self.tick,
        ]
        if self.fails:
            found[0].update(ended="rolled-back", outcome=self.cause, ended_at=self.now)
            undone = {"summary": "checkout:live is 100 % on version 42 again", "why": self.cause}
            found.append({"sk": "event#2#rolled-back", "kind": "rolled-back", "at": self.now, **undone})
        return found

    @property
    def tick(self) -> dict[str, Any]:
        said = {"weight": self.weight, "verdict": worst_of(self.verdicts).verdict.value, "next": "bake"}
        verdicts = [each.document() for each in self.verdicts]
        return {
            "sk": "event#1#judged",
            "kind": "judged",
            "at": self.now,
            "summary": self.line,
            **said,
            "verdicts": verdicts,
        }

    @property
    def milestone(self) -> Judged:
        (judged,) = (each for each in told_by(NAME, [self.tick]) if isinstance(each, Judged))
        return judged

    def report(self) -> Report:
        return load(NAME, self.items, now=self.now + 30)


def _rows(reading: Reading) -> dict[str, list[list[int]]]:
    return {name: [[start, *minute.counts] for start, minute in each.items()] for name, each in reading.counts.items()}
