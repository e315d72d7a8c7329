"""Reading the lines of the library for callers from their logs, in few calls."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tidegate.aws.clients import logs_client
from tidegate.aws.cloudwatch.log_counts import refusal
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.logger import logger
from tidegate.domain.analysis.user_lines import MetLine, UserLine, met_line, pattern, user_line
from tidegate.domain.foreign_text import undotted
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import MINUTE
from tidegate.domain.truncation import first_names

MOST_CALLS = 30
"""Calls of FilterLogEvents in one tick, for all log groups: half a call a second, of at least five that AWS allows."""

SECONDS = 30
"""All these calls take at most so long, and one call more: Compare versions ends after 90 seconds."""

PAUSE = 0.25
"""Seconds between two calls: an account may make five in a second (CloudWatch Logs quotas), also for others."""

AGAIN = 2 * MINUTE
"""Seconds that are read again at each tick: lines may come late. Lines that are known change nothing."""

BEHIND = 5 * MINUTE
"""Seconds by which a log may be read too late; beyond that it is no data."""

SHORTER = 4
"""By which the time that a call searches is shortened where a log is busy."""

LONG = (
    f"is read more than {BEHIND // MINUTE} minutes late: "
    f"a tick takes {MOST_CALLS} calls and {SECONDS} seconds for all logs"
)


@dataclass(frozen=True)
class CallerLogs:
    """The lines of all functions of a release, and `met`, those of versions; times are in seconds since 1970.

    All groups without a problem are read up to `whole_until`; the next tick continues where `go_on` says, by group.
    `problem` says which of them cannot be read, and why: what they would say is not known.
    """

    lines: Sequence[UserLine]
    go_on: Mapping[str, int]
    whole_until: int
    problem: str = ""
    met: Sequence[MetLine] = ()


@dataclass(frozen=True)
class _Reading:
    """What one log group said, in so many calls; it is read up to `until`."""

    lines: Sequence[UserLine]
    calls: int
    until: int
    problem: str = ""
    met: Mapping[str, MetLine] = field(default_factory=dict)
    """By the id of the event: one that is read again counts once."""


def read(groups: Sequence[str], release: str, before: Mapping[str, int], first: int, now: int) -> CallerLogs:
    """Read on, from `first` or where the earlier tick ended; groups that are furthest behind first.

    A log that takes more calls or more time than are left is read on by the next tick.
    """
    found: dict[str, _Reading] = {}
    left, deadline = MOST_CALLS, time.monotonic() + SECONDS
    for group in sorted(groups, key=lambda group: before.get(group, first)):
        found[group] = _read(group, release, max(first, before.get(group, first)), now, (left, deadline))
        left -= found[group].calls
    go_on = {name: each.until if each.until < now else max(first, now - AGAIN) for name, each in found.items()}
    problems = {name: each.problem for name, each in found.items() if each.problem}
    lines = [line for each in found.values() for line in each.lines]
    until = min((each.until for each in found.values() if not each.problem), default=first)
    met = [line for each in found.values() for line in each.met.values()]
    return CallerLogs(lines, go_on, until, _told(problems), met)


def obstacles(plan: ReleasePlan, now: int) -> list[str]:
    """Return which of the named logs cannot be read: such a release would have no data, and be held at its first step.

    A caller that was never called has no log group yet.
    """
    named = plan.routing.log_groups if plan.routing else ()
    found = [(index, refusal(group, now)) for index, group in enumerate(named)]
    return [f"routing.log_groups[{index}]: {problem}" for index, problem in found if problem]


def _told(problems: Mapping[str, str]) -> str:
    reasons = sorted(set(problems.values()))
    names = {reason: first_names([group for group in problems if problems[group] == reason]) for reason in reasons}
    return "; ".join(f"the log of callers {names[reason]} {reason}" for reason in reasons)


def _read(group: str, release: str, since: int, now: int, limits: tuple[int, float]) -> _Reading:
    """Read from `since` to `now`, within a number of calls and a time of `time.monotonic()`.

    CloudWatch searches a busy log in pages that may be empty, and a token does not say how far it has come. So the time
    that is searched is shortened after an empty page: what is behind its end need not be searched again.
    """
    lines: list[UserLine] = []
    met: dict[str, MetLine] = {}
    (left, deadline), calls = limits, 0
    start = reached = since
    span, token = now - since, dict[str, str]()
    while start < now:
        if calls >= left or time.monotonic() > deadline:
            return _Reading(lines, calls, reached, LONG if reached < now - BEHIND else "", met)
        if calls:
            time.sleep(PAUSE)
        calls, end = calls + 1, min(now, start + span)
        wanted: dict[str, Any] = {"startTime": start * 1000, "endTime": end * 1000 - 1, **token}
        try:
            page = logs_client().filter_log_events(logGroupName=group, filterPattern=pattern(release), **wanted)
        except FAILED_CALL as error:
            logger.warning("the log group %s could not be read: %s", group, error)
            return _Reading(lines, calls, reached, f"cannot be read ({undotted(error)})", met)
        for event in page["events"]:
            reached = event["timestamp"] // 1000
            line = user_line(event["message"], reached, release)
            lines += [line] if line else []
            if found := met_line(event["message"], reached, release):
                met[event.get("eventId") or event["message"]] = found
        token = {"nextToken": page["nextToken"]} if page.get("nextToken") else {}
        if not token:
            start, reached, span = end, end, 2 * span
        elif not page["events"] and span > 1:
            start, span, token = reached, max(1, span // SHORTER), {}
    return _Reading(lines, calls, now, met=met)
