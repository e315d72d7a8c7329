"""Follow regions: look at the release of each Region, start or stop what is due, and say when to look again."""

import time
from typing import Any

from tidegate.aws.ledger import decisions, records, region_items
from tidegate.aws.regions.following import Following, tick
from tidegate.domain.control.decision import aborted
from tidegate.domain.region_moves import StopReason
from tidegate.domain.schedule import format_time
from tidegate.steps.handling import StepEvent, step

ASKS_FOR = 60
"""Seconds in which Regions are asked: half of the function's time-out, since the last call may take long."""


class RegionsEvent(StepEvent):
    request: Any


@step(RegionsEvent)
def handler(event: RegionsEvent) -> dict[str, Any]:
    until = time.monotonic() + ASKS_FOR
    release = records.read_running(event.release)
    reason = _reason(release, event.now)
    # Before the look: an event that comes during it ends the next wait.
    wake = region_items.read_wake(event.release, release.plan.expires)
    following = Following(release, event.now, request=event.request, reason=reason, until=until)
    following.look()
    if following.goes_on:
        then = tick(release, event.now, wake.last)
        return {"next": "regions", "summary": following.told, "tick": then, "wakes": wake.number}
    return following.close()


def _reason(release: records.Release, now: int) -> StopReason | None:
    """Return why the release stops, if somebody aborted it or its time is up."""
    if abort := decisions.abort_in(decisions.read(release), now):
        return StopReason(*aborted(abort))
    if now >= release.plan.deadline:
        due = format_time(release.plan.deadline)
        return StopReason("DeadlinePassed", f"The release was not over by its deadline, {due}.")
    return None
