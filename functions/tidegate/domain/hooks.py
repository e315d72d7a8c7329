"""Hooks: functions of the user's that a release asks at set moments."""

from dataclasses import asdict, dataclass
from typing import Any

BEFORE_TRAFFIC, BEFORE_STEP, AFTER_STEP = "before_traffic", "before_step", "after_step"
AFTER_PROMOTION, ON_ROLLBACK = "after_promotion", "on_rollback"

OVER = (AFTER_PROMOTION, ON_ROLLBACK)
"""Moments after which nothing can change any more: a hook that fails there is only reported."""

REPORTED = ("HookFailed", "HookRefused", "HookUnanswered")
"""Errors that a hook may end in."""


@dataclass(frozen=True)
class PlannedHook:
    """`seconds` is how long an answer may take; `insists`: without its approval, the release is rolled back."""

    moment: str
    function: str
    seconds: int
    insists: bool = True

    def document(self) -> dict[str, Any]:
        return asdict(self)
