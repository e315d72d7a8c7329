"""When what a step does was done at the latest: its state may have been entered many tries earlier."""

import math
import time

from tidegate.steps.handling import Moment, StepEvent


class TriedEvent(StepEvent):
    """What a step is told that has to know when it was done; `tried` is when Step Functions began this try of it."""

    tried: Moment


def done_by(event: TriedEvent, began: float) -> int:
    """Give it in seconds since 1970, of a try that `began` then by the monotonic clock."""
    return event.tried + math.ceil(time.monotonic() - began)
