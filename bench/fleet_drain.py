"""Releases that drain in simulated worlds: no old version's end may be announced before its last call ended.

The worlds are worse than what is documented: asynchronous events and batches of streams stay on the version of their
first attempt, an alias takes up to a minute to move everywhere, and points appear up to 90 seconds after a call.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from statistics import median

from bench.figure import Figure
from tidegate.domain.alias import AliasState
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.rollout.drain import DrainCheck, Remains, check_drain, first_check
from tidegate.domain.schedule import DAY, HOUR, MINUTE, minute_of
from tidegate.domain.strategy import strategy_named

RELEASES = 200
SEED = 17
FLIP = 1_800_014_400
SINCE = FLIP + MINUTE
PROPAGATES = 60.0
LATE = 90.0
TIMEOUTS = (3, 30, 60, 90, 300, 900)
AGES = (60, 600, HOUR, 6 * HOUR)
COMMAND = "make bench-fleet"


@dataclass(frozen=True)
class Seen:
    """An attempt: when it began and ended, and when its point appears; a throttled one takes no time."""

    began: float
    ended: float
    visible: float


@dataclass
class Old:
    """The old version of one target, and every attempt on it."""

    target: TargetPlan
    attempts: list[Seen] = field(default_factory=list)
    repeats: bool = False
    longest_wait: int = 0

    @property
    def ended(self) -> float:
        return max((each.ended for each in self.attempts), default=float(FLIP))

    def remains(self, now: int) -> Remains:
        minutes = [minute_of(int(each.began)) for each in self.attempts if each.visible <= now]
        name = (self.target.name,) if minutes else ()
        return Remains(self.target, max(minutes, default=None), name, self.repeats, self.longest_wait)


def world(random: Random, number: int) -> Old:
    """Draw a function: its time-out, and which kinds of callers it has."""
    timeout = random.choice(TIMEOUTS)
    old = Old(TargetPlan(f"shop-{number}", "live", AliasState("1"), timeout, canary="2"))
    _callers(old, random)
    if random.random() < 0.5:
        _events(old, random)
    if random.random() < 0.5:
        _stream(old, random)
    return old


def _attempt(old: Old, random: Random, began: float, longest: float | None = None) -> float:
    """Run a call from `began` on, for up to the time-out; give its end."""
    limit = old.target.timeout_seconds if longest is None else min(longest, old.target.timeout_seconds)
    seconds = random.choice([limit, random.uniform(0, limit)])
    old.attempts.append(Seen(began, began + seconds, began + seconds + random.uniform(0, LATE)))
    return began + seconds


def _throttled(old: Old, random: Random, at: float) -> None:
    old.attempts.append(Seen(at, at, at + random.uniform(0, LATE)))


def _callers(old: Old, random: Random) -> None:
    """Add calls until the alias has moved everywhere: of a second, of a minute, and up to the time-out."""
    until = FLIP + random.uniform(0, PROPAGATES)
    at = FLIP - 1200.0
    rate = random.choice([0.01, 0.1, 1.0])
    while (at := at + random.expovariate(rate)) < until:
        _attempt(old, random, at, random.choice([1.0, 60.0, None]))


def _events(old: Old, random: Random) -> None:
    """Add events that Lambda accepted until then; some fail and are retried, some wait or are throttled for hours."""
    old.repeats, old.longest_wait = True, random.choice(AGES)
    until = FLIP + random.uniform(0, PROPAGATES)
    for _ in range(random.randrange(1, 40)):
        accepted = random.uniform(FLIP - old.longest_wait, until)
        expires = accepted + old.longest_wait
        at = accepted + random.choice([0.0, random.uniform(0, old.longest_wait)])
        wait = 1.0
        while random.random() < 0.6 and at < expires:
            _throttled(old, random, at)
            at, wait = at + wait, min(2 * wait, 300.0)
        for pause in (60.0, 120.0, 0.0):
            if at > expires:
                break
            at = _attempt(old, random, at) + pause
            if random.random() < 0.5:
                break


def _stream(old: Old, random: Random) -> None:
    """Add a shard whose batch fails for a while, and is repeated on the old version."""
    old.repeats = True
    at = FLIP + random.uniform(-300, PROPAGATES)
    for _ in range(random.randrange(1, 30)):
        if random.random() < 0.2:
            _throttled(old, random, at)
            at += random.uniform(0, 300)
        else:
            at = _attempt(old, random, at) + random.choice([0.0, random.uniform(0, 120)])


def drained(plan: ReleasePlan, olds: list[Old]) -> tuple[DrainCheck, int, int]:
    """Check as the state machine would; give the last check, its time, and how many there were."""
    now, checks = first_check(plan, SINCE), 1
    while True:
        found = check_drain(plan, [old.remains(now) for old in olds], SINCE, now)
        if found.check is None:
            return found, now, checks
        assert found.check > now
        now, checks = found.check, checks + 1


def quiet_only(old: Old) -> int:
    """Return when a rule would announce the end that only waits for the time-out and two minutes without a call."""
    quiet = -(-old.target.timeout_seconds // MINUTE) * MINUTE + 2 * MINUTE
    now = SINCE
    while (last := old.remains(now).last) is not None and now - last < quiet:
        now += MINUTE
    return max(now, SINCE + quiet)


def measure(releases: int = RELEASES, seed: int = SEED) -> Iterator[Figure]:
    random = Random(seed)  # noqa: S311 - worlds, not secrets
    early, naive, over, delays, checks = 0, 0, 0, list[float](), list[int]()
    for _ in range(releases):
        olds = [world(random, number) for number in range(random.randrange(1, 5))]
        plan = _plan([old.target for old in olds])
        found, at, count = drained(plan, olds)
        ended = max(old.ended for old in olds)
        early += found.drained and at < ended
        naive += max(quiet_only(old) for old in olds) < ended
        over += not found.drained
        checks.append(count)
        delays += [(at - ended) / MINUTE] if found.drained else []
    yield Figure(
        f"drain announced before the last old invocation ended, in {releases} simulated releases",
        early,
        "releases",
        0,
        f"calls up to the time-out, retries, a stream; a rule that only waits for quiet minutes: {naive}; "
        f"median {median(delays):.0f} min after that end, at most "
        f"{max(delays):.0f}; {over} releases reached their limit of {plan.drain_minutes // 60} h",
        command=COMMAND,
    )
    yield Figure(
        "checks of one drain, at most", max(checks), "checks", 60, f"median {median(checks):g}", command=COMMAND
    )


def _plan(targets: list[TargetPlan]) -> ReleasePlan:
    return ReleasePlan(
        targets=tuple(targets),
        strategy=strategy_named("guarded"),
        alpha=0.05,
        min_effect=0.001,
        max_bake_minutes=15,
        on_inconclusive="hold",
        max_hold_minutes=60,
        deadline=FLIP + DAY,
        expires=FLIP + DAY,
        drain_minutes=DAY // MINUTE,
    )
