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
    """A change of weight: `at` is when it began, seconds since 1970; `weight` in percent."""

    at: int
    weight: float


@dataclass(frozen=True)
class TargetVerdict:
    """What one tick says of one target: the judge's numbers, and the verdict that counts."""

    target: TargetPlan
    judgement: Judgement
    verdict: Verdict

    def summary(self, weight: float) -> str:
        """Say it as `10 % on 43: 0 of 812 failed, 42: 3 of 7310; pass`."""
        stable, canary = self.target.versions()
        j = self.judgement
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
    complete: bool = True,
) -> TargetVerdict:
    """Judge one target of a release on its minutes since the first shift.

    The threshold is shared by the targets (alpha / N). A fail that rests on a minute younger than the
    function's time-out must also stand without it: calls of that minute may still be running. Where the
    metrics could not be read whole (`complete` is False) nothing is taken for healthy.
    """
    minutes = [_minute(each, shifts) for each in counts]

    def verdict_on(part: Sequence[Minute]) -> Judgement:
        return judge(
            part,
            alpha=plan.alpha / max(1, len(plan.shifting)),
            min_effect=plan.min_effect,
            mde=step_mde(shifts[-1].weight),
        )

    judgement = verdict_on(minutes)
    verdict = judgement.verdict
    provisional = bool(counts) and now - (counts[-1].start + MINUTE) < target.timeout_seconds
    if verdict is Verdict.FAIL and provisional and verdict_on(minutes[:-1]).verdict is not Verdict.FAIL:
        verdict = Verdict.INCONCLUSIVE
    if not complete and verdict is not Verdict.FAIL:
        verdict = Verdict.NO_DATA
    return TargetVerdict(target, judgement, verdict)


def _minute(counts: Counts, shifts: Sequence[Shift]) -> Minute:
    changed = [shift.weight / 100 for shift in shifts if minute_of(shift.at) == counts.start]
    return Minute(
        counts.canary_total,
        counts.canary_bad,
        counts.stable_total,
        counts.stable_bad,
        weight=max(changed, default=None),
    )
