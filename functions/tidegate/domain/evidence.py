"""Counts per minute of both versions of one target, and what the judge says of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tidegate.domain.alias import percent
from tidegate.domain.judge import Judgement, Minute, Verdict, judge, step_mde
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import MINUTE, minute_of


@dataclass(frozen=True)
class Counts:
    """Invocations and failed ones of both versions in the minute that begins at `start`."""

    start: int
    canary_total: int = 0
    canary_bad: int = 0
    stable_total: int = 0
    stable_bad: int = 0

    def document(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Shift:
    """A change of weight (percent), under way from `at` to `until` (seconds since 1970)."""

    at: int
    weight: float
    until: int


@dataclass(frozen=True)
class TargetVerdict:
    """What one tick says of one target: the judge's numbers, and the verdict that counts.

    `problem` says why the metrics could not be read whole.
    """

    target: TargetPlan
    judgement: Judgement
    verdict: Verdict
    problem: str | None = None

    def summary(self, weight: float) -> str:
        """Say it as `10 % on 43: 0 of 812 failed, 42: 3 of 7310; pass`."""
        stable, canary = self.target.versions()
        j = self.judgement
        if self.problem:
            return f"{percent(weight / 100)} on {canary}: CloudWatch could not be read ({self.problem}); no data"
        return (
            f"{percent(weight / 100)} on {canary}: {j.canary_bad} of {j.canary_total} failed, "
            f"{stable}: {j.stable_bad} of {j.stable_total}; {self.verdict.value.replace('_', ' ')}"
        )

    def document(self) -> dict[str, Any]:
        return {
            "target": self.target.name,
            "verdict": self.verdict.value,
            "canary": [self.judgement.canary_bad, self.judgement.canary_total],
            "stable": [self.judgement.stable_bad, self.judgement.stable_total],
            "log_e_value": round(self.judgement.log_e_value, 4),
            "excess": round(self.judgement.excess, 6),
            "information": round(self.judgement.information, 4),
            "explanation": self.judgement.summary,
        }


def judge_target(
    plan: ReleasePlan,
    target: TargetPlan,
    counts: Sequence[Counts],
    shifts: Sequence[Shift],
    *,
    now: int,
    problem: str | None = None,
) -> TargetVerdict:
    """Judge one target of a release on its minutes since the first shift.

    The threshold is shared by the targets (alpha / N). A fail that rests on a minute younger than the
    function's time-out must also stand without it: calls of that minute may still be running. Metrics with
    a `problem` are no data, and neither is a step in which the canary has not completed a call.
    """
    minutes = [_minute(each, shifts) for each in counts]

    def judged(part: Sequence[Minute]) -> Judgement:
        return judge(
            part,
            alpha=plan.alpha / max(1, len(plan.shifting)),
            min_effect=plan.min_effect,
            mde=step_mde(shifts[-1].weight),
        )

    judgement = judged(minutes)
    verdict = judgement.verdict
    provisional = bool(counts) and now - (counts[-1].start + MINUTE) < target.timeout_seconds
    if problem:
        verdict = Verdict.NO_DATA
    elif verdict is Verdict.FAIL:
        if provisional and judged(minutes[:-1]).verdict is not Verdict.FAIL:
            verdict = Verdict.INCONCLUSIVE
    elif not any(each.canary_total for each in counts if each.start >= minute_of(shifts[-1].at)):
        verdict = Verdict.NO_DATA
    return TargetVerdict(target, judgement, verdict, problem)


def _minute(counts: Counts, shifts: Sequence[Shift]) -> Minute:
    end = counts.start + MINUTE
    changed = [shift.weight / 100 for shift in shifts if minute_of(shift.at) < end and shift.until >= counts.start]
    return Minute(
        counts.canary_total,
        counts.canary_bad,
        counts.stable_total,
        counts.stable_bad,
        weight=max(changed, default=None),
    )
