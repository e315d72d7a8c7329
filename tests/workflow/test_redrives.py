"""A release that was recovered while one of its steps was at work is redriven: nothing changes any more."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from localcloud.clock import Pool
from localcloud.faults import Effect, Fault, Injected
from tests.workflow.releases import PATIENCE, Release
from tests.workflow.world import STARTED_AT_ONCE, World

WHOLE: tuple[str, dict[str, float]] = ("1", {})
AFTER_THE_LONGEST_STEP = 200
CALLS = {
    "Update": ("lambda", "UpdateFunctionConfiguration"),
    "Publish": ("lambda", "PublishVersion"),
    "Probe": ("lambda", "Invoke"),
    "Shift traffic": ("lambda", "UpdateAlias"),
    "Compare versions": ("lambda", "GetAlias"),
    "Finish": ("lambda", "UpdateAlias"),
    "Roll back": ("lambda", "UpdateAlias"),
}
"""The call in which each step is held while its execution is stopped, and recovered."""
MUTATING = tuple(CALLS)


@dataclass
class Case:
    """A release and the call that it was stopped in; what its function was like before the redrive."""

    release: Release
    held: Injected
    before: dict[str, Any] = field(default_factory=dict)


def _start(world: World, state: str) -> Case:
    target = world.target().evidence(canary_failing=0.3 if state == "Roll back" else 0.0)
    service, action = CALLS[state]
    role = f"{state.partition(' ')[0]}Function" if state != "Roll back" else "RollBackFunction"
    held = world.cloud.faults.add(Fault(service, action, Effect.HOLD, role=role, resource=target.name, times=None))
    changes: dict[str, Any] = {"configuration": {"memory_size": 256}} if state == "Update" else {}
    release = world.release(target, **changes)
    assert held.waiting.wait(PATIENCE), state
    release.stop()  # at once: the step's time is short
    return Case(release, held)


def _shown(release: Release) -> dict[str, Any]:
    return {
        "state": release.target.state,
        "versions": release.target.versions,
        "revision of $LATEST": release.target.latest["RevisionId"],
    }


@pytest.fixture(scope="module")
def cases(world: World) -> dict[str, Case]:
    with Pool(STARTED_AT_ONCE) as pool:
        cases = dict(zip(MUTATING, pool.map(lambda state: _start(world, state), MUTATING), strict=True))
    world.recover()
    world.recover(later=AFTER_THE_LONGEST_STEP)
    for case in cases.values():
        assert world.lock(case.release.target) is None
        world.cloud.faults.remove(case.held)
    world.cloud.clock.sleep(60)  # what was held goes through, or fails, as it must
    for case in cases.values():
        case.before = _shown(case.release)
        case.release.redrive()
    return cases


@pytest.mark.parametrize("state", MUTATING)
def test_a_step_that_is_redriven_after_recovery_changes_nothing(
    state: str, cases: dict[str, Case], world: World
) -> None:
    case = cases[state]
    release = case.release.wait()
    assert release.status == "FAILED"
    assert case.before["state"] == WHOLE
    assert _shown(release) == case.before
    assert world.lock(release.target) is None
    record = world.record(release) or {}
    assert (record["status"], record["ended"]) == ("undoing", "recovered")


@pytest.mark.parametrize("state", [state for state in MUTATING if state not in {"Probe", "Roll back"}])
def test_it_says_that_the_release_was_recovered(state: str, cases: dict[str, Case]) -> None:
    assert cases[state].release.wait().error == "LockLost"
