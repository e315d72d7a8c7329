"""Ending a release of several Regions whose execution will not: Recover continues what is due, once a minute."""

import math

from tidegate.aws import executions
from tidegate.aws.ledger import decisions, locks, records, region_items
from tidegate.aws.regions.following import Following
from tidegate.domain.control.decision import aborted
from tidegate.domain.errors import LockLost
from tidegate.domain.region_moves import EXECUTION_ENDED, StopReason

ENDED = StopReason(EXECUTION_ENDED, "Its execution ended before every Region was released.")


def end_regions(name: str, now: int, longest_step: int, until: float = math.inf) -> list[str]:
    """Stop the releases that are under way in Regions, roll back the others if the request says so, and record the end.

    Asks Regions only `until` that time of the monotonic clock. Ends nothing before `longest_step` seconds after the end
    of the execution: until then a step may still start something.
    """
    promoted = not records.begin_undo(name, now)
    release = records.read(name)
    if promoted or release.ended is not None:
        if release.ended is None:
            records.close(name, "released", "Every Region was released before its execution ended.", now)
        locks.free(region_items.lock_of(name), name)
        return [f"{name}: unlocked; it had ended"]
    abort = decisions.abort_in(decisions.read(release), now)
    reason = StopReason(*aborted(abort)) if abort else ENDED
    following = Following(release, now, request=None, reason=reason, until=until)
    try:
        following.look()
    except LockLost:  # another run of Recover is faster
        return []
    execution = executions.describe(release.execution)
    late = execution is None or execution.stopped is None or now - execution.stopped >= longest_step
    if following.goes_on or not late:
        return []
    following.close()
    return [f"{name}: {following.told}"]
