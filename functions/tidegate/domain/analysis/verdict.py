"""The verdict of one tick on each target, as text and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.judge import Combined, Environment, MetricJudgement, Minute, SplitCheck, Verdict
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import TargetPlan
from tidegate.domain.truncation import first_sentences

SERIOUSNESS = (Verdict.FAIL, Verdict.NO_DATA, Verdict.INCONCLUSIVE, Verdict.PASS)
"""The worst first: it speaks for the release."""

NAMED = 3
"""Most targets whose verdicts a sentence tells."""


@dataclass(frozen=True)
class TargetVerdict:
    """The verdict of one tick on one target; `warnings` describe limits of the judgement.

    `waits_for` says what a verdict that is neither pass nor fail waits for.

    `combined` and the following fields are missing if the metrics had a `problem`.
    """

    target: TargetPlan
    verdict: Verdict
    problem: str | None = None
    combined: Combined | None = None
    traffic: SplitCheck | None = None
    environment: Environment | None = None
    warnings: tuple[str, ...] = ()
    waits_for: str = ""

    @property
    def troubled(self) -> str:
        """Report that both versions are much worse than before, if they are."""
        return self.environment.summary if self.environment and self.environment.worse else ""

    def summary(self, weight: float) -> str:
        """Format it as `10 % on 43: 0 of 812 failed, 42: 3 of 7310; pass`."""
        where = f"{weight:g} % on {self.target.canary}"
        if self.combined is None:
            return f"{where}: CloudWatch could not be read ({self.problem}); no data"
        parts = [f"{where}: {self._counts(self.combined)}", self._words, self.troubled]
        return "; ".join(filter(None, parts))

    @property
    def _words(self) -> str:
        """Return the verdict and what it waits for; the counts beside it are data, even without a call in this step."""
        if self.verdict is Verdict.NO_DATA and self.waits_for:
            return self.waits_for
        words = self.verdict.value.replace("_", " ")
        return f"{words}: {self.waits_for}" if self.waits_for else words

    def explanation(self) -> str:
        """Explain in a sentence: metric, rates, start, certainty."""
        if self.combined is None:
            return f"CloudWatch could not be read: {self.problem}."
        sentence = self.traffic.summary if self.traffic and self.traffic.fails else self.combined.summary
        return " ".join([sentence, *self.warnings])

    def _counts(self, combined: Combined) -> str:
        """Name the counts of the deciding metric; the errors if none decided."""
        shown = combined.leading if self.verdict is Verdict.FAIL and not self._hangs else ERRORS
        chosen = next(each for each in combined.metrics if each.metric.name == shown)
        whole = chosen.whole
        return (
            f"{whole.canary_bad} of {whole.canary_total} {chosen.metric.noun}, "
            f"{self.target.stable}: {whole.stable_bad} of {whole.stable_total}"
        )

    @property
    def _hangs(self) -> bool:
        return self.traffic is not None and self.traffic.fails

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "target": self.target.name,
            "verdict": self.verdict.value,
            "explanation": self.explanation(),
            "canary": [0, 0],
            "stable": [0, 0],
        }
        if self.combined:
            errors = next(each for each in self.combined.metrics if each.metric.name == ERRORS)
            found.update(_counts(errors.whole))
            found["log_e_value"] = round(self.combined.log_e_value, 4)
            found["since"] = self.combined.since
            found["metrics"] = [_numbers(each) for each in self.combined.metrics]
        return found


def _numbers(each: MetricJudgement) -> dict[str, Any]:
    return {
        "name": each.metric.name,
        "share": round(each.share, 4),
        **_counts(each.whole),
        "log_e_value": round(each.log_e_value, 4),
        "excess": round(each.excess, 6),
        "information": round(each.information, 4),
    }


def _counts(whole: Minute) -> dict[str, list[int]]:
    return {
        "canary": [whole.canary_bad, whole.canary_total],
        "stable": [whole.stable_bad, whole.stable_total],
    }


def worst_of(verdicts: Sequence[TargetVerdict]) -> TargetVerdict:
    """Return the worst verdict, which is the release's."""
    return min(verdicts, key=lambda each: SERIOUSNESS.index(each.verdict))


def summary_of(verdicts: Sequence[TargetVerdict], weight: float) -> str:
    """Describe the worst verdict; for several targets, also its target, and how many pass."""
    worst = worst_of(verdicts)
    if len(verdicts) == 1:
        return worst.summary(weight)
    passed = sum(each.verdict is Verdict.PASS for each in verdicts)
    return f"{worst.target.name}: {worst.summary(weight)} ({passed} of {len(verdicts)} pass)"


def blame(verdicts: Sequence[TargetVerdict], weight: float) -> str:
    """Name the failed targets and the reasons; empty if none failed."""
    failed = [each for each in verdicts if each.verdict is Verdict.FAIL]
    return first_sentences(
        [f"{each.target.name}: {each.summary(weight)}. {each.explanation()}" for each in failed], NAMED
    )


def not_passed(verdicts: Sequence[TargetVerdict], weight: float) -> str:
    """Name the targets that have not passed."""
    return first_sentences([each.summary(weight) for each in verdicts if each.verdict is not Verdict.PASS], NAMED)


def problems(verdicts: Sequence[TargetVerdict]) -> str:
    """Name the targets for which CloudWatch could not be read, and the reasons; empty if there are none."""
    return first_sentences([f"{each.target.name}: {each.problem}" for each in verdicts if each.problem], NAMED)


def troubles(verdicts: Sequence[TargetVerdict]) -> list[str]:
    """Name the targets for which both versions are much worse than before."""
    return [f"{each.target.name}: {each.troubled}" for each in verdicts if each.troubled][:NAMED]
