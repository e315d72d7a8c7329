"""Whatever happens to a step, the alias ends whole: every Task state of the definition, and each kind of fault."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from localcloud.faults import Effect, Fault, Injected, TaskFault
from tests.workflow.deployed import TEMPLATE
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.world import APPROVES, World

DEFINITION = TEMPLATE.parent / "statemachine" / "release.asl.yaml"
AT_ONCE = 12
AFTER_THE_LONGEST_STEP = 200
WHOLE: tuple[str, dict[str, float]] = ("1", {})


def _tasks(machine: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give each Task state that calls a function, inner ones too, with the function's logical name."""
    for name, state in machine["States"].items():
        if "FunctionName" in state.get("Arguments", {}):
            yield name, state["Arguments"]["FunctionName"].strip("${}")
        if "ItemProcessor" in state:
            yield from _tasks(state["ItemProcessor"])


ELSEWHERE = {"Look at logs", "Follow regions"}
TASKS = {name: role for name, role in _tasks(yaml.safe_load(DEFINITION.read_text())) if name not in ELSEWHERE}
"""All but the one without which a release bakes on (the unit tests of the state machine), and the one that moves no
alias here (the property tests of Regions)."""
CALLS = {
    "Plan": "GetFunction",
    "Update": "UpdateFunctionConfiguration",
    "Settle": "GetFunction",
    "Publish": "PublishVersion",
    "Probe": "Invoke",
    "Before traffic": "Query",
    "Run hooks": "Invoke",
    "Shift traffic": "UpdateAlias",
    "Compare versions": "GetAlias",
    "Finish": "UpdateAlias",
    "Look back": "GetAlias",
    "Roll back": "UpdateAlias",
}
"""A call that each step makes about its function, or about its release where it looks at the ledger alone."""
LEDGER_ALONE = {"Before traffic"}
ASKED: dict[str, dict[str, Any]] = {
    "Update": {"configuration": {"memory_size": 256}},
    "Look back": {"analysis": {"after": {"bake": "1m", "on_worse": "rollback"}}},
}
"""What a request has to say for these states to be entered and to have something to do."""
WRITES = {"Update", "Publish", "Shift traffic", "Finish", "Roll back"}
MOVES = {"Shift traffic", "Finish", "Roll back"}
EACH_WAY_OUT = {"Plan", "Update", "Look back", "Roll back"}
"""One state for each that the catch of a Task leads to; every Task tries again and catches alike (the unit tests of
the state machine)."""


@dataclass
class Case:
    """A release with a fault at one state; what became of its alias, before recover came and after."""

    state: str
    release: Release
    faults: list[Injected]
    left: Any = None
    status: str = ""
    healed: Any = None
    late_writes: tuple[int, ...] = ()
    locked: bool = True


Faults = Callable[[World, str, str, str], list[Fault | TaskFault]]


def crash(_world: World, state: str, release: str, function: str) -> list[Fault | TaskFault]:
    if state in LEDGER_ALONE:
        return [Fault("dynamodb", CALLS[state], Effect.KILL_BEFORE, role=TASKS[state], body=release, times=None)]
    return [Fault("lambda", CALLS[state], Effect.KILL_BEFORE, role=TASKS[state], resource=function, times=None)]


def crash_after_writing(_world: World, state: str, _release: str, function: str) -> list[Fault | TaskFault]:
    role = TASKS[state]
    return [Fault("lambda", CALLS[state], Effect.KILL_AFTER, role=role, resource=function, times=None)]


def throttling_once(world: World, state: str, release: str, _function: str) -> list[Fault | TaskFault]:
    """Throttle the invocation of the step; what lasts leads where a crash or a time-out does."""
    step = world.stack.resources[TASKS[state]]
    return [Fault("lambda", "Invoke", Effect.THROTTLE, resource=step, body=release, times=1)]


def time_out(_world: World, state: str, release: str, function: str) -> list[Fault | TaskFault]:
    """Have the Task time out; the step runs on, and its move of the alias comes when the release is over.

    The roll back begins when that step has looked at the alias and is about to move it: it is held before it writes
    down that it begins, since a step that comes after that, as on a busy machine, does not move anything.
    """
    late = Fault("lambda", "UpdateAlias", Effect.HOLD, role=TASKS[state], resource=function, times=None)
    after = Fault("dynamodb", "UpdateItem", Effect.HOLD, role="RollBackFunction", body=release)
    holds = [late, after] if state in MOVES else []
    return [TaskFault(state, execution=release, times=None), *holds]


LASTING: tuple[tuple[Faults, str], ...] = (
    *((crash, state) for state in TASKS if state not in WRITES),  # the next says more of those that write
    *((crash_after_writing, state) for state in TASKS if state in WRITES),
    *((time_out, state) for state in TASKS if state in MOVES | EACH_WAY_OUT),
)
PASSING: tuple[tuple[Faults, str], ...] = tuple((throttling_once, state) for state in sorted(EACH_WAY_OUT))


@pytest.fixture(scope="module")
def cases(world: World) -> dict[tuple[Faults, str], Case]:
    wanted = [*LASTING, *PASSING]
    batches = [wanted[first : first + AT_ONCE] for first in range(0, len(wanted), AT_ONCE)]
    return {key: case for batch in batches for key, case in _run(world, batch).items()}


def _run(world: World, batch: list[tuple[Faults, str]]) -> dict[tuple[Faults, str], Case]:
    cases = {(faults, state): _start(world, faults, state) for faults, state in batch}
    for case in cases.values():
        _let_roll_back_begin(case)
        case.release.wait()
        case.left, case.status = case.release.target.state, case.release.status
    world.recover()
    for case in cases.values():
        case.healed = case.release.target.state
        case.late_writes = _let_late_writes_through(world, case)
    world.recover(later=AFTER_THE_LONGEST_STEP)
    for case in cases.values():
        case.locked = world.lock(case.release.target) is not None
    return cases


def _start(world: World, faults: Faults, state: str) -> Case:
    name = world.next_name()
    target = world.target().evidence(canary_failing=0.3 if state == "Roll back" else 0.0)
    wish, called = ASKED.get(state, {}), target.name
    if state == "Run hooks":
        called = world.asked(APPROVES).name
        wish = {"hooks": {"before_traffic": called}}
    put = world.cloud.faults
    injected = [
        put.add(fault) if isinstance(fault, Fault) else put.add_task(fault)
        for fault in faults(world, state, name, called)
    ]
    return Case(state, world.release(target, name=name, **wish), injected)


def _let_roll_back_begin(case: Case) -> None:
    if case.state in MOVES and len(case.faults) == 3:
        _, late, after = case.faults
        if case.state == "Roll back":
            after.release()
        assert late.waiting.wait(PATIENCE), f"{case.state} did not come to move the alias of {case.release.name}"
        after.release()


def _let_late_writes_through(world: World, case: Case) -> tuple[int, ...]:
    """Give how Lambda answered each write that was held until now."""
    if len(case.faults) < 3:
        return ()
    late = case.faults[1]
    expected = late.hits
    late.release()

    def answers() -> tuple[int, ...]:
        about = f":function:{case.release.target.name}"
        return tuple(
            call.status
            for call in list(world.cloud.calls)
            if call.action == "UpdateAlias"
            and TASKS[case.state] in (call.caller_role or "")
            and any(resource.endswith(about) for resource in call.resources)
        )

    answered: tuple[int, ...] = eventually(lambda: answers() if len(answers()) >= expected else None, "late writes")
    return answered


def _id(value: object) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize(("faults", "state"), LASTING, ids=_id)
def test_a_fault_that_lasts_fails_the_execution_and_leaves_the_alias_whole(
    faults: Faults, state: str, cases: dict[tuple[Faults, str], Case]
) -> None:
    case = cases[faults, state]
    assert all(fault.hits for fault in case.faults)
    assert not case.locked
    if (faults, state, case.status) == (time_out, "Look back", "SUCCEEDED"):
        # The look went on, and wrote down that the release is promoted before the roll back could begin.
        assert (case.release.states[-1], case.left, case.healed) == ("Released", ("2", {}), ("2", {}))
        return
    assert case.status == "FAILED"
    endings = {"Plan": "Refused", "Roll back": "Left to recover"}
    assert case.release.states[-1] == endings.get(state, "Rolled back")
    if state != "Roll back":
        assert case.left == WHOLE
    assert case.healed == WHOLE


@pytest.mark.parametrize("state", sorted(MOVES))
def test_what_a_timed_out_step_writes_late_is_refused(state: str, cases: dict[tuple[Faults, str], Case]) -> None:
    case = cases[time_out, state]
    assert set(case.late_writes) == {412}
    assert case.release.target.state == WHOLE


@pytest.mark.parametrize("state", sorted(EACH_WAY_OUT))
def test_a_step_that_is_throttled_once_is_tried_again(state: str, cases: dict[tuple[Faults, str], Case]) -> None:
    case = cases[throttling_once, state]
    assert [fault.hits for fault in case.faults] == [1]
    ending = ("FAILED", "Rolled back", WHOLE) if state == "Roll back" else ("SUCCEEDED", "Released", ("2", {}))
    assert (case.status, case.release.states[-1], case.left) == ending
    assert not case.locked
