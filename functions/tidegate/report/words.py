"""Numbers, times and outcomes as people read them."""

from datetime import UTC, datetime
from math import exp, floor, log

from tidegate.report.counts import CallCounts
from tidegate.report.model import (
    DRY_RUN,
    HELD,
    LEFT_TO_RECOVER,
    RECOVERED,
    REFUSED,
    RELEASED,
    ROLLED_BACK,
    ROLLING_BACK,
    RUNNING,
    SUPERSEDED,
    WORSE,
)

NOTHING = "\N{EN DASH}"
TITLES = {
    RUNNING: "Running",
    HELD: "Held",
    ROLLING_BACK: "Rolling back",
    RELEASED: "Released",
    WORSE: "Released, but worse than before",
    ROLLED_BACK: "Rolled back",
    REFUSED: "Refused",
    RECOVERED: "Recovered",
    SUPERSEDED: "Superseded",
    DRY_RUN: "Dry run",
    LEFT_TO_RECOVER: "Left to recover",
}
TONES = {
    RUNNING: "now",
    ROLLING_BACK: "bad",
    RELEASED: "good",
    DRY_RUN: "good",
    RECOVERED: "bad",
    ROLLED_BACK: "bad",
    LEFT_TO_RECOVER: "bad",
}
"""How an outcome is coloured; others are `warn`."""
OUTCOME_MARKS = {"good": "✓", "bad": "✗", "now": "●", "warn": "!"}

VERDICTS = {"pass": "✓", "fail": "✗", "inconclusive": "…", "no_data": "·"}
VERDICT_TONES = {"pass": "good", "fail": "bad"}
_READABLE = log(1e6)
_ROUNDING = 1e-6


def title(outcome: str) -> str:
    return TITLES.get(outcome, outcome.replace("-", " ").capitalize())


def tone(outcome: str) -> str:
    return TONES.get(outcome, "warn")


def verdict(word: str) -> str:
    """Write a verdict with its sign, not only with a colour."""
    return f"{VERDICTS.get(word, '?')} {word.replace('_', ' ')}"


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y %H:%M:%S UTC")


def clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M")


def day_and_clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %H:%M")


def elapsed(seconds: int) -> str:
    """Write a time since the start as mm:ss, from an hour on as h:mm:ss."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def took(seconds: int) -> str:
    """Write a length of time with its two largest units."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    while len(parts) > 1 and not parts[0][0]:
        del parts[0]
    return " ".join(f"{value} {unit}" for value, unit in parts[:2] if value or unit == "s")


def count(number: float) -> str:
    return f"{number:,.0f}"


def rate(fraction: float | None) -> str:
    """Write percent with one decimal; values below 0.1 % with two digits."""
    if fraction is None:
        return NOTHING
    percent = 100 * fraction
    return f"{percent:.2g} %" if percent < 0.1 else f"{round(percent, 1):g} %"


def weight(percent: float) -> str:
    return f"{percent:g} %"


def share(counts: CallCounts) -> str:
    """Write `41 of 1,480`."""
    return f"{count(counts.bad)} of {count(counts.total)}" if counts.total else "no calls"


def points(difference: float | None) -> str:
    return NOTHING if difference is None else f"{100 * difference:+.2f} points"


def odds(log_e_value: float) -> str:
    """Describe how rarely chance produces such evidence (Ville: once in E at most)."""
    if log_e_value <= 0:
        return "no evidence"
    if log_e_value < _READABLE:
        return f"once in {floor(exp(log_e_value) + _ROUNDING):,}"
    return f"once in 10^{floor(log_e_value / log(10))}"


def times(number: int) -> str:
    return f"{number}\N{MULTIPLICATION SIGN}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def many(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"
