"""Look at logs: soon after a shift, read the logs of both versions until the next tick is due, or one fails by them.

It decides nothing: what it finds, Compare versions judges with everything else; if a version fails, at once.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.aws.cloudwatch import log_looks, version_counts
from tidegate.aws.cloudwatch.baselines import Unreadable
from tidegate.aws.cloudwatch.baselines import read as read_baselines
from tidegate.aws.cloudwatch.log_counts import TargetLogs
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import analysis_state, records
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.amounts import many
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.log_calls import SLOT, slot_of
from tidegate.domain.analysis.looks import (
    LATE,
    LATER,
    Looked,
    has_looks,
    judge_log,
    log_metric,
    look_every,
    looked_until,
)
from tidegate.domain.analysis.readings import shifts_of
from tidegate.domain.metric import ERRORS
from tidegate.domain.schedule import format_time, minute_of
from tidegate.steps.handling import Moment, StepEvent, step

LONGEST = 200
"""Seconds: the first tick after a shift comes after 150; in a time of holds, later ones come later."""

NAP = 1.0
"""Seconds of one sleep: the clock is asked again after each."""


class LookEvent(StepEvent):
    tick: Moment


@step(LookEvent)
def handler(event: LookEvent) -> dict[str, Any]:
    release = records.read_running(event.release)
    if not has_looks(release.plan, release.shifts, event.now):
        return {"summary": "no logs to look at", "tick": format_time(event.tick)}
    looks = Looks(release, log_looks.opened(release), _baselines(release))
    looks.go_on(analysis_state.slots(release, release.shifts[-1].at))
    known = looks.failing
    ends = min(event.tick, looked_until(release.shifts) + LATE, event.now + LONGEST)
    tick, number = event.tick, 0
    every = look_every(len(looks.logs))
    at = slot_of(event.now) + SLOT + LATE
    while at <= ends and looks.goes_on(at):
        _sleep_until(at)
        number += 1
        for each in looks.logs.values():
            each.look(int(time.time()))
        if looks.failing - known:
            tick = int(time.time())
            break
        at = max(at + every, slot_of(int(time.time()) - LATE) + SLOT + LATE)
    analysis_state.keep_slots(release, int(time.time()), {name: each.found for name, each in looks.logs.items()})
    return {"summary": looks.summary(number), "tick": format_time(tick)}


def _baselines(release: Release) -> Mapping[str, Baseline]:
    """Return those that were read, or read them: of several targets only those of errors, for they are large."""
    kept = analysis_state.kept(release).baselines
    errors = [metric for metric in release.plan.metrics if metric.name == ERRORS]
    try:
        if not kept and len(release.plan.shifting) == 1:
            return version_counts.read_once(release, int(time.time()))
        return kept or read_baselines(release.plan.shifting, errors, release.shifts[0].at)
    except (*FAILED_CALL, Unreadable) as error:
        logger.warning("without stable's baseline, the logs are not judged: %s", error)
        return {}


def _sleep_until(moment: float) -> None:
    while (left := moment - time.time()) > 0:
        time.sleep(min(left, NAP))


@dataclass
class Looks:
    """The logs of the targets by name, and what they say; without the baseline of a target, nothing."""

    release: Release
    logs: Mapping[str, TargetLogs]
    baselines: Mapping[str, Baseline]

    def go_on(self, found: Mapping[str, Mapping[int, Any]]) -> None:
        for name, each in self.logs.items():
            each.go_on(found.get(name, {}))

    def goes_on(self, now: int) -> bool:
        """Return whether another look may find something new, that the metrics do not show as well by then."""
        if all(each.off for each in self.logs.values()):
            return False
        shift = minute_of(self.release.shifts[-1].at)
        return now < shift + LATER + SLOT or not all(each.enough for each in self._judged().values())

    @property
    def failing(self) -> set[str]:
        return {name for name, each in self._judged().items() if each.fails}

    def _judged(self) -> dict[str, Looked]:
        plan = self.release.plan
        shifts = {target.name: shifts_of(target.wave, self.release.shifts) for target in plan.shifting}
        return {
            name: judge_log(log_metric(plan, each.found, self.baselines[name], shifts[name]), plan)
            for name, each in self.logs.items()
            if name in self.baselines
        }

    def summary(self, looks: int) -> str:
        said = [
            f"{name}: {each.off}" if each.off else f"{name}: {len(each.found)} slots"
            for name, each in self.logs.items()
        ]
        failing = f"; {', '.join(sorted(self.failing))} fails by the logs alone" if self.failing else ""
        return f"{many(looks, 'look')} at the logs; {'; '.join(said) or 'none to look at'}{failing}"
