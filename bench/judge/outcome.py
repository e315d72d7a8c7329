"""What a rule did to the releases of a cell."""

from dataclasses import dataclass

import numpy as np

from bench.judge.fast import Ints


@dataclass(frozen=True)
class Outcome:
    """What a rule did in a cell.

    `minutes` is the median time to the roll back, with data one minute old, and `failed` the mean of users'
    requests that the canary failed until then; None where nothing was rolled back.
    """

    releases: int
    rolled_back: float
    minutes: float | None
    failed: float | None


def outcome(first: Ints, canary_bad: Ints) -> Outcome:
    back = first > 0
    if not back.any():
        return Outcome(len(first), 0.0, None, None)
    until = np.cumsum(canary_bad, axis=1)[np.arange(len(first)), first]  # the minute in which it is acted upon counts
    return Outcome(len(first), float(back.mean()), float(np.median(first[back])) + 1, float(until[back].mean()))
