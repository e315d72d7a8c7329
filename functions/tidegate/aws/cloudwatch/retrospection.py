"""Reading and judging what the new versions are like now that they get every request."""

from tidegate.aws.cloudwatch import before
from tidegate.aws.cloudwatch.before import OneVersion
from tidegate.aws.ledger import analysis_state
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.after_promotion import HOUR, Retrospect, Window, look_back
from tidegate.domain.analysis.measure import measures
from tidegate.domain.schedule import MINUTE, minute_of, visible_until


def retrospect(release: Release, now: int, since: int) -> list[Retrospect]:
    """Look back at every target on the minutes from `since` on that can be read at `now`.

    Raises
    ------
    Unreadable
        When CloudWatch answered in part.
    """
    plan, targets = release.plan, release.plan.shifting
    began = minute_of(release.shifts[0].at) if release.shifts else since - MINUTE
    baselines = analysis_state.kept(release).baselines or before.read(targets, plan.metrics, began)
    wanted = {
        each.name: [m for m in measures(plan.metrics, baselines[each.name].thresholds) if m.metric.gates]
        for each in targets
    }
    then = Window(began - HOUR * MINUTE, HOUR)
    after = Window(since, max(0, min(plan.after_minutes, (visible_until(now) - since) // MINUTE)))
    was = before.calls([OneVersion(each, each.stable, wanted[each.name]) for each in targets], then.start, then.end)
    is_now = before.calls(
        [OneVersion(each, each.canary, wanted[each.name]) for each in targets], after.start, after.end
    )
    return [
        look_back(plan, each, wanted[each.name], baselines[each.name], before=(then, old), after=(after, new))
        for each, old, new in zip(targets, was, is_now, strict=True)
    ]
