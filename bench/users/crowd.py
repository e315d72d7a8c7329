"""Users and their calls, drawn; and a release to some of them, judged by users and by calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.users.written import known
from tidegate.domain.judge import Calls, Minute, UserFailure, dispersion, failing_users, users_evidence
from tidegate.domain.judge.e_values import weigh

Times = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
MINUTE = 60
BEFORE = 60
"""Minutes of stable alone before each release."""

Steps = Sequence[tuple[float, float]]
"""Minutes from which on the canary has a share of the users, and that share (a fraction)."""


@dataclass(frozen=True)
class Traffic:
    """Calls in order of time: seconds from the first shift (below zero: before it), users by number, and outcomes."""

    at: Times
    user: Numbers
    failed: Flags

    def part(self, chosen: Flags) -> "Traffic":
        return Traffic(self.at[chosen], self.user[chosen], self.failed[chosen])


@dataclass(frozen=True)
class Release:
    """A release to the users whose place is below the share, and its evidence (natural logs) against the canary.

    The excess is left out, which only fails more. `written` by the functions: lines are bounded, process by process.
    """

    traffic: Traffic
    places: Times
    steps: Steps
    minutes: int
    written: bool = False

    def by_users(self) -> float:
        """Judge as the product; a user's later failures at a share change nothing, and are left out to save time."""
        during = self.traffic.part(self._during)
        share = share_at(during.at, self.steps)
        canary = self.places[during.user] < share
        failing = during.part(during.failed)
        canary, share = canary[during.failed], share[during.failed]
        _, first = np.unique(failing.user + 1j * share, return_index=True)
        rows = zip(failing.at[first], failing.user[first], canary[first], share[first], strict=True)
        if self.written:
            calls = [(float(at), int(user), bool(own), float(part)) for at, user, own, part in sorted(rows)]
            failures = known(calls, int(self.places[0] * 2**32))
        else:
            failures = [UserFailure(int(at), str(user), bool(own), float(part)) for at, user, own, part in rows]
        return users_evidence(failing_users(failures), (self.minutes - 1) * MINUTE)

    def by_calls(self) -> float:
        """Judge as a weighted alias is judged, with the dispersion of the hour before."""
        before, during = self.traffic.part(self._before), self.traffic.part(self._during)
        canary = self.places[during.user] < share_at(during.at, self.steps)
        earlier = (before.at // MINUTE).astype(int) + BEFORE
        then = zip(_count(earlier, BEFORE), _count(earlier[before.failed], BEFORE), strict=True)
        restless = dispersion({MINUTE * k: Calls(*each) for k, each in enumerate(then)})
        minute, failed = (during.at // MINUTE).astype(int), during.failed
        kinds: list[Flags] = [canary, canary & failed, ~canary, ~canary & failed]
        counts = [_count(minute[kind], self.minutes) for kind in kinds]
        return weigh([Minute(*each) for each in zip(*counts, strict=True)], restless).log_e_value

    @property
    def _during(self) -> Flags:
        return (self.traffic.at >= 0) & (self.traffic.at < self.minutes * MINUTE)

    @property
    def _before(self) -> Flags:
        return (self.traffic.at < 0) & (self.traffic.at >= -BEFORE * MINUTE)


def share_at(at: Times, steps: Steps) -> Times:
    """Return the canary's share of the users at each time; none before the first step."""
    starts, shares = np.array([(-np.inf, 0.0), *steps]).T
    found: Times = shares[np.searchsorted(starts * MINUTE, at, side="right") - 1]
    return found


def _count(minutes: Numbers, most: int) -> list[int]:
    found: list[int] = np.bincount(minutes, minlength=most)[:most].tolist()
    return found


SESSION = 8
"""Calls of a user that come within half a minute, on average."""


@dataclass(frozen=True)
class Crowd:
    """So many calls a minute, mostly of about twenty times as many users, and what they are like (a name in KINDS)."""

    calls: float
    kind: str

    def draw(self, random: np.random.Generator, minutes: int) -> Traffic:
        at, user, failed = KINDS[self.kind](self, random, minutes)
        order = np.argsort(at, kind="stable")
        return Traffic(at[order], user[order], failed[order])

    @property
    def users(self) -> int:
        return max(20, int(20 * self.calls))

    def times(self, random: np.random.Generator, minutes: int, calls: float) -> Times:
        count = random.poisson(calls * (minutes + BEFORE))
        return random.uniform(-BEFORE * MINUTE, minutes * MINUTE, count)

    def callers(self, random: np.random.Generator, count: int) -> Numbers:
        """Draw users by Zipf's law: a few make many of the calls."""
        weights = 1 / np.arange(1, self.users + 1)
        return random.choice(self.users, count, p=weights / weights.sum())


Drawn = tuple[Times, Numbers, Flags]
USUAL = 0.02
"""The part of the calls that fails anyway."""


def _zipf(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    at = crowd.times(random, minutes, crowd.calls)
    return at, crowd.callers(random, len(at)), random.random(len(at)) < USUAL


def _troubled(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    """Let every tenth user fail in half of the calls, and the others hardly ever."""
    at, user, _ = _zipf(crowd, random, minutes)
    rates = np.where(random.random(crowd.users) < 0.1, 0.5, 0.002)
    return at, user, random.random(len(at)) < rates[user]


def _bursts(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    """Let users come in sessions, of which some fail as a whole."""
    begins = crowd.times(random, minutes, crowd.calls / SESSION)
    length = random.geometric(1 / SESSION, len(begins))
    at = np.repeat(begins, length) + random.uniform(0, MINUTE / 2, length.sum())
    user = np.repeat(crowd.callers(random, len(begins)), length)
    return at, user, np.repeat(random.random(len(begins)) < 2 * USUAL, length)


def _brown_out(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    """Let most calls fail for five minutes, of both versions."""
    at, user, failed = _bursts(crowd, random, minutes)
    begins = random.uniform(0, max(1, minutes - 5)) * MINUTE
    during = (at >= begins) & (at < begins + 5 * MINUTE)
    return at, user, failed | (during & (random.random(len(at)) < 0.7))


def _late(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    """Let new users come all the time, each for a short while."""
    at, user, failed = _bursts(crowd, random, minutes)
    return at, (user % SESSION + np.floor((at + BEFORE * MINUTE) / MINUTE) * SESSION).astype(int), failed


def _once(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    """Let each user come once, with two calls."""
    begins = crowd.times(random, minutes, crowd.calls / 2)
    at = np.repeat(begins, 2) + random.uniform(0, MINUTE / 2, 2 * len(begins))
    return at, np.repeat(np.arange(len(begins)), 2), random.random(len(at)) < USUAL


def _fixed(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    """Let the same few users make a call each minute."""
    users, all_minutes = int(crowd.calls), np.arange(-BEFORE, minutes)
    at = np.repeat(all_minutes * MINUTE, users) + random.uniform(0, MINUTE, users * len(all_minutes))
    return at, np.tile(np.arange(users), len(all_minutes)), random.random(len(at)) < USUAL


def _heavy(crowd: Crowd, random: np.random.Generator, minutes: int) -> Drawn:
    """Let one user make a third of the calls, and fail for a quarter of an hour now and then."""
    at, user, failed = _zipf(crowd, random, minutes)
    user = np.where(random.random(len(at)) < 0.33, 0, user)
    troubled = random.random(minutes + BEFORE + 15) < 1 / 30
    troubled = np.convolve(troubled, np.ones(15))[: len(troubled)] > 0
    return at, user, failed | ((user == 0) & troubled[(at // MINUTE).astype(int) + BEFORE])


KINDS: dict[str, Callable[[Crowd, np.random.Generator, int], Drawn]] = {
    "Zipf users": _zipf,
    "troubled users": _troubled,
    "bursts": _bursts,
    "brown-out of both": _brown_out,
    "users who come late": _late,
    "users who come once": _once,
    "the same users each minute": _fixed,
    "one heavy user": _heavy,
}


def worsened(random: np.random.Generator, traffic: Traffic, canary: Flags, by: float) -> Traffic:
    """Let so many more of the canary's calls fail."""
    return replace(traffic, failed=traffic.failed | (canary & (random.random(len(traffic.at)) < by)))
