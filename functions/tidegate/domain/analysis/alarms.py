"""CloudWatch alarms that may roll a release back: a change to ALARM after its first shift counts, from any state."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.schedule import MINUTE, format_time

OK, ALARM, NO_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"

QUIET = 15 * MINUTE
"""How long an alarm must not have been red before a change counts.

An alarm that flaps, red before the release and again during it, says nothing of the new version: it would block the fix
of what makes it flap. An alarm that has not been in ALARM for so long reports something new. A time without data is not
a time in ALARM: an alarm on a metric that is written for failures alone is never OK.
"""


@dataclass(frozen=True)
class Change:
    """A change of an alarm's state; `at` is seconds since 1970."""

    alarm: str
    at: int
    before: str
    after: str


def turned_red(changes: Sequence[Change], first_shift: int) -> list[Change]:
    """Return each alarm's first relevant change, from its changes since QUIET before the first shift.

    A change to ALARM counts from OK and from INSUFFICIENT_DATA, the state of a quiet function's alarm. It also
    counts if the alarm is OK again: the verdict must not depend on the time of the check.
    """
    found: dict[str, Change] = {}
    for change in sorted(changes, key=lambda each: each.at):
        raised = change.after == ALARM != change.before
        if raised and change.at >= first_shift and change.alarm not in found:
            red = [each.at for each in changes if each.alarm == change.alarm and each.before == ALARM]
            if not any(change.at - QUIET < at <= change.at for at in red):
                found[change.alarm] = change
    return list(found.values())


def told(changes: Sequence[Change]) -> str:
    return "; ".join(
        f"alarm {each.alarm} went from {each.before} to ALARM at {format_time(each.at)}" for each in changes
    )
