"""Which targets receive the results of which in a state machine: its definition, read as a graph.

Amazon States Language specification, "Transitions", "Errors", "Parallel State" and "Map State"; for JSONata: Step
Functions guide, "Transforming data with JSONata" (a result is used only by `$states.result` in Output and Assign).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Key = tuple[str | int, ...]
"""A state by its name, behind those of the states around it."""

INVOKE = re.compile(r"arn:[\w-]+:states:::(aws-sdk:)?lambda:invoke")
CALLBACK = ".waitForTaskToken"
MORE_THAN_INPUT = re.compile(r"\$states(?!\.(input|context)\b)")


def addresses(arn: str, alias: str) -> tuple[str, ...]:
    """Return what a Task may call an alias, for the ARN of its function (Lambda API, Invoke: FunctionName)."""
    account, name = arn.split(":")[4], arn.rpartition(":")[2]
    names = (arn, f"{account}:function:{name}", f"function:{name}", name)
    return tuple(f"{each}:{alias}" for each in names)


def results(definition: str, targets: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return pairs of targets of which the second can receive the result of the first, without a third in between.

    `targets` are their names by address. States that are no target's, and calls of other functions, pass results on; a
    loop passes a target's result on to itself. A function whose name the definition computes is not known.
    """
    graph = _Graph(targets)
    graph.add(json.loads(definition))
    return {(one, other) for key, one in graph.targets.items() for other in graph.reached(key)}


class _Graph:
    """The states of a definition: those that can follow each one at all, and after an error in it."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._following: dict[Key, tuple[Key, ...]] = {}
        self._errors: dict[Key, tuple[Key, ...]] = {}
        self._discarding: set[Key] = set()
        self.targets: dict[Key, str] = {}

    def add(
        self, machine: Mapping[str, Any], around: Key = (), after: tuple[Key, ...] = (), errors: tuple[Key, ...] = ()
    ) -> Key:
        """Add the states of a definition, a branch or an item processor, and return the first.

        `after` are the states that follow its end, `errors` those that catch an error in it.
        """
        for name, state in (machine.get("States") or {}).items():
            self._add_state((*around, name), state, after, errors)
        return (*around, str(machine.get("StartAt")))

    def _add_state(self, key: Key, state: Mapping[str, Any], after: tuple[Key, ...], errors: tuple[Key, ...]) -> None:
        kind = state.get("Type")
        following = tuple((*key[:-1], name) for name in _next(state))
        following += after if state.get("End") or kind == "Succeed" else ()
        caught = (*((*key[:-1], each["Next"]) for each in state.get("Catch") or ()), *errors)
        inner = state.get("Branches") or [state[name] for name in ("ItemProcessor", "Iterator") if name in state]
        discards = _discards(state)
        after = () if inner and discards else following
        starts = tuple(self.add(each, (*key, index), after, caught) for index, each in enumerate(inner))
        # A Parallel runs every branch, but a Map without items none of its states.
        self._following[key] = (*starts, *caught, *(() if kind == "Parallel" and not discards else following))
        self._errors[key] = caught
        if target := self._addresses.get(_called(state, self._addresses)):
            self.targets[key] = target
            if discards:
                self._discarding.add(key)

    def reached(self, key: Key) -> Iterator[str]:
        """Yield the targets that can receive the result of a state or, if it discards that, its error."""
        waiting = [*(self._errors if key in self._discarding else self._following)[key]]
        seen: set[Key] = set()
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            if here in self.targets:
                yield self.targets[here]
            if here not in self.targets or here in self._discarding:
                waiting += self._following.get(here, ())


def _next(state: Mapping[str, Any]) -> Iterator[str]:
    places = (state.get("Next"), state.get("Default"), *(each.get("Next") for each in state.get("Choices") or ()))
    yield from filter(None, places)


def _called(state: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return the address that a Task calls, empty if it invokes no function or computes its name."""
    resource, arguments = str(state.get("Resource", "")), _arguments(state)
    if not INVOKE.match(resource):
        return resource
    name, qualifier = str(arguments.get("FunctionName", "")), arguments.get("Qualifier")
    return name if name in known or not qualifier else f"{name}:{qualifier}"


def _arguments(state: Mapping[str, Any]) -> Mapping[str, Any]:
    found = state.get("Arguments") or state.get("Parameters")
    return found if isinstance(found, dict) else {}


def _discards(state: Mapping[str, Any]) -> bool:
    """Return whether a state passes its input on instead of its result, or does not wait for the result."""
    if _arguments(state).get("InvocationType") == "Event" and not str(state.get("Resource")).endswith(CALLBACK):
        return True
    if "Output" in state:
        return not MORE_THAN_INPUT.search(json.dumps([state["Output"], state.get("Assign")]))
    return "ResultPath" in state and state["ResultPath"] is None and "Assign" not in state
