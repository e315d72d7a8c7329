"""The users of a target since its first shift, by the lines of the library: who failed, and a sample of who was seen.

Each counts once at a percentage, in the minute of its first line. So lines may be read again, in any order: the state
of a release only grows, and a tick that is repeated changes nothing. It is kept as rows, 8 bytes for each user.
"""

from base64 import b64decode, b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tidegate.domain.analysis.user_lines import SAMPLE, UserLine
from tidegate.domain.judge import UserFailure, UsersSeen, failing_users
from tidegate.domain.schedule import minute_of

MOST = 16_384
"""Most failing users of a target that are kept, and most of the seen; a user takes 11 bytes in the ledger. See
`level`."""

FEWEST = 4_096
"""The same if the targets are many: then all of them keep 400,000 at most."""

BYTES = 8
"""Of a pseudonym."""

ROUNDED = 0.005
"""Callers have percentages with two digits."""

Row = Sequence[Any]
"""Users with the same start of a minute, percentage, channel (1: canary), kind (1: failed) and levels; the users."""


class _Kind(NamedTuple):
    """What all users of a row have in common; `percent` is None if the chance is not known.

    A user is one of 2^`level` who could be kept, and of 2^`written` about whom the process of the caller wrote lines.
    """

    start: int
    percent: float | None
    on_canary: bool
    failed: bool
    level: int
    written: int


def room(targets: int, percentages: int) -> int:
    """Return how many users of each kind are kept at a percentage: a later step has as much room as an earlier one."""
    return max(FEWEST, MOST // max(1, targets)) // max(1, percentages)


def level(known: int, most: int = MOST) -> int:
    """Return the level from which on new users are kept, after `known` of at most `most` are.

    One in 2^level is kept, by the first digits of the pseudonym: none of them decides who is seen, nor where a salt
    puts a user. So it is the same for both channels. The more are kept, the fewer are added; never more than `most`.
    """
    return (most // (most - known)).bit_length() - 1 if known < most else 8 * BYTES


class Users:
    """The users of one target. `rows` are those that the ledger has; `most` bounds both kinds at each percentage."""

    def __init__(self, rows: Iterable[Row] = (), most: int = MOST) -> None:
        self._kinds: dict[tuple[str, float | None, bool], _Kind] = {}
        self._counts: Counter[tuple[float | None, bool]] = Counter()
        self._most = most
        for row in rows:
            kind, users = _unpacked(row)
            for user in users:
                self._keep(user, kind)

    def _keep(self, user: str, kind: _Kind) -> bool:
        """Keep a user, or an earlier minute of one that is kept; return whether that is new."""
        key = user, kind.percent, kind.failed
        known = self._kinds.get(key)
        if known and known.start <= kind.start:
            return False
        self._counts[kind.percent, kind.failed] += known is None
        self._kinds[key] = known._replace(start=kind.start) if known else kind
        return True

    def add(self, lines: Iterable[UserLine]) -> list[Row]:
        """Count lines; return what is new, packed for the ledger."""
        new: dict[_Kind, list[str]] = defaultdict(list)
        for line in sorted(lines, key=lambda line: (line.at, line.user)):
            known = self._kinds.get((line.user, line.percent, line.failed))
            above = max(line.level, level(self._counts[line.percent, line.failed], self._most))
            fresh = _Kind(minute_of(line.at), line.percent, line.on_canary, line.failed, above, line.level)
            kind = known._replace(start=fresh.start) if known else fresh
            if (known or _kept(line.user, above)) and self._keep(line.user, kind):
                new[kind].append(line.user)
        return [_packed(kind, users) for kind, users in sorted(new.items(), key=lambda pair: str(pair[0]))]

    def failures(self) -> list[UserFailure]:
        """Return the first failures whose chance is known, for the judge."""
        return [
            UserFailure(kind.start, user, kind.on_canary, kind.percent / 100, 2**kind.level)
            for user, kind in self._alike()
            if kind.failed and kind.percent is not None
        ]

    def _alike(self) -> Iterator[tuple[str, _Kind]]:
        """Yield the users who would be known on either channel, with the level at which.

        The process of a caller serves one version, and the busier one writes lines about fewer of its users. So from
        the minute on in which a process has reached a level at a percentage, only users of that level count.
        """
        reached: dict[float | None, int] = {}
        for (user, percent, _), kind in sorted(self._kinds.items(), key=_in_order):
            least = reached[percent] = max(reached.get(percent, 0), kind.written)
            if percent is None or _kept(user, least):
                yield user, kind._replace(level=max(kind.level, least))

    def by_minute(self) -> dict[int, tuple[int, int, int, int]]:
        """Return users by minute: on the canary about how many were first seen and failed first, then on stable.

        A failing user was seen, whether in the sample or not.
        """
        found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for each in failing_users(self.failures()):
            found[each.start][1] += each.canary
            found[each.start][3] += each.stable
        for (_, percent, on_canary), (start, size) in self._sampled().items():
            if percent is not None:
                found[start][0 if on_canary else 2] += size
        rows = ((start, found[start]) for start in sorted(found))
        return {start: (max(new, bad), bad, max(old, worse), worse) for start, (new, bad, old, worse) in rows}

    def seen(self) -> list[UsersSeen]:
        """Return about how many users made calls, by the canary's share, and how many of them on the canary."""
        shares: dict[float, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for (_, percent, on_canary), (_, size) in self._sampled().items():
            if percent is not None:
                shares[percent / 100][on_canary] += size
        thinned: dict[float, int] = defaultdict(lambda: 1)
        for each in self.failures():
            thinned[each.share] = max(thinned[each.share], each.stands_for)
        return [
            UsersSeen(share, sum(users), users[True], 1 / thinned[share]) for share, users in sorted(shares.items())
        ]

    def sample_at(self, percent: float) -> tuple[int, int]:
        """Return how many users of the sample have a line of the canary at a percentage, and how many one of either."""
        channels = [on_canary for _, each, on_canary in self._sampled() if _is(each, percent)]
        return sum(channels), len(channels)

    def _sampled(self) -> Mapping[tuple[str, float | None, bool], tuple[int, int]]:
        """Return when users of the sample were first seen, with failed calls or without, and for how many each stands.

        By user, percentage and channel.
        """
        found: dict[tuple[str, float | None, bool], tuple[int, int]] = {}
        for user, kind in self._alike():
            if int(user[-2:], 16) % SAMPLE == 0:
                key, size = (user, kind.percent, kind.on_canary), SAMPLE * 2**kind.level
                start, known = found.get(key, (kind.start, size))
                found[key] = min(start, kind.start), min(known, size)
        return found

    def met(self, percent: float) -> bool:
        """Return whether there is a line of a user whom this percentage sent to the canary."""
        return any(kind.on_canary and _is(kind.percent, percent) for kind in self._kinds.values())

    @property
    def unknown(self) -> int:
        """How many users failed whose chance is not known: they are no evidence."""
        return sum(failed and percent is None for _, percent, failed in self._kinds)


def _in_order(pair: tuple[tuple[str, float | None, bool], _Kind]) -> tuple[int, int]:
    """Sort by minute; within one, those first who were written at the highest level."""
    return pair[1].start, -pair[1].written


def _is(percent: float | None, other: float) -> bool:
    return percent is not None and abs(percent - other) < ROUNDED


def _kept(user: str, above: int) -> bool:
    return int(user, 16) >> (8 * BYTES - above) == 0


def _packed(kind: _Kind, users: Sequence[str]) -> Row:
    return [
        kind.start,
        kind.percent,
        int(kind.on_canary),
        int(kind.failed),
        kind.level,
        kind.written,
        b64encode(bytes.fromhex("".join(users))).decode(),
    ]


def _unpacked(row: Row) -> tuple[_Kind, Iterator[str]]:
    start, percent, on_canary, failed, above, written, users = row
    kind = _Kind(start, percent, bool(on_canary), bool(failed), above, written)
    raw = b64decode(users)
    return kind, (raw[place : place + BYTES].hex() for place in range(0, len(raw), BYTES))
