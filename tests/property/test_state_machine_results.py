"""The graph of a state machine finds exactly the pairs that executions make, whichever way they take."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.planning.state_machines import results

INVOKE = "arn:aws:states:::lambda:invoke"
NAMES = "PQRS"
TARGETS = {f"{name}:live": name for name in "abc"}


@st.composite
def machines(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """Draw a state machine of a few states, which go anywhere, with others in its Parallel and Map states."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    return {"StartAt": "P", "States": {name: draw(states(names, depth)) for name in names}}


@st.composite
def states(draw: st.DrawFn, names: str, depth: int) -> dict[str, Any]:
    kinds = ["Task", "Task", "Pass", "Choice", "Succeed", "Fail", *(["Parallel", "Map"] if depth else [])]
    kind = draw(st.sampled_from(kinds))
    name = st.sampled_from(names)
    if kind in ("Succeed", "Fail"):
        return {"Type": kind}
    if kind == "Choice":
        return {"Type": kind, "Choices": [{"Next": draw(name)}], "Default": draw(name)}
    way = draw(st.one_of(name.map(lambda to: {"Next": to}), st.just({"End": True})))
    state: dict[str, Any] = {"Type": kind, **way}
    if kind != "Pass" and draw(st.booleans()):
        state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": draw(name)}]
    if kind != "Pass" and draw(st.booleans()):
        state["ResultPath"] = None
    if kind == "Task":
        called = draw(st.sampled_from(["a:live", "b:live", "c:live", "other"]))
        state |= {"Resource": INVOKE, "Parameters": {"FunctionName": called}}
    if kind == "Map":
        state["ItemProcessor"] = draw(machines(depth - 1))
    if kind == "Parallel":
        state["Branches"] = draw(st.lists(machines(depth - 1), min_size=1, max_size=2))
    return state


class Executions:
    """All ways through a machine, each with the target whose result it carries: empty before the first."""

    def __init__(self) -> None:
        self.met: set[tuple[str, str]] = set()

    def run(self, machine: dict[str, Any], carried: str) -> tuple[set[str], set[str]]:
        """Return whose results the machine can end with, and fail with."""
        ended, failed = set[str](), set[str]()
        # Also from states that none leads to: the graph does not leave them out.
        waiting, seen = [(machine["StartAt"], carried), *((name, "") for name in machine["States"])], set[Any]()
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            state, before = machine["States"][here[0]], here[1]
            outputs, errors = self._step(state, before)
            waiting += [(to, each) for each in outputs for to in _following(state)]
            waiting += [(each["Next"], error) for error in errors for each in state.get("Catch", ())]
            failed |= errors
            if state.get("End") or state["Type"] == "Succeed":
                ended |= outputs
        return ended, failed

    def _step(self, state: dict[str, Any], before: str) -> tuple[set[str], set[str]]:
        discards = "ResultPath" in state
        if state["Type"] == "Fail":
            return set(), {before}
        inner = state.get("Branches") or [state[name] for name in ("ItemProcessor",) if name in state]
        if inner:
            runs = [self.run(each, before) for each in inner]
            outputs = {one for ended, _ in runs for one in ended} | ({before} if state["Type"] == "Map" else set())
            # Any state may fail, so the states around it may, too.
            return {before} if discards else outputs, {before, *(one for _, failed in runs for one in failed)}
        called = TARGETS.get(state.get("Parameters", {}).get("FunctionName"))
        if called is None:
            return {before}, {before}
        if before:
            self.met.add((before, called))
        return ({before} if discards else {called}), ({before, called} if discards else {called})


def _following(state: dict[str, Any]) -> Iterator[str]:
    yield from (state[name] for name in ("Next", "Default") if name in state)
    yield from (each["Next"] for each in state.get("Choices", ()))


@given(machines())
def test_the_pairs_of_a_definition_are_those_that_its_executions_make(machine: dict[str, Any]) -> None:
    executions = Executions()
    executions.run(machine, "")
    found = results(json.dumps(machine), TARGETS)
    assert executions.met == found
