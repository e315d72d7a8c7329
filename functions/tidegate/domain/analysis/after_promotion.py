"""The look back: the version at 100 % compared with stable's hour before the release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.measure import Measure
from tidegate.domain.analysis.verdict import counted
from tidegate.domain.judge import Calls, Promoted, judge_promoted
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import MINUTE

ByMinute = Mapping[int, Calls]


@dataclass(frozen=True)
class Window:
    """The minutes of the look back: `minutes` minutes from `start` on (seconds since 1970, on a whole minute)."""

    start: int
    minutes: int

    @property
    def end(self) -> int:
        return self.start + self.minutes * MINUTE

    def without_gaps(self, calls: ByMinute) -> list[Calls]:
        return [calls.get(minute, Calls(0)) for minute in range(self.start, self.end, MINUTE)]


@dataclass(frozen=True)
class Retrospect:
    """The result of one look back for one target: for each gating measure."""

    target: TargetPlan
    found: Mapping[str, Promoted]

    @property
    def alerts(self) -> bool:
        return any(each.alerts for each in self.found.values())

    @property
    def sentence(self) -> str:
        told = [each.summary for each in self.found.values() if each.alerts] or [
            each.summary for each in self.found.values()
        ]
        return f"{self.target.name}: {' '.join(told)}"

    def document(self) -> dict[str, Any]:
        measured = {
            name: {"alerts": each.alerts, "log_e_value": each.shown.evidence, **counted(each.shown)}
            for name, each in self.found.items()
        }
        return {"target": self.target.name, "alerts": self.alerts, "explanation": self.sentence, "metrics": measured}


def look_back(
    plan: ReleasePlan,
    target: TargetPlan,
    wanted: Sequence[Measure],
    baseline: Baseline,
    *,
    before: tuple[Window, Mapping[str, ByMinute]],
    after: tuple[Window, Mapping[str, ByMinute]],
) -> Retrospect:
    """Compare the minutes `after` the promotion with those `before` the release, measure by measure.

    The chance of a false alert is alpha in all: shared by the targets, and by their measures according to their
    weights.
    """
    return Retrospect(
        target,
        {
            each.name: judge_promoted(
                after[0].without_gaps(after[1].get(each.name, {})),
                before[0].without_gaps(before[1].get(each.name, {})),
                bake_minutes=plan.after_minutes,
                alpha=plan.target_alpha * each.weight,
                min_effect=each.metric.min_effect,
                dispersion=baseline.dispersion(each.name),
                name=each.name,
                noun=each.noun,
                unit=each.unit,
            )
            for each in wanted
        },
    )
