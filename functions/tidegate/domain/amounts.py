"""How counts, rates, differences and chances are written: the same number reads the same in every view."""

from datetime import UTC, datetime
from math import ceil, exp, floor, log

from tidegate.domain.schedule import MINUTE

_READABLE = log(1e6)
_ROUNDING = 1e-6


def rate(fraction: float) -> str:
    """Write `32 %`."""
    return f"{100 * fraction:.3g} %"


def points(difference: float) -> str:
    """Write a difference of rates: `9.5 points`."""
    return f"{_in_points(difference)} points"


def signed_points(difference: float) -> str:
    return f"{_in_points(difference, '+')} points"


def _in_points(difference: float, sign: str = "") -> str:
    return f"{100 * difference:{sign}.3g}" if difference else "0"


def odds(log_e_value: float) -> str:
    """Write the chance of such evidence if the canary is not worse: at most 1/E, over all checks (Ville)."""
    if log_e_value < _READABLE:
        return f"once in {floor(exp(log_e_value) + _ROUNDING):,}"
    return f"once in 10^{floor(log_e_value / log(10))}"


def many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def since_when(start: int) -> str:
    return f"since {datetime.fromtimestamp(start, UTC):%Y-%m-%d} {_exactly(start)} UTC"


def since_clock(start: int) -> str:
    return f"since {_exactly(start)} UTC"


def _exactly(seconds: int) -> str:
    """Write the time of a day, with seconds if it is no whole minute: a slot of a log begins between two."""
    return f"{clock(seconds)}:{seconds % MINUTE:02}" if seconds % MINUTE else clock(seconds)


def clock(seconds: int) -> str:
    hour, minute = divmod(seconds // MINUTE, 60)
    return f"{hour % 24:02}:{minute:02}"


def rounded(count: int) -> int:
    """Round to two digits: it is an estimate."""
    step = int(10 ** max(0, len(str(count)) - 2))
    return ceil(count / step) * step
