"""A judgement in one sentence."""

from datetime import UTC, datetime
from math import ceil, exp, floor, log

from tidegate.domain.judge.minute import Minute

_READABLE = log(1e6)


def no_data(whole: Minute, minutes: int) -> str:
    return (
        f"The canary has completed no call in {many(minutes, 'minute')}; "
        f"on stable {failed(whole.stable_bad, whole.stable_total)}."
    )


def fail(whole: Minute, excess: float, log_e_value: float) -> str:
    return f"{_both(whole)}: {points(excess)} worse, by chance less than {odds(log_e_value)}."


def enough(whole: Minute, mde: float) -> str:
    return f"{_both(whole)}: no regression, and one of {points(mde)} would have been seen."


def inconclusive(whole: Minute, mde: float, known: float, needed: float) -> str:
    """Say what is missing: calls on the canary, at the mix of versions and rates seen so far."""
    if known <= 0:
        return f"{_both(whole)}: no minute yet in which both were called, so there is nothing to compare."
    missing = ceil(whole.canary_total * (needed - known) / known)
    return (
        f"{_both(whole)}: about {many(rounded(missing), 'more call')} on the canary needed "
        f"to see a regression of {points(mde)}."
    )


def _both(whole: Minute) -> str:
    return (
        f"On the canary {failed(whole.canary_bad, whole.canary_total)}, "
        f"on stable {failed(whole.stable_bad, whole.stable_total)}"
    )


def failed(bad: int, total: int) -> str:
    if not total:
        return "no call was made"
    return f"{bad} of {many(total, 'call')} failed ({100 * bad / total:.3g} %)"


def points(rate: float) -> str:
    return f"{100 * rate:.3g} points"


def many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def since_when(start: int) -> str:
    return f"since {datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M} UTC"


def rounded(count: int) -> int:
    """Keep two digits: it is an estimate."""
    step = int(10 ** max(0, len(str(count)) - 2))
    return ceil(count / step) * step


def odds(log_e_value: float) -> str:
    """Ville: under "no worse" an e-value of E or more is ever seen with a chance of 1/E at most."""
    if log_e_value < _READABLE:
        return f"once in {floor(exp(log_e_value))}"
    return f"once in 10^{floor(log_e_value / log(10))}"
