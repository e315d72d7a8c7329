"""Hooks: functions of the user's that a release asks at set moments."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tidegate.domain.schedule import MINUTE

BEFORE_TRAFFIC, BEFORE_STEP, AFTER_STEP = "before_traffic", "before_step", "after_step"
AFTER_PROMOTION, ON_ROLLBACK = "after_promotion", "on_rollback"

OVER = (AFTER_PROMOTION, ON_ROLLBACK)
"""Moments after which nothing can change any more: a hook that fails there is only reported."""

AT_A_STEP = (BEFORE_STEP, AFTER_STEP)

TRIES = 3
"""How often a hook that fails is asked."""

PAUSES = 1
"""Minutes between the tries of a hook that fails, rounded up."""

WAKING = 6
"""Minutes until a function that was idle for weeks answers: the state machine retries for so long."""


@dataclass(frozen=True)
class PlannedHook:
    """`seconds` is how long an answer may take; `insists`: without its approval, the release is rolled back."""

    moment: str
    function: str
    seconds: int
    insists: bool = True

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def longest_minutes(self) -> int:
        """How long it takes at most at one moment: all tries, and the pauses between them."""
        return -(-self.seconds * TRIES // MINUTE) + PAUSES


def around_a_step(hooks: Iterable[PlannedHook]) -> int:
    """Return how many minutes the hooks take at most between a step and the next one."""
    return sum(hook.longest_minutes for hook in hooks if hook.moment in AT_A_STEP)


def before_the_end(hooks: Sequence[PlannedHook], steps: int) -> int:
    """Return how many minutes the hooks of a release with so many steps take at most, until it is over."""
    before = sum(hook.longest_minutes for hook in hooks if hook.moment == BEFORE_TRAFFIC)
    return before + around_a_step(hooks) * steps + WAKING * len({hook.function for hook in hooks})
