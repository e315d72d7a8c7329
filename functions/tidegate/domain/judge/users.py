"""The evidence of users: which of those who fail are on the canary, if users are routed and not calls.

The calls of a user belong together, and the whole user moves: counts of calls would be no evidence. But the position of
a user is a hash with a salt that was unknown before, and has nothing to do with how the user behaves. If the version
makes no difference, each failing user is on the canary with a known chance, whatever the others do. So users are
counted, in the order of their first failure at a percentage; heavy users, bursts and brown-outs change nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from math import log, log1p

from tidegate.domain.amounts import odds
from tidegate.domain.judge.e_values import GAINS, LOG_THETAS, Growing
from tidegate.domain.judge.information import needed_information, planned_information
from tidegate.domain.judge.metrics import Verdict
from tidegate.domain.schedule import MINUTE

QUIET = 2
"""Minutes without a newly failing user after which evidence may be confirmed."""


@dataclass(frozen=True, slots=True)
class UserFailure:
    """A failed (or slow) call of a user at a time (seconds since 1970).

    `share` is the canary's share of the users, a fraction, by which the user's channel was decided. `stands_for` is the
    number of failing users of whom this one was kept, by a hash, so that there are not too many; it proves as one.
    """

    at: int
    user: str
    on_canary: bool
    share: float
    stands_for: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share is a fraction from 0 to 1, not {self.share!r}")


@dataclass(frozen=True, slots=True)
class UsersSeen:
    """How many users made calls while the canary had a share of them; an estimate will do.

    `on_canary` are those of them with a line of the canary; None: their share, because it was not counted. `told` is
    the part of them who would be known if they failed.
    """

    share: float
    users: float
    on_canary: float | None = None
    told: float = 1.0

    @property
    def canary(self) -> float:
        return self.users * self.share if self.on_canary is None else self.on_canary

    @property
    def split(self) -> float:
        """How many tell something by their channel: lines that are missing on the canary are no calls."""
        return self.told * min(self.users, self.canary / self.share) if self.share else 0.0


@dataclass(slots=True)
class FailingUsers:
    """Users who failed for the first time at a share, in the minute that begins at `start`.

    `chances` has for each the chance to be on the canary if the version makes no difference. They stand for about
    `failing` users.
    """

    start: int
    canary: int
    chances: list[float]
    failing: int = 0

    @property
    def stable(self) -> int:
        return len(self.chances) - self.canary

    def log_factors(self) -> list[float]:
        """Return the log of the likelihood ratios, "theta times as many fail" to "both alike", for each theta."""
        logs = [self.canary * log_theta for log_theta in LOG_THETAS]
        for chance, users in Counter(self.chances).items():  # a minute may have thousands with few different ones
            logs = [value - users * log1p(chance * gain) for value, gain in zip(logs, GAINS, strict=True)]
        return logs


def failing_users(failures: Iterable[UserFailure]) -> list[FailingUsers]:
    """Count each user once a share, by minute; a user who failed on the canary is not counted again.

    A user who failed on stable at a share was not among the first to be moved: the chance of the rest of the way is
    (share - earlier) / (1 - earlier).
    """
    minutes: dict[int, FailingUsers] = {}
    known: dict[str, float] = {}
    for each in sorted(failures, key=lambda failure: failure.at):
        before = known.get(each.user, 0.0)
        if each.share <= before:  # counted at this share already, or a caller that is behind
            continue
        start = each.at - each.at % MINUTE
        found = minutes.setdefault(start, FailingUsers(start, 0, []))
        found.canary += each.on_canary
        found.failing += each.stands_for
        found.chances.append((each.share - before) / (1 - before))
        known[each.user] = 1.0 if each.on_canary else each.share
    return list(minutes.values())


def users_log_e_values(minutes: Sequence[FailingUsers]) -> list[float]:
    """Return the natural log of the e-value after each of the minutes of `failing_users`.

    A regression may start in any of them. Which minutes have failing users is known before their channels are, so the
    prior may count these minutes only.
    """
    return [grown.log_e_value for grown in _grown(minutes)]


def _grown(minutes: Iterable[FailingUsers]) -> Iterator[Growing]:
    grown = Growing()
    for minute in minutes:
        grown = copy(grown)
        grown.count(comparable=True)
        grown.take(minute.log_factors())
        yield grown


def users_evidence(minutes: Sequence[FailingUsers], last: int) -> float:
    """Return the largest log e-value that was confirmed, from 0 up; `last` is the start of the last complete minute.

    Lines of the newest minutes may not all have arrived, and those of one channel may arrive first. So evidence is
    confirmed if it still holds in the next two minutes with failing users. Where everybody fails at once, there are
    none: after two minutes without any, it is confirmed if it holds although one more user had failed on stable.
    """
    complete = [minute for minute in minutes if minute.start <= last]
    states = [*_grown(complete)]
    values = [state.log_e_value for state in states]
    ends = [*(minute.start for minute in complete[1:]), last + MINUTE]
    quiet = [
        _after_one_on_stable(state, max(minute.chances))
        for state, minute, end in zip(states, complete, ends, strict=False)
        if end - minute.start > QUIET * MINUTE
    ]
    return max([0.0, *quiet, *map(min, values, values[1:], values[2:])])


def _after_one_on_stable(state: Growing, chance: float) -> float:
    state.count(comparable=True)
    state.take(FailingUsers(0, 0, [chance]).log_factors())
    return state.log_e_value


@dataclass(frozen=True, slots=True)
class UsersJudged:
    """The verdict on users, with what a report shows: the minutes of `failing_users`, and users by channel.

    `unconfirmed`: they fail unless the lines of the next minutes say otherwise, so the verdict is inconclusive.
    """

    verdict: Verdict
    log_e_value: float
    minutes: Sequence[FailingUsers]
    canary_seen: float
    stable_seen: float
    information: float
    needed: float
    summary: str
    unconfirmed: bool = False

    @property
    def canary_failing(self) -> int:
        return sum(minute.canary for minute in self.minutes)

    @property
    def stable_failing(self) -> int:
        return sum(minute.stable for minute in self.minutes)

    @property
    def failing(self) -> int:
        """About how many failed, on both channels, if not all of them are counted."""
        return sum(minute.failing for minute in self.minutes)


def judge_users(
    failures: Iterable[UserFailure],
    seen: Sequence[UsersSeen],
    *,
    last: int,
    alpha: float,
    excess: float,
    min_effect: float = 0.001,
    mde: float = 0.02,
) -> UsersJudged:
    """Judge a canary by its users, on all failures since the first one was moved.

    Parameters
    ----------
    failures
        Failed calls of users whom the percentage assigned. Others (`always`, `never`, overrides, a vendor's flag) have
        no known chance, and are left out. Repeated ones change nothing.
    seen
        Users with a call, at each share.
    last
        Start of the last complete minute (seconds since 1970); later minutes confirm nothing.
    alpha
        Probability of failing a canary that is as good as stable, over all checks.
    excess
        The difference of the rates of bad calls, from the calls of both aliases. The size of the effect is the larger
        one of this and the difference by users: a call that timed out in the client is no error of the function.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is a chance between 0 and 1, not {alpha!r}")
    minutes = failing_users(failures)
    evidence = users_evidence(minutes, last)
    newest, limit = users_log_e_values(minutes)[-1:], log(1 / alpha)
    failing = sum(minute.canary for minute in minutes), sum(minute.stable for minute in minutes)
    met, users = sum(each.canary for each in seen), sum(each.users for each in seen)
    # The numbers of users are estimates: those who failed were seen, too.
    canary, stable = max(met, failing[0]), max(users - met, failing[1])
    each_for = sum(minute.failing for minute in minutes) / max(1, sum(failing))
    base = failing[1] * each_for / stable if stable else 0.0
    known = planned_information([(each.share, each.split) for each in seen], base=min(base, 1 - mde), mde=mde)
    needed = needed_information(alpha)
    matters = max(excess, _excess(minutes, users)) >= min_effect
    unconfirmed = matters and evidence < limit and any(value >= limit for value in newest)
    if matters and evidence >= limit:
        verdict = Verdict.FAIL
    elif not canary:
        verdict = Verdict.NO_DATA
    else:
        verdict = Verdict.INCONCLUSIVE if known < needed or unconfirmed else Verdict.PASS
    judged = UsersJudged(verdict, evidence, minutes, canary, stable, known, needed, "", unconfirmed)
    return replace(judged, summary=_summary(judged, seen))


def _excess(minutes: Sequence[FailingUsers], seen: float) -> float:
    """Return by how much the canary's rate of failing users is above stable's, if so many were seen.

    By their chances: how many of the failing users would be on the canary if the version made no difference.
    """
    users, about = sum(len(minute.chances) for minute in minutes), sum(minute.failing for minute in minutes)
    expected, canary = sum(sum(minute.chances) for minute in minutes), sum(minute.canary for minute in minutes)
    if not 0 < expected < users:
        return 0.0
    return about / max(about, seen) * (canary / expected - (users - canary) / (users - expected))


def _summary(judged: UsersJudged, seen: Sequence[UsersSeen]) -> str:
    again = "; each user counts once at each percentage" if len(seen) > 1 else ""
    return (
        f"{judged.canary_failing} of about {judged.canary_seen:.0f} users failed on the canary, "
        f"{judged.stable_failing} of about {judged.stable_seen:.0f} on stable; "
        f"by chance at most {odds(judged.log_e_value)}; {judged.verdict.value}{again}"
    )
