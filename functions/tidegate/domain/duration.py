"""Durations as people write them: "90s", "3m", "1h", "1h30m"."""

import re

_FORM = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)


def minutes_of(text: str) -> int:
    """Read a duration as whole minutes, at least one.

    Raises
    ------
    ValueError
        It is no duration, or not a whole number of minutes; says what to write instead.
    """
    parts = _FORM.fullmatch(text)
    if not parts or not text:
        raise ValueError(f'"{text[:40]}" is no duration: write "5m", "1h" or "1h30m"')
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    whole, rest = divmod(hours * 3600 + minutes * 60 + seconds, 60)
    if rest or not whole:
        nearest = duration_text(whole + 1)
        raise ValueError(f'"{text}" is not a whole number of minutes, which is how metrics come: write "{nearest}"')
    return whole


def duration_text(minutes: int) -> str:
    """Write minutes the way `minutes_of` reads them."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m"
    return f"{hours}h{rest}m" if rest else f"{hours}h"
