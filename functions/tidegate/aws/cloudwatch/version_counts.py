"""The input of a tick: both versions' counts, stable's baseline, and alarms."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tidegate.aws.cloudwatch import alarms, analysis_input
from tidegate.aws.cloudwatch.baselines import Unreadable
from tidegate.aws.cloudwatch.baselines import read as read_baselines
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import analysis_state
from tidegate.aws.ledger.analysis_state import Kept
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.analysis.alarms import Change
from tidegate.domain.analysis.baseline import UNKNOWN, Baseline
from tidegate.domain.analysis.measure import measures
from tidegate.domain.analysis.readings import Reading, Readings, complete_hours, joined, read_since
from tidegate.domain.foreign_text import undotted
from tidegate.domain.metric import LOG
from tidegate.domain.schedule import visible_until


@dataclass(frozen=True)
class Evidence:
    """By target name; `red` are the alarms that changed to ALARM since the first shift.

    `readings` have every minute since then, `fresh` only those just read from CloudWatch: they begin at
    `since` (seconds since 1970).
    """

    readings: Readings
    baselines: Mapping[str, Baseline]
    red: tuple[Change, ...] = ()
    fresh: Readings = field(default_factory=dict)
    since: int = 0

    @property
    def unreadable(self) -> bool:
        return any(reading.problem for reading in self.readings.values())


def gather(release: Release, kept: Kept, now: int) -> Evidence:
    """Read everything. Missing data is not evidence, and never a reason to continue.

    A change to ALARM counts even if the metrics cannot be read.
    """
    past = analysis_state.read(release)
    red: tuple[Change, ...] = ()
    try:
        red = tuple(alarms.red_since(release.plan.alarms, release.shifts[0].at, now))
        return _gather(release, kept, past, red, now)
    except (*FAILED_CALL, Unreadable) as error:
        logger.warning("CloudWatch could not be read: %s", error)
        names = [target.name for target in release.plan.shifting]
        unread = with_logs(release, {name: Reading(problem=undotted(error)) for name in names})
        return Evidence(unread, {name: kept.baselines.get(name, UNKNOWN) for name in names}, red)


def _gather(release: Release, kept: Kept, past: Mapping[int, Readings], red: tuple[Change, ...], now: int) -> Evidence:
    plan, first_shift = release.plan, release.shifts[0].at
    baselines = kept.baselines or read_once(release, now)
    since = read_since(first_shift, past)
    fresh = analysis_input.read(plan.shifting, plan.metrics, baselines, since, visible_until(now))
    fresh = with_logs(release, fresh, since)
    return Evidence(joined(past, since, fresh), baselines, red, fresh, since)


def with_logs(release: Release, readings: Readings, since: int = 0) -> dict[str, Reading]:
    """Add the slots that the looks at the logs read, from `since` on (seconds since 1970)."""
    watched = {target.name for target in release.plan.shifting if target.looks_at_logs}
    found = analysis_state.slots(release, since) if watched else {}
    return {
        name: replace(each, counts={**each.counts, LOG: found.get(name, {})}) if name in watched else each
        for name, each in readings.items()
    }


def read_once(release: Release, now: int) -> dict[str, Baseline]:
    """Read the baselines, and keep them: they no longer change."""
    found = read_baselines(release.plan.shifting, release.plan.metrics, release.shifts[0].at)
    analysis_state.keep_baselines(release, now, found)
    return found


def keep_complete_hours(release: Release, found: Evidence, now: int) -> None:
    """Keep data that need not be read again."""
    plan, baselines = release.plan, found.baselines
    expected = {name: measures(plan.metrics, baselines[name].thresholds) for name in found.fresh}
    analysis_state.keep(release, now, complete_hours(found.fresh, expected, found.since, visible_until(now)))
