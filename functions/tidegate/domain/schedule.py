"""Durations and moments: minutes, ticks, text to seconds and back."""

import re
from datetime import UTC, datetime

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
"""Seconds."""

_FORM = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)


def minutes_of(text: str) -> int:
    """Read a duration as whole minutes, at least one.

    Raises
    ------
    ValueError
        It is not a duration, or not a whole number of minutes; the message says what to write instead.
    """
    parts = _FORM.fullmatch(text)
    if not parts or not text:
        raise ValueError(f'"{text[:40]}" is not a duration: write "5m", "1h" or "1h30m"')
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    whole, rest = divmod(hours * HOUR + minutes * MINUTE + seconds, MINUTE)
    if rest or not whole:
        nearest = duration_text(whole + 1)
        raise ValueError(f'"{text}" is not a whole number of minutes: write "{nearest}"')
    return whole


def duration_text(minutes: int) -> str:
    """Write minutes the way `minutes_of` reads them."""
    hours, rest = divmod(minutes, HOUR // MINUTE)
    if not hours:
        return f"{rest}m"
    return f"{hours}h{rest}m" if rest else f"{hours}h"


def readable_duration(seconds: float) -> str:
    """Write a length of time for people, with its two largest units: `45 s`, `4 min 05 s`, `1 h 02 min`, `2 d`."""
    rest = max(0, int(seconds))
    parts = []
    for unit, length in (("d", DAY), ("h", HOUR), ("min", MINUTE), ("s", 1)):
        value, rest = divmod(rest, length)
        parts.append((value, unit))
    while len(parts) > 1 and not parts[0][0]:
        del parts[0]
    (first, unit), *smaller = parts[:2]
    return f"{first} {unit}" + "".join(f" {value:02} {unit}" for value, unit in smaller if value)


LAG = 90
"""Seconds after the end of a minute until its metrics count as complete: a point appears when its invocation ends."""

LATEST = 253_402_300_799
"""The last second of the year 9999, after which no time can be written."""


def is_time(value: object) -> bool:
    """Return whether something is a time: a whole number of seconds since 1970 that can be formatted."""
    return isinstance(value, int) and 0 <= value <= LATEST


def parse_time(text: str) -> int:
    """Read a timestamp of Step Functions or EventBridge: ISO 8601, any number of fraction digits."""
    return int(datetime.fromisoformat(text).timestamp())


def format_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def minute_of(seconds: int) -> int:
    """Start of the minute that `seconds` lies in."""
    return seconds - seconds % MINUTE


def visible_until(now: int) -> int:
    """End of the last minute whose metrics can be read at `now`; exclusive, on a whole minute."""
    return minute_of(now - LAG)


def visible_at(end: int) -> int:
    """When everything before `end` can be read."""
    return end + LAG


def next_tick(now: int, first_shift: int, paused: int = 0, quick: int = DAY) -> int:
    """When to compare next: at second 30 of a minute, when LAG has made another minute visible.

    Not before the first minute with a canary is visible; then every minute, and after `quick` seconds every five,
    so that days of holding stay under the 25,000 history events of one execution (Step Functions quotas). The `paused`
    seconds of freezes do not count, see `next_look`.
    """
    wait = MINUTE if now - paused - first_shift < quick else 5 * MINUTE
    first_sight = minute_of(first_shift) + MINUTE + LAG
    return max(first_sight, minute_of(now + wait) + MINUTE // 2)


def next_look_back(now: int, since: int) -> int:
    """When to look back next, at minutes at 100 % from `since` on: every minute for an hour, then every five."""
    return visible_at(visible_until(now) + (MINUTE if now - since < HOUR else 5 * MINUTE))


def visible_minutes(now: int, shifted_at: int) -> int:
    """How many whole minutes at the weight set at `shifted_at` can be read at `now`."""
    return max(0, (visible_until(now) - minute_of(shifted_at)) // MINUTE)
