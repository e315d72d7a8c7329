"""The lines of the library for callers (`routing/tidegate_route/lines.py`): of users, and of versions that answered.

Users who failed have one, and a sample of those who were seen.

Only events that are one JSON object count, as the library writes them, in text logs and in JSON logs alike; or with the
same object as their `message`, as structured loggers write what they are given. A text inside a line never counts: a
function may log what its clients sent.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from tidegate.domain.foreign_text import parse_json

SAMPLE = 64
"""One user in so many has a line when seen; the library's own number."""

DIGITS = 64
"""Binary digits of a pseudonym."""

MOST_COUNTED = 10**9
"""No process makes so many calls in a minute; DynamoDB takes no number of more than 38 digits."""

_PSEUDONYM = re.compile(r"[0-9a-f]{16}")
_CHANNELS = {"canary": True, "stable": False}


@dataclass(frozen=True, slots=True)
class UserLine:
    """A call of a user, a pseudonym, at a time (seconds since 1970): `failed`, or seen.

    `percent` of the users were on the canary when the position of this one decided; None: the chance is not known. Of
    2^`level` users, the process wrote lines about one, by a hash.
    """

    at: int
    function: str
    user: str
    percent: float | None
    on_canary: bool
    failed: bool
    level: int = 0

    @property
    def sampled(self) -> bool:
        """Return whether the user is one of those who also have a line when seen."""
        return int(self.user[-2:], 16) % SAMPLE == 0


@dataclass(frozen=True, slots=True)
class MetLine:
    """What a process of a function saw for a minute: how often which version of another function, `callee`, answered.

    The process ran `version` of the function `caller`. `at` is when the line was written, in seconds since 1970.
    """

    at: int
    caller: str
    version: str
    callee: str
    met: Mapping[str, int]


def pattern(release: str) -> str:
    """Return the filter pattern of the lines of a release (CloudWatch Logs guide, "JSON filter patterns")."""
    return f'{{ ($.tidegate.release = "{release}") || ($.message.tidegate.release = "{release}") }}'


def user_line(text: str, at: int, release: str) -> UserLine | None:
    """Read an event of a log; `at` in seconds since 1970. None: it is no line of this release, or malformed."""
    fields = _fields(text, release)
    percent, level = fields.get("percent"), fields.get("level", 0)
    texts = [fields.get(name) for name in ("function", "user", "channel")]
    if not all(isinstance(each, str) for each in texts):
        return None
    function, user, channel = map(str, texts)
    if channel not in _CHANNELS or not _PSEUDONYM.fullmatch(user) or not isinstance(fields.get("failed"), bool):
        return None
    if (percent is not None and not _is_percent(percent)) or not _is_level(level):
        return None
    chance = None if percent is None else float(percent)
    return UserLine(at, function, user, chance, _CHANNELS[channel], fields["failed"], level)


def met_line(text: str, at: int, release: str) -> MetLine | None:
    """Read an event of a log as `user_line` does; versions that are malformed are left out."""
    fields = _fields(text, release)
    texts = [fields.get(name) for name in ("caller", "version", "function")]
    if not all(isinstance(each, str) for each in texts):
        return None
    counts = _mapping(fields.get("met")).items()
    met = {version: calls for version, calls in counts if type(calls) is int and 0 < calls < MOST_COUNTED}
    caller, version, callee = map(str, texts)
    return MetLine(at, caller, version, callee, met) if met else None


def _fields(text: str, release: str) -> Mapping[str, Any]:
    """Return what the library wrote of this release; nothing if the event is no line of it."""
    try:
        event = parse_json(text)
    except ValueError:
        return {}
    found = _mapping(event).get("tidegate") or _mapping(_mapping(event).get("message")).get("tidegate")
    fields = _mapping(found)
    return fields if fields.get("release") == release else {}


POSITIONS = 10_000
"""A position is a hundredth of a percent."""


def position(salt: str, user: str) -> int:
    """Return the place of a pseudonym, as the library computes it (docs/routing.md); routing/vectors.json has some."""
    return int.from_bytes(sha256(f"{salt}:{user}".encode()).digest()[:8], "big") * POSITIONS >> 64


def by_chance(
    lines: Iterable[UserLine], salt: str, percents: Collection[float], listed: Collection[str]
) -> Iterator[UserLine]:
    """Yield the lines without those of listed users, who were assigned by name.

    Others are evidence if their channel is the one of their position at a percentage that the release had. Otherwise
    something else decided, with a chance that is not known.
    """
    steps = {_hundredths(percent) for percent in percents}
    for line in lines:
        if line.user in listed:
            continue
        percent = None if line.percent is None else _hundredths(line.percent)
        placed = percent in steps and line.on_canary == (position(salt, line.user) < percent)
        yield line if placed else replace(line, percent=None)


def _hundredths(percent: float) -> int:
    return int(percent * POSITIONS / 100 + 0.5)


def _is_percent(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def _is_level(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= DIGITS


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
