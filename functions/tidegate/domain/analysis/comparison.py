"""Judging one target of a release on both versions' counts since its first shift."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.by_users import UserEvidence, by_users
from tidegate.domain.analysis.looks import judge_log, log_metric
from tidegate.domain.analysis.measure import Measure, measures
from tidegate.domain.analysis.readings import Minutes, Reading, Shift, compared, warm_minutes, weights_in
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.analysis.waiting import waits_for
from tidegate.domain.judge import (
    Metric,
    Minute,
    SplitCheck,
    Verdict,
    check_traffic,
    compare_environment,
    judge_metrics,
    latency_mde,
    step_mde,
)
from tidegate.domain.metric import ERRORS, LOG
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import MINUTE, minute_of

CANNOT_COUNT_SLOW = "CloudWatch returned durations but no count of slow calls (TC); latency is only reported"


@dataclass(frozen=True)
class Comparison:
    """The data of one tick for one target; `now` in seconds since 1970.

    `reading` may have more minutes than those to compare, `shifts` also changes of weight of other waves. `users` are
    None if calls are routed, or the users are not known.
    """

    plan: ReleasePlan
    target: TargetPlan
    reading: Reading
    baseline: Baseline
    shifts: Sequence[Shift]
    now: int
    users: UserEvidence | None = None

    @cached_property
    def _split(self) -> tuple[Sequence[Shift], Reading]:
        """The target's changes of weight while its traffic was split, and the minutes of that time."""
        return compared(self.target.wave, self.shifts, self.reading)

    @property
    def measures(self) -> tuple[Measure, ...]:
        return measures(self.plan.metrics, self.baseline.thresholds)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The judged data, by minute; that of the logs by slot."""
        return (*(self._metric(each) for each in self.measures), *self._log)

    @property
    def _log(self) -> tuple[Metric, ...]:
        if not self.target.looks_at_logs or self.plan.routing:
            return ()
        shifts, reading = self._split
        return (log_metric(self.plan, reading.of(LOG), self.baseline, shifts),)

    @property
    def settled_before(self) -> int:
        """Start of the first minute whose calls may still be running, by the function's time-out."""
        return self.now - MINUTE - self.target.timeout_seconds

    @property
    def provisional_since(self) -> int:
        # Events that are tried again may come back to the version that failed them: one minute is no proof then.
        return 0 if self.baseline.retried else self.settled_before + 1

    def judge(self) -> TargetVerdict:
        """Judge the target: by its users if they are routed, otherwise by calls."""
        found = self._judge_calls()
        if not self.plan.routing:
            return found
        return by_users(found, self.users or UserEvidence(), self.plan, self._split[0][-1].weight)

    def _judge_calls(self) -> TargetVerdict:
        """Judge the target by its calls.

        The threshold is shared by the targets (alpha / N). A fail that includes a minute younger than the function's
        time-out must also hold without that minute: calls of it may still be running. Metrics with a
        `problem` count as no data, and so does a step in which the canary has not completed a call.
        """
        if self.reading.problem and not any(judge_log(metric, self.plan).fails for metric in self._log):
            return TargetVerdict(self.target, Verdict.NO_DATA, self.reading.problem)
        metrics = self.metrics
        if not any(metric.gates for metric in metrics if metric.name != LOG):
            return TargetVerdict(self.target, Verdict.NO_DATA, f"{CANNOT_COUNT_SLOW}, and no other metric gates")
        combined = judge_metrics(metrics, alpha=self.plan.target_alpha, provisional_since=self.provisional_since)
        traffic = self._check_traffic()
        verdict = Verdict.FAIL if traffic and traffic.fails else combined.verdict
        if verdict is not Verdict.FAIL and not combined.unconfirmed and not self._canary_answers():
            verdict = Verdict.NO_DATA
        world = compare_environment(self._errors, self.baseline.before, dispersion=self.baseline.dispersion(ERRORS))
        waiting = waits_for(combined, verdict, self._split[0][-1], self.now)
        return TargetVerdict(self.target, verdict, None, combined, traffic, world, tuple(self._warnings()), waiting)

    def _check_traffic(self) -> SplitCheck | None:
        """Check the canary's share of the calls; None if users are routed: some of them make more calls than others."""
        if self.plan.routing:
            return None
        return check_traffic(self._errors, self._standing, settled_before=self.settled_before)

    @property
    def _errors(self) -> Minutes:
        return self._split[1].of(ERRORS)

    def _canary_answers(self) -> bool:
        """Return whether the canary has completed a call in this step."""
        since = minute_of(self._split[0][-1].at)
        return any(minute.canary_total for start, minute in self._errors.items() if start >= since)

    def _warnings(self) -> Iterator[str]:
        """Name the metrics that should decide, and do not at this tick."""
        gating = [each for each in self.measures if each.metric.gates]
        if any(self._is_uncounted(each) for each in gating):
            yield f"{CANNOT_COUNT_SLOW}."
        if missing := [each.name for each in gating if each.name not in self.reading.counts]:
            yield f"CloudWatch did not return {' and '.join(missing)}, which does not decide at this tick."

    def _is_uncounted(self, measure: Measure) -> bool:
        """Return whether there are durations without a count of slow calls, which may be missing for zero, too."""
        if not measure.of_latency or self.baseline.counts_slow or measure.name in self.reading.counted:
            return False
        return any(minute.total for minute in self.reading.of(measure.name).values())

    def _metric(self, measure: Measure) -> Metric:
        shifts, reading = self._split
        weight, minutes = shifts[-1].weight, reading.of(measure.name)
        begins = minute_of(shifts[0].at) + measure.cold_minutes * MINUTE
        starts = warm_minutes(minutes) if measure.metric.only_gross else minutes
        return Metric(
            measure.name,
            {start: self._held(start, minutes[start]) for start in starts if start >= begins},
            noun=measure.noun,
            unit=measure.unit,
            weight=measure.weight or 1.0,
            gates=self._decides(measure),
            waits=measure.waits,
            of_failures=not measure.of_latency,
            min_effect=measure.metric.min_effect,
            mde=latency_mde(weight) if measure.of_latency else step_mde(weight, self.plan.mde),
            dispersion=self.baseline.dispersion(measure.name),
            told_from=measure.told_from,
            forgiven=measure.forgiven,
        )

    def _decides(self, measure: Measure) -> bool:
        """Return whether a measure decides: of routed users it is known whose calls fail, not whose are slow."""
        if self.plan.routing:
            return measure.name == ERRORS
        return measure.metric.gates and not self._is_uncounted(measure)

    @cached_property
    def _weights(self) -> Mapping[int, Sequence[float]]:
        """The canary's weights (fractions) in each minute; several if it changed."""
        shifts, reading = self._split
        starts = {start for minutes in reading.counts.values() for start in minutes}
        return {start: weights_in(start, shifts) for start in starts}

    @property
    def _standing(self) -> Mapping[int, float]:
        """The weight of each minute in which it did not change; a share of the users is none of the calls."""
        routed = bool(self.target.channel)
        return {start: weights[0] for start, weights in self._weights.items() if len(weights) == 1 and not routed}

    def _held(self, start: int, minute: Minute) -> Minute:
        """Compare a minute with the larger weight if the weight changed within it.

        The same applies to minutes whose calls may still be running: a slow canary's good calls are missing while its
        fast errors are present, so its share counts as at least its weight.
        """
        weights = self._weights[start]
        if len(weights) > 1 or start > self.settled_before:
            return replace(minute, weight=max(weights, default=None))
        return minute
