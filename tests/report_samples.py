"""Releases as the ledger would have them, with traffic made up from a seed, for tests and figures of the report."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any

from tests.builders import NOON, a_plan, a_target
from tidegate.domain.analysis.baseline import Baseline, Observation
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.execution import Execution, Passage
from tidegate.domain.judge import Calls, Minute
from tidegate.domain.metric import PlannedMetric
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import LAG, MINUTE
from tidegate.domain.strategy import Step
from tidegate.report.load import load
from tidegate.report.model import Report

NAME = "checkout-live-9f2c1ab3-1234.1"
ARN = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-releases:{NAME}"
STEPS = (Step(5, 15), Step(10, 15), Step(25, 15), Step(50, 15))
STARTED = NOON - 70
METRICS = (PlannedMetric("errors", weight=0.5), PlannedMetric("latency", weight=0.5, min_effect=0.01))
SLOW = {"latency-p95": (160.0, 0.04), "latency-p99": (320.0, 0.008)}
"""Bound in milliseconds and part of all calls that take longer, by the name of the measure."""

SILENT = (10, 11)
"""Minutes in which nobody called."""

Item = dict[str, Any]


@dataclass
class Sample:
    """A release of checkout:live from 42 to 43, minute by minute; 0.4 % of all calls fail, and more on a bad canary."""

    minutes: int = 60
    bad_from: int | None = None
    over: bool = True
    per_minute: int = 600
    seed: int = 1
    target: str = "checkout:live"
    items: list[Item] = field(default_factory=list)
    way: list[Passage] = field(default_factory=list)
    seen: dict[str, dict[str, dict[int, float]]] = field(default_factory=dict)
    ended: int | None = None
    failed: bool = False

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self.seen = {version: {name: {} for name in ("p50", "p95", "p99")} for version in ("stable", "canary")}
        self._plan: ReleasePlan = a_plan(a_target(), steps=STEPS, metrics=METRICS)
        self._baseline = Baseline(
            thresholds={name.partition("-")[2]: bound for name, (bound, _) in SLOW.items()},
            before={NOON - n * MINUTE: Calls(self.per_minute, self._random.randint(0, 5)) for n in range(60, 0, -1)},
        )
        self._prepare()
        self._bake()
        if self.over or self.failed:
            self._end()

    def report(self, **sources: Any) -> Report:
        status = "RUNNING" if self.ended is None else "FAILED" if self.failed else "SUCCEEDED"
        execution = Execution(ARN, status, STARTED, self.ended, request={"function": "checkout", "strategy": "guarded"})
        given: dict[str, Any] = {
            "now": self.items[-1]["at"] + 30,
            "execution": execution,
            "way": self.way,
            "starts": {self.target: {"41": 0.362, "42": 0.37}},
            "seen": {self.target: Observation(self.seen["stable"], self.seen["canary"])},
            **sources,
        }
        return load(NAME, self.items, **given)

    @property
    def record(self) -> Item:
        return self.items[0]

    def event(self, at: int, kind: str, summary: str, **details: Any) -> None:
        self.items.append({"sk": f"event#{at}#{kind}", "kind": kind, "at": at, "summary": summary, **details})

    def visit(self, state: str, at: int, *, left: bool = True) -> None:
        came_from = self.way[-1].state if self.way else None
        self.way.append(Passage(state, at, came_from, left))

    def _prepare(self) -> None:
        labels = {"commit": "4f2c9ab", "actor": "ci", "url": "https://ci.example.com/runs/123"}
        record = {"execution": ARN, "status": "running", "labels": labels, "plan": self._plan.document()}
        self.items.append({"sk": "record", "started": STARTED, "at": STARTED, **record})
        self.event(STARTED + 2, "planned", f"release {self.target} by steps")
        self.items.append({"sk": f"target#{self.target}", "target": self.target, "canary": "43", "at": NOON - 50})
        steps = [[step.weight, 0.5 / step.weight, None if step is STEPS[-1] else 4] for step in STEPS]
        forecast = {"calls_per_minute": float(self.per_minute), "basis": "the last hour's mean", "steps": steps}
        self.items.append({"sk": "ahead#000", "at": STARTED, "forecasts": {self.target: forecast}})
        self.event(
            NOON - 30,
            f"probed#{self.target}",
            "version 43 of checkout starts in 412 ms",
            version="43",
            init_seconds=0.412,
        )
        states = "Plan, Go ahead?, Prepare versions, Update, Settle, Settled?, Publish, Settle, Settled?, Probe"
        for state in states.split(", "):
            self.visit(state, STARTED)
        self.way.append(Passage("Before traffic", NOON - 20, "Prepare versions"))
        self.visit("What first?", NOON - 20)

    def _bake(self) -> None:
        counts: dict[str, dict[int, Minute]] = {"errors": {}, **{name: {} for name in SLOW}}
        shifts: list[Shift] = []
        self.items.append({"sk": "baseline", "at": NOON, "targets": {self.target: self._baseline.document()}})
        for minute in range(self.minutes):
            at = NOON + minute * MINUTE
            step = minute * len(STEPS) // max(self.minutes, len(STEPS))
            if step == len(shifts):
                shifts.append(self._shift(at, step))
            if minute not in SILENT:
                self._calls(minute, at, STEPS[step].weight / 100, counts)
            self._tick(at + MINUTE + LAG, step, counts, shifts)
            if self.failed:
                break

    def _shift(self, at: int, step: int) -> Shift:
        weight = STEPS[step].weight
        summary = f"{weight:g} % on the new version of {self.target}"
        item = {"at": at, "until": at + 2, "weight": weight, "skew_seconds": 0.1, "summary": summary}
        self.items.append({"sk": f"shift#{step:03}", **item})
        for state in ("Wait for the minute", "Shift traffic", "Bake"):
            self.visit(state, at)
        return Shift(at, weight, at + 2)

    def _calls(self, minute: int, at: int, weight: float, counts: dict[str, dict[int, Minute]]) -> None:
        usual = 0.06 if 20 <= minute < 24 else 0.004
        worse = 0.04 if self.bad_from is not None and minute >= self.bad_from else 0.0
        canary = round(self.per_minute * weight)
        stable = self.per_minute - canary
        for version, slower in (("stable", 0), ("canary", 4)):
            for name, milliseconds in (("p50", 40), ("p95", 120), ("p99", 240)):
                self.seen[version][name][at] = milliseconds + slower + self._random.random() * milliseconds / 4
        rates = {"errors": (usual + worse, usual), **{name: (rate, rate) for name, (_, rate) in SLOW.items()}}
        for name, (new, old) in rates.items():
            counts[name][at] = Minute(canary, self._bad(canary, new), stable, self._bad(stable, old))

    def _bad(self, calls: int, rate: float) -> int:
        return sum(self._random.random() < rate for _ in range(calls))

    def _tick(self, now: int, step: int, counts: dict[str, dict[int, Minute]], shifts: list[Shift]) -> None:
        reading = Reading({name: dict(each) for name, each in counts.items()}, counted=frozenset(counts))
        verdict = Comparison(self._plan, self._plan.targets[0], reading, self._baseline, shifts, now).judge()
        self.failed = verdict.verdict.value == "fail"
        self.visit("Compare versions", now)
        self.visit("What next?", now)
        if not self.failed:
            self.visit("Bake", now, left=self.over)
        newest = {name: [[start := max(each), *each[start].counts]] for name, each in counts.items() if each}
        self.items.append({"sk": f"counts#{now}#000", "at": now, "rows": {self.target: newest}})
        said = {"weight": STEPS[step].weight, "verdict": verdict.verdict.value, "next": "bake"}
        self.event(now, "judged", verdict.summary(STEPS[step].weight), **said, verdicts=[verdict.document()])

    def _end(self) -> None:
        at = self.ended = self.items[-1]["at"] + 4
        summary = "checkout:live is 100 % on version 42 again" if self.failed else "checkout:live is on version 43"
        if self.failed:
            self.record["blame"] = {"error": "VersionFailed", "cause": "", "failed": [self.target]}
        outcome = "rolled-back" if self.failed else "released"
        self.record.update(ended=outcome, outcome=summary, ended_at=at)
        self.event(at, "rolled-back" if self.failed else "finished", summary)
        if not self.failed:
            self.way.pop()
        for state in ("Roll back", "Rolled back?", "Rolled back") if self.failed else ("Finish", "Released"):
            self.visit(state, at)


def released() -> Sample:
    """Give an hour that went well, with a minute's silence and a brown-out that hit both versions."""
    return deepcopy(_made())


def rolled_back() -> Sample:
    return deepcopy(_made(minutes=40, bad_from=16))


def running() -> Sample:
    return deepcopy(_made(minutes=25, over=False))


@cache
def _made(**settings: Any) -> Sample:
    """Judge each minute once; tests change what they are given."""
    return Sample(**settings)


def held_for_days() -> Report:
    """Give a release with 2000 ticks: those of its last minute, over and over."""
    shown = running().report()
    last = shown.ticks[-1]
    more = tuple(replace(last, at=last.at + n * MINUTE) for n in range(1, 2000))
    (metric, *_), (target,) = shown.targets[0].metrics, shown.targets
    minutes = {**metric.minutes, **{tick.at - 150: metric.minutes[last.at - 150] for tick in more}}
    targets = (replace(target, metrics=(replace(metric, minutes=minutes),)),)
    return replace(shown, made=more[-1].at, ticks=shown.ticks + more, targets=targets)
