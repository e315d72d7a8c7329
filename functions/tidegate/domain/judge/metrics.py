"""What is judged beside errors, and what is said of it: slow calls, throttles, and what a team counts itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.domain.judge.minutes import Minute
from tidegate.domain.judge.ratio import Ratio
from tidegate.domain.judge.rule import Judgement, Verdict


@dataclass(frozen=True, slots=True)
class Metric:
    """Counts of bad calls of one kind, and how they are judged.

    Parameters
    ----------
    minutes
        By the minutes' starts, in seconds since 1970. Minutes that do not count, such as the first two of a
        canary for latency, are simply not there.
    noun, unit
        How a sentence says it: `0 of 812 calls failed`.
    weight
        Part in the whole, relative to the other metrics that gate.
    gates
        Otherwise it is reported beside the others and never decides.
    waits
        Whether a pass waits until a regression of `mde` would have been seen in it. Throttles do not wait:
        they are counted over the very calls that errors are, and both versions share the limit that causes them.
    min_effect, mde, dispersion
        As in `judge`. For latency one point and `latency_mde`: a slow call does less harm than a failed one.
    """

    name: str
    minutes: Mapping[int, Minute]
    noun: str = "failed"
    unit: str = "call"
    weight: float = 1.0
    gates: bool = True
    waits: bool = True
    min_effect: float = 0.001
    mde: float = 0.02
    dispersion: float = 1.0


@dataclass(frozen=True, slots=True)
class MetricJudgement:
    """One metric by itself.

    A metric that gates with a share of the whole is judged at alpha x share: if it fails by itself, so does the
    whole. `needed` is the information that a pass asks of it, in the unit of `judgement.information`.
    """

    metric: Metric
    share: float
    needed: float
    judgement: Judgement

    @property
    def lacks(self) -> bool:
        """Whether a pass still waits for it."""
        return self.judgement.information < self.needed


@dataclass(frozen=True, slots=True)
class Combined:
    """What all metrics say together.

    `log_e_value` is natural, the largest so far of the average over the metrics that gate. `leading` is the
    metric that says most, with its `excess` (a difference of rates), `since` when (start of a minute, seconds since
    1970; None: nothing is worse) and the 95 % interval of the `ratio` of its two rates. `awaits_confirmation`:
    it fails, but on calls that may not be all there yet. `summary` is for people.
    """

    verdict: Verdict
    log_e_value: float
    leading: str
    excess: float
    since: int | None
    ratio: Ratio | None
    awaits_confirmation: bool
    metrics: tuple[MetricJudgement, ...]
    summary: str


def default_weights(kinds: Mapping[str, str]) -> dict[str, float]:
    """Give each metric, by name, its part: half for `errors`, a quarter for `latency`, a quarter for `other`.

    Those of one kind share its part: latency over p95 and over p99 are two tests with an eighth each.
    """
    of_kind = {"errors": 0.5, "latency": 0.25, "other": 0.25}
    counts = {kind: sum(each == kind for each in kinds.values()) for kind in of_kind}
    return {name: of_kind[kind] / counts[kind] for name, kind in kinds.items()}
