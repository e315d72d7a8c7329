"""The drain: whether the old versions still run after the promotion, and when their end is proven.

Lambda counts a call in the minute in which it began, after it has ended (Lambda guide, "Types of metrics"). So the
minutes up to a time-out ago are not known yet. Whether an asynchronous event or a batch of a stream is repeated on the
version of its first attempt is not documented, so the drain assumes that. Then three things bound what cannot be seen:
a call takes at most the time-out; an attempt that failed or was throttled is itself seen, and the next one
follows within `RETRIED`, or within `REPEATED` for throttled events and batches; and an event that waits in Lambda's
queue is discarded at its maximum age.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import MINUTE, format_time, readable_duration, visible_at
from tidegate.domain.truncation import NAMED, first_sentences

RETRIED = 2 * MINUTE
"""The longest wait before a failed asynchronous call is repeated (Lambda guide, "How Lambda handles errors")."""

REPEATED = 5 * MINUTE
"""The longest wait before a throttled event is tried again (same page); assumed for the batches of a stream, too."""

SLOWER = 8
"""While an old version lives on, the waits between two checks are this part of the time so far."""


@dataclass(frozen=True)
class Remains:
    """What was found of a target's old version; moments in seconds since 1970.

    `last` is the start of the last minute in which it was called or throttled, `through` the aliases or versions that
    were named by these calls. `repeats`: the function receives asynchronous events or batches of a stream.
    `longest_wait` is how long (seconds) such an event may wait for its first attempt. `kept` says, in words, what
    keeps the version in use without a call: an alias that routes to it, provisioned environments.
    """

    target: TargetPlan
    last: int | None = None
    through: tuple[str, ...] = ()
    repeats: bool = False
    longest_wait: int = 0
    kept: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        return str(self.target.stable)

    def proven_at(self, plan: ReleasePlan, since: int) -> int:
        """Return when the end of its last call is proven, if nothing else is seen until then.

        `since` is the first whole minute in which no new call was routed to it.
        """
        over = max(since, since + _whole_minutes(self.longest_wait), 0 if self.last is None else self.last + MINUTE)
        quiet = _quiet(plan, self.target) + (REPEATED if self.repeats else 0)
        return visible_at(over + quiet + _longest_call(self.target))

    def lives_on(self, since: int) -> bool:
        """Return whether it is more than calls from before the promotion."""
        return bool(self.kept) or (self.last is not None and self.last >= since)

    def still(self, plan: ReleasePlan, since: int, now: int) -> str:
        """Say why its end is not proven; empty if it is."""
        if self.kept:
            return f"{self._named}: {', '.join(self.kept)}"
        proven = self.proven_at(plan, since)
        if now >= proven:
            return ""
        if self.last is not None and self.last >= since:
            return f"{self._named} was called at {format_time(self.last)}, through {', '.join(self.through)}"
        if self.longest_wait:
            until = format_time(since + self.longest_wait)
            return f"{self._named}: asynchronous events from before the promotion may wait until {until}"
        return f"{self._named}: a call may still run; the end of all is proven at {format_time(proven)}"

    @property
    def ended(self) -> str:
        """Describe the last call of a version that has ended."""
        if self.last is None:
            return f"{self._named} was not called since the promotion"
        return f"{self._named} was last called at {format_time(self.last)}"

    @property
    def _named(self) -> str:
        return f"version {self.version} of {self.target.name}"

    def document(self, still: str) -> dict[str, Any]:
        return {"target": self.target.name, "version": self.version, "last": self.last, "still": still}


def _quiet(plan: ReleasePlan, target: TargetPlan) -> int:
    """Return the seconds without a call that end a drain: less than a call and its retry would prove nothing."""
    return max(plan.quiet_minutes * MINUTE, _longest_call(target) + RETRIED)


def _longest_call(target: TargetPlan) -> int:
    return _whole_minutes(target.timeout_seconds)


def _whole_minutes(seconds: int) -> int:
    return -(-seconds // MINUTE) * MINUTE


def first_check(plan: ReleasePlan, since: int) -> int:
    """Return the earliest time at which the drain can be proven."""
    return max(Remains(target).proven_at(plan, since) for target in plan.shifting)


@dataclass(frozen=True)
class DrainCheck:
    """A check of the drain; `check` is when to check again, None if it is over."""

    drained: bool
    summary: str
    targets: Sequence[Mapping[str, Any]]
    check: int | None = None


def check_drain(plan: ReleasePlan, found: Sequence[Remains], since: int, now: int) -> DrainCheck:
    """Decide from what was found at `now` whether every old version has ended, and otherwise when to check again."""
    still = [each.still(plan, since, now) for each in found]
    targets = [each.document(why) for each, why in zip(found, still, strict=True)]
    running = first_sentences([why for why in still if why], NAMED)
    if not running:
        return DrainCheck(True, f"Drained: {first_sentences([each.ended for each in found], NAMED)}", targets)
    limit = since + plan.drain_minutes * MINUTE
    if now >= limit:
        return DrainCheck(False, f"Not drained after {readable_duration(now - since)}: {running}", targets)
    proven = max(each.proven_at(plan, since) for each in found)
    later = _later(since, now) if any(each.lives_on(since) for each in found) else 0
    return DrainCheck(False, f"Draining: {running}", targets, min(limit, max(proven, later)))


def unread(plan: ReleasePlan, why: str, since: int, now: int) -> DrainCheck:
    """Return the check at `now` at which AWS could not be read: `why`, as part of a sentence."""
    limit = since + plan.drain_minutes * MINUTE
    word = "Draining" if now < limit else "Not drained"
    told = f"{word}: the old versions could not be watched: {why}"
    return DrainCheck(False, told, [], min(limit, _later(since, now)) if now < limit else None)


def _later(since: int, now: int) -> int:
    """Return a later check: the intervals grow, so that all fit into the history of an execution."""
    return now + max(REPEATED, (now - since) // SLOWER)
