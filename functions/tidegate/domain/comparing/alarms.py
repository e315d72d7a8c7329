"""CloudWatch alarms that may turn a release back: only a change from OK to ALARM after its first shift counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.schedule import MINUTE, format_time

OK, ALARM = "OK", "ALARM"

QUIET = 15 * MINUTE
"""How long an alarm must not have been red before a change counts.

One that flaps, red before the release and again during it, says nothing of the new version: it would block the fix
of what makes it flap. One that has been quiet for so long says something new.
"""


@dataclass(frozen=True)
class Change:
    """A change of an alarm's state; `at` is seconds since 1970."""

    alarm: str
    at: int
    before: str
    after: str


def turned_red(changes: Sequence[Change], first_shift: int) -> list[Change]:
    """Give each alarm's first change that counts, from its changes since QUIET before the first shift.

    Also one that is OK again by now counts: a release that stays would be judged by how late one looked.
    """
    found: dict[str, Change] = {}
    for change in sorted(changes, key=lambda each: each.at):
        if (change.before, change.after) == (OK, ALARM) and change.at >= first_shift and change.alarm not in found:
            red = [each.at for each in changes if each.alarm == change.alarm and each.before == ALARM]
            if not any(change.at - QUIET < at <= change.at for at in red):
                found[change.alarm] = change
    return list(found.values())


def told(changes: Sequence[Change]) -> str:
    return "; ".join(f"alarm {each.alarm} went from OK to ALARM at {format_time(each.at)}" for each in changes)
