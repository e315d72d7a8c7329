"""Data for the planner: the traffic of aliases in the last hour and last week, and their alarms."""

from collections.abc import Sequence
from dataclasses import replace

from tidegate.aws.cloudwatch import alarms, metric_data
from tidegate.aws.cloudwatch.baselines import Unreadable, counted
from tidegate.aws.cloudwatch.metric_data import CountSeries, MetricData, series_of
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.logger import logger
from tidegate.domain.analysis.measure import Measure
from tidegate.domain.foreign_text import undotted
from tidegate.domain.judge import Calls, dispersion
from tidegate.domain.metric import USUAL
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.planning.outlook import ExpectedTraffic, Outlook, outlook
from tidegate.domain.schedule import DAY, HOUR, MINUTE, WEEK, minute_of

LONGEST = 10 * HOUR // MINUTE
"""Most minutes of last week that are read singly; for a longer schedule, hours suffice."""

(ERRORS,) = USUAL


def look_ahead(plan: ReleasePlan, now: int) -> Outlook:
    """Describe what the release and its alarms can detect; this never fails a release.

    It takes three calls of CloudWatch for up to 250 targets, and for alarms one call plus one per alarm.
    """
    targets = [target for target in plan.targets if target.snapshot]
    if not targets:
        return Outlook()
    ahead = _outlook(targets, plan, now)
    try:
        found = alarms.guards(plan.alarms)
    except FAILED_CALL as error:
        logger.warning("the alarms could not be read: %s", error)
        return replace(ahead, guards=(f"not known, CloudWatch could not be read ({error})",))
    return replace(ahead, guards=tuple(guard.summary(now) for guard in found), alarms=tuple(found))


def _outlook(targets: Sequence[TargetPlan], plan: ReleasePlan, now: int) -> Outlook:
    try:
        return outlook(plan, _traffic(targets, plan, minute_of(now)), now)
    except (*FAILED_CALL, Unreadable) as error:
        logger.warning("the traffic of last week could not be read: %s", error)
        return Outlook(problem=undotted(error))


def _traffic(targets: Sequence[TargetPlan], plan: ReleasePlan, end: int) -> dict[str, ExpectedTraffic]:
    pairs = {each.name: series_of(Measure(ERRORS.name, ERRORS), each, None) for each in targets}
    minutes = sum(step.longest(plan.max_bake_minutes) for step in plan.strategy.steps) or 1
    then = end - WEEK
    hour = _read(pairs, end - HOUR, end, MINUTE)
    week = _read(pairs, then, then + minutes * MINUTE, MINUTE if minutes <= LONGEST else HOUR)
    earlier = _read(pairs, then - DAY, then, DAY)
    return {
        name: _of(counted(pair, hour), {**counted(pair, earlier), **counted(pair, week)})
        for name, pair in pairs.items()
    }


def _read(pairs: dict[str, CountSeries], start: int, end: int, period: int) -> MetricData:
    wanted = [series for pair in pairs.values() for series in (pair.total, pair.bad)]
    data = metric_data.read(wanted, start, end, period)
    problem = data.problem(wanted)
    if problem:
        raise Unreadable(problem)
    return data


def _of(hour: dict[int, Calls], week: dict[int, Calls]) -> ExpectedTraffic:
    total, bad = sum(each.total for each in hour.values()), sum(each.bad for each in hour.values())
    calls = {at: each.total for at, each in {**week, **hour}.items()}
    return ExpectedTraffic(calls, bad / total if total else 0.0, dispersion(hour))
