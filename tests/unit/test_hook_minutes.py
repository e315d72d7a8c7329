"""The time that hooks may take: a release has it besides its bakes and holds, and its history has place for it."""

from typing import Any

import pytest

from tests.builders import ANYTHING, NOON, a_plan, a_request, a_shift
from tidegate.domain.alias import AliasState
from tidegate.domain.hooks import PAUSES, WAKING, PlannedHook, around_a_step
from tidegate.domain.planning.plan_builder import make_plan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.capacity import HOOKED, _left
from tidegate.domain.request.parse import parse_request
from tidegate.domain.rollout.pauses import AROUND_A_STEP, held_before
from tidegate.domain.schedule import MINUTE
from tidegate.domain.strategy import Step

THREE_STEPS = {"steps": [{"weight": weight, "bake": "5m"} for weight in (5, 25, 50)]}

FOUND = Inspected(configuration={}, alias=AliasState("42"), timeouts=(5, 30))


def deadline(**hooks: Any) -> int:
    """Give the minutes that a release of three steps may take."""
    request = a_request(strategy=THREE_STEPS, hooks=hooks)
    return (make_plan(request, [FOUND], now=NOON, retention_days=400).deadline - NOON) // MINUTE


@pytest.mark.parametrize(
    ("hooks", "minutes"),
    [
        ({"before_traffic": {"function": "check", "timeout_seconds": 300}}, 15 + PAUSES + WAKING),
        ({"before_step": {"function": "check", "timeout_seconds": 60}}, 3 * (3 + PAUSES) + WAKING),
        ({"before_step": "check", "after_step": "check"}, 3 * 2 * (3 + PAUSES) + WAKING),
        ({"before_step": "check", "after_step": "other"}, 3 * 2 * (3 + PAUSES) + 2 * WAKING),
        ({"after_step": {"function": "check", "timeout_seconds": 21}}, 3 * (2 + PAUSES) + WAKING),
        ({}, 0),
    ],
)
def test_a_release_has_the_time_that_every_try_of_its_hooks_may_take(hooks: dict[str, Any], minutes: int) -> None:
    assert deadline(**hooks) - deadline() == minutes


def test_the_time_of_hooks_uses_up_no_hold() -> None:
    hooks = (PlannedHook("after_step", "check", 60), PlannedHook("before_step", "check", 60))
    steps, most = (Step(5, 3), Step(50, 5)), around_a_step(hooks)
    for around, held in ((most, 0), (most + 7, 7)):
        shifts = [a_shift(NOON, 5), a_shift(NOON + (15 + AROUND_A_STEP + around) * MINUTE, 50)]
        assert held_before(a_plan(steps=steps, hooks=hooks), shifts, ()) == held
        assert held_before(a_plan(steps=steps), shifts, ()) == around


def test_each_hook_at_a_step_has_its_place_in_the_history() -> None:
    def left(**hooks: str) -> int:
        return _left(parse_request({"function": "checkout", "strategy": THREE_STEPS, "hooks": hooks}, limits=ANYTHING))

    assert left() - left(before_traffic="check") == 0
    assert left() - left(after_step="check") == 3 * HOOKED
    assert left() - left(after_step="check", before_step="check") == 3 * 2 * HOOKED
