"""Log lines, one JSON object each: warnings, outcomes of users' calls, and which versions answered.

From the outcomes Tidegate judges a release, from the versions its report says who met whom.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from functools import lru_cache
from typing import Any

LINES_A_MINUTE = 100
"""After so many lines in a minute, half as many users have one, by a hash: whoever has, has one on either channel."""
SAMPLE = 64
"""One user in so many has a line when seen: from those, the number of users is estimated."""
HEAVY, WINDOW, _REMEMBERED = 0.05, 1000, 10_000
"""A user with more than this share of so many calls is warned of: a percentage of such users says little."""


def warn(text: str) -> None:
    _warn(text, int(time.time()) // 60)


@lru_cache(maxsize=100)
def _warn(text: str, minute: int) -> None:  # noqa: ARG001 - the same warning is written once a minute
    write({"warning": text})


def write(fields: dict[str, Any]) -> None:
    with suppress(Exception):  # no log line is worth a failed call
        sys.stdout.write(json.dumps({"tidegate": fields}) + "\n")


class Outcomes:
    """Writes a line for each user's first failure at a percentage, and for a sample of the users that are seen."""

    def __init__(self) -> None:
        self._written: set[tuple[object, ...]] = set()
        self._lines: Counter[tuple[object, ...]] = Counter()
        self._calls: Counter[str] = Counter()

    def record(self, fields: dict[str, Any] | None, *, failed: bool) -> None:
        """Record a call; `fields` name release, function, channel, user (a pseudonym) and percent, if it counts."""
        if not fields:
            return
        self._watch(fields["user"])
        mark, user = (*fields.values(), failed), int(fields["user"], 16)
        # Of 2^level users, one has lines: that of a step grows with its lines in a minute.
        minute, step = int(time.time()) // 60, (fields["release"], fields["function"], fields["percent"])
        if (not failed and user % SAMPLE) or mark in self._written or user >> (64 - self._lines[step]):
            return
        if len(self._written) >= _REMEMBERED:
            self._written.clear()  # a line that is written again is counted once
        self._written.add(mark)
        self._lines[minute, step] += 1
        self._lines[step] += self._lines[minute, step] % LINES_A_MINUTE == 0
        write({**fields, "failed": failed, "level": self._lines[step]})

    def _watch(self, user: str) -> None:
        self._calls[user] += 1
        if sum(self._calls.values()) >= WINDOW:
            ((heaviest, calls),) = self._calls.most_common(1)
            if calls > HEAVY * WINDOW:
                warn(f"the user {heaviest} makes {calls} of {WINDOW} calls: choose a key that divides them further")
            self._calls.clear()


class Meetings:
    """Counts which versions of other functions answered this one, and writes a line about each function once a minute.

    The first call of a minute writes what was counted up to it. What a process has counted when it ends is lost: its
    calls of less than a minute.
    """

    def __init__(self) -> None:
        own = {"caller": "AWS_LAMBDA_FUNCTION_NAME", "version": "AWS_LAMBDA_FUNCTION_VERSION"}
        self._own = {name: os.environ.get(variable, "") for name, variable in own.items()}
        self._met: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._written: dict[tuple[str, str], int] = {}

    def record(self, release: str, function: str, answered: str) -> None:
        """Record a call, and the version that answered; one that belongs to no release, or of no Lambda, not."""
        if not (release and answered and all(self._own.values())):
            return
        call, minute = (release, function), int(time.time()) // 60
        self._met[call][answered] += 1
        if self._written.get(call) != minute:
            self._written[call] = minute
            write({"release": release, "function": function, **self._own, "met": self._met.pop(call)})
