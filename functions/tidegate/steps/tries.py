"""When what a step does was done at the latest: its state was entered before the first of its tries."""

import math
import time

from tidegate.steps.handling import StepEvent

A_TRY = 120
"""Most seconds that one failed try of a step takes that moves aliases: its Task's TimeoutSeconds."""

FIRST_PAUSE, LONGEST_PAUSE = 5, 60
"""Most seconds before the second try, which double, and before any: its Task's Retry."""


class TriedEvent(StepEvent):
    """What a step is told that has to know when it was done; `retries` are its earlier tries, which failed."""

    retries: int


def done_by(event: TriedEvent, began: float) -> int:
    """Give it in seconds since 1970, of a try that `began` then by the monotonic clock."""
    return event.now + math.ceil(time.monotonic() - began) + earlier_tries(event.retries)


def earlier_tries(count: int) -> int:
    """Give the most seconds that so many failed tries take, with the pauses after them."""
    return sum(A_TRY + min(LONGEST_PAUSE, FIRST_PAUSE * 2**number) for number in range(count))
