"""The verdict of one tick on each target, as text and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.amounts import since_clock
from tidegate.domain.judge import Combined, Environment, MetricJudgement, Shown, SplitCheck, UsersJudged, Verdict, kept
from tidegate.domain.judge.sentences import fewer, told
from tidegate.domain.metric import ERRORS, USERS
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

    `of_all` explains a fail of all targets as one, to which the target contributes without failing alone. `users` is
    there if users are routed: then they decide, and the errors of `combined` are only shown.

    `problem` says what evidence is missing, so that no strategy continues without a person. `combined` and the fields
    after it are missing if it is the metrics; users may fail a version nevertheless.
    """

    target: TargetPlan
    verdict: Verdict
    problem: str | None = None
    combined: Combined | None = None
    traffic: SplitCheck | None = None
    environment: Environment | None = None
    warnings: tuple[str, ...] = ()
    waits_for: str = ""
    of_all: str = ""
    users: UsersJudged | None = None

    @property
    def troubled(self) -> str:
        """Report that both versions are much worse than before, if they are."""
        return self.environment.summary if self.environment and self.environment.worse else ""

    def summary(self, weight: float) -> str:
        """Format it as `10 % on 43: 0 of 812 failed, 42: 3 of 7310; pass`; without counts if nothing was called yet."""
        where = f"{weight:g} % on {self.target.canary}"
        unread = "" if self.combined else f"CloudWatch could not be read ({self.problem})"
        if self.users:
            told = self._both(self.users)
        elif self.deciding:
            told = self._short(self.deciding)
        else:
            return f"{where}: {unread}; no data"
        parts = [told, self._words, self._better(), *self.amber, self.troubled, unread]
        return f"{where}: {'; '.join(filter(None, parts))}"

    @property
    def _words(self) -> str:
        """Return the verdict and what it waits for; the counts beside it are data, even without a call in this step."""
        if self.verdict is Verdict.NO_DATA and self.waits_for:
            return self.waits_for
        words = "fail with the other targets" if self.of_all else self.verdict.value.replace("_", " ")
        return f"{words}: {self.waits_for}" if self.waits_for else words

    @property
    def better(self) -> bool:
        """Return whether it passes, and was shown to be better than a stable version that fails heavily."""
        combined = None if self.users else self.combined
        return self.verdict is Verdict.PASS and combined is not None and combined.better is not None

    @property
    def unconfirmed(self) -> bool:
        """Return whether it fails, unless calls of the newest minute that may still be running say otherwise."""
        judged = self.users or self.combined
        return judged is not None and judged.unconfirmed and self.verdict is not Verdict.FAIL

    @property
    def log_e_value(self) -> float:
        """Return the evidence that decides (natural logarithm); 0 without any."""
        judged = self.users or self.combined
        return judged.log_e_value if judged else 0.0

    @property
    def amber(self) -> tuple[str, ...]:
        """Describe what is worse without failing the version."""
        return told(self.combined.metrics) if self.combined and self.verdict is not Verdict.FAIL else ()

    def _better(self) -> str:
        found = self.combined.better if self.combined else None
        return f"better: {fewer(found.shown)} {found.metric.noun}" if self.better and found else ""

    def explanation(self) -> str:
        """Explain in a sentence: metric, rates, start, certainty."""
        unread = f"CloudWatch could not be read: {self.problem}."
        if self.combined is None:
            return f"{self.users.summary}. {unread}" if self.users else unread
        if self.of_all:
            return self.of_all
        if self.users:
            return " ".join([f"{self.users.summary}.", f"By calls, which do not decide: {self.combined.summary}"])
        sentence = self.traffic.summary if self.traffic and self.traffic.fails else self.combined.summary
        return " ".join([sentence, *self.warnings])

    @property
    def deciding(self) -> MetricJudgement | None:
        """Return the metric whose numbers speak for the target: the failed one, otherwise errors."""
        if self.combined is None:
            return None
        leads = self.verdict is Verdict.FAIL and not (self._hangs or self.of_all or self.users)
        return self.combined.metric(self.combined.leading if leads else ERRORS)

    def _short(self, deciding: MetricJudgement) -> str:
        """Give the counts that decided, or the share of the calls if the canary hangs."""
        if self.traffic and self._hangs:
            return self.traffic.short
        if not deciding.metric.minutes:
            return ""
        shown, whole = deciding.shown, deciding.shown.counts
        since = "" if shown.named_since is None else f" {since_clock(shown.named_since)}"
        return (
            f"{whole.canary_bad} of {whole.canary_total} {deciding.metric.noun}{since}, "
            f"{self.target.stable}: {whole.stable_bad} of {whole.stable_total}"
        )

    def _both(self, users: UsersJudged) -> str:
        return (
            f"{users.canary_failing} of about {users.canary_seen:.0f} users failed, "
            f"{self.target.stable}: {users.stable_failing} of about {users.stable_seen:.0f}"
        )

    @property
    def _hangs(self) -> bool:
        return self.traffic is not None and self.traffic.fails

    def document(self) -> dict[str, Any]:
        """Return the verdict for the ledger and events; without a comparison it has no counts."""
        found: dict[str, Any] = {
            "target": self.target.name,
            "verdict": self.verdict.value,
            "explanation": self.explanation(),
        }
        if self.combined and self.deciding:
            found["metric"] = self.deciding.metric.name
            found.update(_counts(self.deciding))
            found["log_e_value"] = kept(self.log_e_value)
            if self.amber:
                found["amber"] = list(self.amber)
            found["metrics"] = [_numbers(each) for each in self.combined.metrics]
        if self.users:
            found.update(_of_users(self.users), log_e_value=kept(self.log_e_value))
        return found


def _of_users(users: UsersJudged) -> dict[str, Any]:
    """Return the users of both channels instead of calls: those who failed, of about how many."""
    return {
        "metric": USERS,
        "canary": [users.canary_failing, round(users.canary_seen)],
        "stable": [users.stable_failing, round(users.stable_seen)],
        "since": None,
        "within": None,
    }


def _counts(each: MetricJudgement) -> dict[str, Any]:
    return counted(each.shown) if each.metric.minutes else {}


def _numbers(each: MetricJudgement) -> dict[str, Any]:
    """Return one metric's numbers; a metric without a minute yet has no counts."""
    return {
        "name": each.metric.name,
        **_counts(each),
        "log_e_value": each.shown.evidence,
        "share": round(each.share, 4),
        "information": round(each.information, 4),
        **({"amber": True} if each.only_told else {}),
    }


def counted(shown: Shown) -> dict[str, Any]:
    """Return counts (bad, all), the start of their window if it is not the whole release, and `Shown.within`."""
    whole = shown.counts
    return {
        "canary": [whole.canary_bad, whole.canary_total],
        "stable": [whole.stable_bad, whole.stable_total],
        "since": shown.named_since,
        "within": shown.within,
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
    together = next((each.of_all for each in failed if each.of_all), "")
    failed = [each for each in failed if not each.of_all]
    if together and not failed:
        return together
    return first_sentences(
        [f"{each.target.name}: {each.summary(weight)}. {each.explanation()}" for each in failed], NAMED
    )


def not_passed(verdicts: Sequence[TargetVerdict], weight: float) -> str:
    """Name the targets that have not passed."""
    return first_sentences([each.summary(weight) for each in verdicts if each.verdict is not Verdict.PASS], NAMED)


def problems(verdicts: Sequence[TargetVerdict]) -> str:
    """Name the targets whose evidence is missing, and the reasons; empty if there are none."""
    missing = [each for each in verdicts if each.problem]
    if not missing:
        return ""
    what = "Evidence is missing" if any(each.combined for each in missing) else "CloudWatch could not be read"
    return f"{what}: {first_sentences([f'{each.target.name}: {each.problem}' for each in missing], NAMED)}"


def troubles(verdicts: Sequence[TargetVerdict]) -> list[str]:
    """Name the targets for which both versions are much worse than before."""
    return [f"{each.target.name}: {each.troubled}" for each in verdicts if each.troubled][:NAMED]
