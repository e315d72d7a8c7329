"""Replay: the decisions on a past release with other settings, minute by minute."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.by_users import UserEvidence
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.fleet import judge_all
from tidegate.domain.analysis.log_calls import SLOT
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.analysis.users import Row, Users
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.metric import INIT_DURATION, LATENCY, LOG, PlannedMetric, metrics_of
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.request.analysis import Analysis
from tidegate.domain.rollout.next_move import Move, MoveKind, next_move
from tidegate.domain.schedule import DAY, MINUTE, minute_of, visible_at, visible_until
from tidegate.domain.waves import has_split, moving, position

KEPT = 15 * DAY
"""How long CloudWatch keeps points of a minute (CloudWatch user guide, "Metrics retention")."""

_SETTINGS = {
    "alpha": "alpha",
    "mde": "mde",
    "max_bake": "max_bake_minutes",
    "on_inconclusive": "on_inconclusive",
    "max_hold": "max_hold_minutes",
    "on_hold_expired": "on_hold_expired",
    "on_idle": "on_idle",
}
"""What a request calls them, and a plan."""


NO_USERS: Mapping[str, Sequence[Row]] = {}
Place = tuple[int | None, float]
"""A wave, None for all of them, and its weight (percent)."""


@dataclass(frozen=True)
class Replayed:
    """The decision at `at` (seconds since 1970), at the release's weight (percent), of a wave or of all."""

    at: int
    weight: float
    verdicts: tuple[TargetVerdict, ...]
    move: Move
    wave: int | None = None

    @property
    def place(self) -> Place:
        return self.wave, self.weight

    def document(self) -> dict[str, Any]:
        return {
            "weight": self.weight,
            "next": self.move.kind.value,
            "why": self.move.reason[1] if self.move.reason else self.move.held,
            "targets": [{"summary": each.summary(self.weight), **each.document()} for each in self.verdicts],
        }


def with_settings(plan: ReleasePlan, analysis: Analysis, given: Collection[str]) -> ReleasePlan:
    """Return the plan with the `given` settings of an analysis; other settings stay."""
    changes: dict[str, Any] = {field: getattr(analysis, field) for name, field in _SETTINGS.items() if name in given}
    if "metrics" in given:
        changes["metrics"] = metrics_of(analysis)
    elif "min_effect" in given:
        changes["metrics"] = tuple(_with_effect(metric, analysis.min_effect) for metric in plan.metrics)
    return replace(plan, **changes)


def _with_effect(metric: PlannedMetric, min_effect: float) -> PlannedMetric:
    return metric if metric.name in {LATENCY, INIT_DURATION} else replace(metric, min_effect=min_effect)


def replay(
    plan: ReleasePlan,
    readings: Mapping[str, Reading],
    baselines: Mapping[str, Baseline],
    shifts: Sequence[Shift],
    until: int,
    *,
    users: Mapping[str, Sequence[Row]] = NO_USERS,
) -> Iterator[Replayed]:
    """Judge each target again at the ticks of the first day, once a minute, on the minutes up to then.

    The weights are those of the release, because the effect of another decision is unknown. So the replay ends with
    the first roll back, or with the last tick before `until` (seconds since 1970). Alarms are not replayed. `users` are
    the rows that the release kept, by target name, if users were routed.
    """
    ticks = range(visible_at(minute_of(shifts[0].at) + MINUTE), until + 1, MINUTE)
    for now in ticks or [until]:  # the logs may have ended it before the first tick
        end = visible_until(now)
        past = [shift for shift in shifts if shift.at < now]
        comparisons = [
            Comparison(
                plan,
                target,
                _up_to(end, now, readings[target.name]),
                baselines.get(target.name, UNKNOWN),
                past,
                now,
                UserEvidence(Users(row for row in users.get(target.name, ()) if row[0] < now), now),
            )
            for target in moving(plan, position(plan, past))
            if has_split(target, past)
        ]
        verdicts = tuple(judge_all(plan, comparisons))
        move = next_move(plan, position(plan, past), past, verdicts, now=now)
        yield Replayed(now, past[-1].weight, verdicts, move, past[-1].wave)
        if move.kind is MoveKind.ROLL_BACK:
            return


def _up_to(end: int, now: int, reading: Reading) -> Reading:
    """Return the data that was visible then; it includes late points, because their time of arrival is unknown."""
    slots = {start: slot for start, slot in reading.of(LOG).items() if start + SLOT <= now}
    return replace(reading, counts={**reading.within(0, end).counts, LOG: slots})
