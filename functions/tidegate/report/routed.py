"""The users of a target whose users are routed: seen and failing on both channels, and by minute who is new."""

from tidegate.domain.analysis.users import Users
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.metric import USERS
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.report import judged
from tidegate.report.counts import BothVersions, CallCounts, MetricCounts


def users(target: TargetPlan, plan: ReleasePlan, items: ReleaseItems) -> MetricCounts | None:
    """Return them as a metric that decides; its minutes have those who are new. None: calls are routed."""
    last = judged.last_verdict(target.name, items)
    said = last if last.get("metric") == USERS else {}
    by_minute = Users(items.users(target.function)).by_minute()
    if not said and not by_minute:
        return None
    minutes = {
        start: BothVersions(CallCounts(worse, old), CallCounts(bad, new))
        for start, (new, bad, old, worse) in by_minute.items()
    }
    return MetricCounts(
        USERS,
        "users failed, of about",
        minutes,
        BothVersions(CallCounts(*said["stable"]), CallCounts(*said["canary"])) if said else None,
        unit="user",
        log_e_value=said.get("log_e_value"),
        limit=plan.limit,
        verdict=last.get("verdict"),
    )
