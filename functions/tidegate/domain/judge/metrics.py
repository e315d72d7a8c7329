"""Metrics and their judgements: errors, slow calls, throttles, and custom metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.judge.minutes import Minute
from tidegate.domain.judge.ratio import Ratio
from tidegate.domain.judge.shown import Shown
from tidegate.domain.schedule import MINUTE


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Metric:
    """Counts of bad calls of one kind, and how they are judged.

    Parameters
    ----------
    minutes
        Every whole minute since the alias first served the canary, by the minutes' starts (seconds since 1970).
        Recompute from the first at every tick, to include late data. Minutes that do not count, such
        as the first two of a canary for latency, are omitted.
    noun, unit
        Their words in a sentence: `0 of 812 calls failed`.
    weight
        Share, relative to the other metrics that gate.
    gates
        Otherwise it is only reported and never decides.
    waits
        Whether a pass waits until a regression of `mde` would have been detected in it. Throttles do not
        wait: they count the same calls as errors, and both versions share the limit that causes them.
    of_failures
        Whether stable may fail so heavily in it that a better canary need not wait; a quicker one does.
    min_effect, mde
        Differences of rates: a difference below the first never fails; a regression of the second must be detectable
        before the canary passes (`step_mde` gives it for a weight). For latency one point and `latency_mde`: a slow
        call causes less harm than a failed one.
    dispersion
        1 for independent bad calls, more for bursts.
    told_from
        The difference of rates from which it is told, though it does not fail the canary; None: `min_effect`.
    seconds
        Length of its minutes: a slot of a log is a minute of ten seconds.
    settled
        Whether no call of its newest minute can be running: its calls are counted when they end.
    forgiven
        So many bad calls of the canary do not count towards `min_effect`, from whatever minute on one looks: the slow
        first calls of a fresh sandbox are not slow code.

    Raises
    ------
    ValueError
        A setting is out of range.
    """

    name: str
    minutes: Mapping[int, Minute]
    noun: str = "failed"
    unit: str = "call"
    weight: float = 1.0
    gates: bool = True
    waits: bool = True
    of_failures: bool = True
    min_effect: float = 0.001
    mde: float = 0.02
    dispersion: float = 1.0
    told_from: float | None = None
    seconds: int = MINUTE
    settled: bool = False
    forgiven: int = 0

    @property
    def least_told(self) -> float:
        return self.min_effect if self.told_from is None else min(self.told_from, self.min_effect)

    def __post_init__(self) -> None:
        """Refuse values that would break the guarantee of alpha; NaN compares false, and is refused."""
        if not 0 < self.weight < float("inf"):
            raise ValueError(f"weight of {self.name} is above 0, not {self.weight!r}")
        if not 0 <= self.min_effect <= 1:
            raise ValueError(f"min_effect is a difference of rates from 0 to 1, not {self.min_effect!r}")
        if not 0 < self.mde <= 1:
            raise ValueError(f"mde is a difference of rates above 0, at most 1, not {self.mde!r}")


@dataclass(frozen=True, slots=True)
class Better:
    """The evidence that the canary is better (natural log, with the metric's share), and stable's excess (of rates)."""

    evidence: float
    excess: float


@dataclass(frozen=True, slots=True)
class MetricJudgement:
    """The judgement on the minutes of one metric alone.

    `log_e_value` is natural and the largest so far, from 0 (nothing) up; `excess` a difference of rates (0.02 is
    two points); `information` in the same unit as `log_e_value`, and `needed` how much of it a pass needs; `whole`
    has the totals of all minutes. A metric that gates with a share of the whole is judged at alpha x share: if it
    `fails` alone, the canary fails. If it is `worse`, the same evidence is there for a difference of `told_from`.
    `better`: stable fails so heavily that the canary was shown to be better. `shown` has the numbers for people: since
    it became worse if it fails, otherwise of all minutes.
    """

    metric: Metric
    share: float
    log_e_value: float
    excess: float
    information: float
    needed: float
    whole: Minute
    fails: bool
    shown: Shown
    worse: bool = False
    better: Better | None = None

    @property
    def lacks(self) -> bool:
        """Return whether a pass still waits for it: what was shown to be better is not worse."""
        return self.information < self.needed and self.better is None

    @property
    def only_told(self) -> bool:
        """Return whether it is worse, but by less than fails the canary, or does not decide."""
        return self.worse and not (self.fails and self.metric.gates)


@dataclass(frozen=True, slots=True)
class Combined:
    """The combined judgement of all metrics.

    `log_e_value` is natural, the largest so far of the average over the metrics that gate. `leading` is the metric with
    the most evidence, with its `excess` (a difference of rates), its start `since` (start of a minute, seconds since
    1970; None: nothing is worse) and the 95 % interval of the `ratio` of its two rates. `metrics` are in the given
    order; `summary` is for people. `unconfirmed`: they fail only with the newest minute, whose calls may still be
    running, so the verdict is inconclusive until another minute tells.
    """

    verdict: Verdict
    log_e_value: float
    leading: str
    excess: float
    since: int | None
    ratio: Ratio | None
    metrics: tuple[MetricJudgement, ...]
    summary: str
    unconfirmed: bool = False

    def metric(self, name: str) -> MetricJudgement:
        return next(each for each in self.metrics if each.metric.name == name)

    @property
    def better(self) -> MetricJudgement | None:
        """Return the metric with the most evidence that the canary is better, if there is any; of equals, by name."""
        found = [(each.better.evidence, each.metric.name, each) for each in self.metrics if each.better]
        return max(found, key=lambda one: one[:2])[2] if found else None
