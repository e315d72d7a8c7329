"""Everything that a tick goes by: both versions' counts, what stable was like before, and alarms."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.aws import alarms, before, metrics
from tidegate.aws.before import Unreadable
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import looks
from tidegate.aws.ledger.looks import Kept
from tidegate.aws.ledger.records import Release
from tidegate.aws.log import logger
from tidegate.domain.alarms import Change, turned_red
from tidegate.domain.baseline import UNKNOWN, Baseline
from tidegate.domain.evidence import Reading
from tidegate.domain.schedule import minute_of, visible_until


@dataclass(frozen=True)
class Evidence:
    """By target name; `red` are the alarms that turned so since the first shift."""

    readings: Mapping[str, Reading]
    baselines: Mapping[str, Baseline]
    red: tuple[Change, ...] = ()

    @property
    def unreadable(self) -> bool:
        return any(reading.problem for reading in self.readings.values())


def gather(release: Release, kept: Kept, now: int) -> Evidence:
    """Read it all; what cannot be read is no evidence, and never a reason to go on."""
    try:
        return _gather(release, kept, now)
    except (*FAILED_CALL, Unreadable) as error:
        logger.warning("CloudWatch could not be read: %s", error)
        names = [target.name for target in release.plan.shifting]
        unread = Reading(problem=str(error))
        return Evidence(dict.fromkeys(names, unread), {name: kept.baselines.get(name, UNKNOWN) for name in names})


def _gather(release: Release, kept: Kept, now: int) -> Evidence:
    plan, first_shift = release.plan, release.shifts[0].at
    baselines = kept.baselines or _baselines(release, now)
    start, end = minute_of(first_shift), visible_until(now)
    readings = metrics.read(plan.shifting, plan.metrics, baselines, start, end)
    red = turned_red(alarms.changes(plan.alarms, first_shift), first_shift)
    return Evidence(readings, baselines, tuple(red))


def _baselines(release: Release, now: int) -> dict[str, Baseline]:
    """Read them once: they do not change any more."""
    found = before.read(release.plan.shifting, release.plan.metrics, release.shifts[0].at)
    looks.keep_baselines(release, now, found)
    return found
