"""The counts that every view of a verdict shows, their window, and the numbers that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.judge.minutes import Minute, totals
from tidegate.domain.schedule import minute_of

_NOTICEABLE, _PART = 0.01, 0.25
"""A difference of rates, and a part of one, above which the totals give a wrong impression."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One metric's calls and bad calls in one window, and its evidence beside its limit.

    All views of a release are written from these numbers: the tick's line, its sentence, the cause, events, and the
    report. The judge decides with others (`MetricJudgement.excess`, the largest over all windows).

    Parameters
    ----------
    counts
        Totals of both versions in the window.
    since
        Start of the window (seconds since 1970); None if the metric has no minute yet.
    partial
        Whether the release has minutes before the window: then a view names its start.
    within
        Mean difference of the rates within the same minutes of the window, None if the versions never ran in the same
        minute. It differs from `difference` if weights or rates changed from minute to minute.
        It is rounded as the ledger keeps it, like `evidence`.
    evidence, limit
        Natural logarithms. `evidence` is this metric's part of the evidence of all
        metrics, so that all have the same `limit`. A metric that does not gate has its own evidence and no limit.
    """

    counts: Minute
    since: int | None
    partial: bool
    within: float | None
    evidence: float
    limit: float | None

    @property
    def difference(self) -> float | None:
        """The canary's rate minus stable's, from the counts; None if a version had no call."""
        return difference(self.counts)

    @property
    def adjusted(self) -> float | None:
        """Return `within` if the counts alone would give a wrong impression; otherwise None."""
        return adjusted(self.difference, self.within)

    @property
    def named_since(self) -> int | None:
        """Return the start of the window if a view must name it; otherwise the window is the whole release."""
        return self.since if self.partial else None


def difference(counts: Minute) -> float | None:
    if not counts.comparable:
        return None
    return counts.canary_bad / counts.canary_total - counts.stable_bad / counts.stable_total


def adjusted(plain: float | None, within: float | None) -> float | None:
    """Return the difference within the minutes if the plain one is noticeably wrong, otherwise None."""
    if plain is None or within is None or abs(within - plain) <= max(_NOTICEABLE, _PART * abs(plain)):
        return None
    return within


def shown(
    starts: Sequence[int],
    minutes: Sequence[Minute],
    place: int = 0,
    *,
    first: int | None = None,
    evidence: float,
    limit: float | None,
) -> Shown:
    """Describe the window of these minutes that begins at a place; `starts` are theirs.

    `first` is the start of the release's first minute (seconds since 1970). The first slot of a log may begin later
    within it: there is nothing before.
    """
    since = starts[place] if starts else None
    begins = starts[0] if starts and first is not None and minute_of(starts[0]) == minute_of(first) else first
    partial = since is not None and begins is not None and since > begins
    window = minutes[place:]
    return Shown(totals(window), since, partial, _within(window), kept(max(0.0, evidence)), limit)


def kept(log_e_value: float) -> float:
    """Round evidence as the ledger keeps it: what is written from it is the same before and after."""
    return round(log_e_value, 8)


def _within(minutes: Sequence[Minute]) -> float | None:
    """Weigh each minute's difference by its size, n1 n0 / (n1 + n0), as the judge does."""
    excess = size = 0.0
    for minute in minutes:
        if minute.comparable:
            excess += (minute.canary_bad * minute.stable_total - minute.stable_bad * minute.canary_total) / minute.total
            size += minute.canary_total * minute.stable_total / minute.total
    return round(excess / size, 6) if size else None
