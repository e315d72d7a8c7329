"""Rules between the fields of a probe and of hooks, and which functions they may name."""

import json
from collections.abc import Iterator
from typing import Any

from tidegate.domain.hooks import AFTER_STEP, BEFORE_STEP
from tidegate.domain.request.as_written import Target
from tidegate.domain.request.hooks import LONGEST_AT_A_STEP
from tidegate.domain.request.limits import Limits, matches
from tidegate.domain.request.permitted import not_among
from tidegate.domain.request.probe import MOST_CALLS
from tidegate.domain.request.problems import Location, Problem, shown

AT_A_STEP = (BEFORE_STEP, AFTER_STEP)

CONDITION = '"{%'
"""The beginning of an expression in JSONata, as Step Functions writes it, in JSON."""

EXPECTING = '"probe": {"payload": {"ping": true}, "expect": {"ok": true}}'

FIELDS_OF = {
    "invoke": {"payload", "expect", "calls", "tenant", "max_init_seconds", "max_init_ratio"},
    "function": {"function"},
    "provision": set[str](),
    "none": set[str](),
}
"""The other fields that each kind of probe has."""


def probe_problems(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    probe = fields.get("probe")
    if not isinstance(probe, dict):
        return
    place = (*location, "probe")
    kind = probe.get("kind", "invoke")
    every = set().union(*FIELDS_OF.values())
    for name in sorted(every & probe.keys() - FIELDS_OF.get(kind, every) if isinstance(kind, str) else ()):
        yield Problem(
            (*place, name), f'is not a field of a probe of the kind "{kind}": omit it', f'"probe": {{"kind": "{kind}"}}'
        )
    if kind == "provision" and not limits.allow_provision:
        text = "is not allowed by Tidegate's stack: set its parameter ProvisionedProbes, or use another kind"
        yield Problem((*place, "kind"), text)
    if kind == "function":
        yield from _function((*place, "function"), probe.get("function"), limits)
    yield from _expectation(place, probe)
    calls = probe.get("calls")
    if not isinstance(calls, list):
        return
    for name in sorted({"payload", "expect"} & probe.keys()):
        text = 'is not allowed besides "calls", which have their own: omit it'
        yield Problem((*place, name), text, '"calls": [{"payload": {"ping": true}}, {}]')
    for index, call in enumerate(calls[:MOST_CALLS]):
        if isinstance(call, dict):
            yield from _expectation((*place, "calls", index), call)


def _function(place: Location, name: Any, limits: Limits) -> Iterator[Problem]:
    if name is None:
        yield Problem(
            place, "is missing: name the function to ask", '"probe": {"kind": "function", "function": "check"}'
        )
    elif isinstance(name, str) and (text := beyond_hooks(name, limits)):
        yield Problem(place, text)


def beyond_hooks(name: str, limits: Limits) -> str | None:
    """Say why a release may not ask this function; None if it may."""
    if limits.owns(name):
        return f'"{shown(name)}" is part of Tidegate itself'
    return None if matches(name, limits.hooks) else not_among("functions", limits.hooks, "HookFunctionPattern")


def _expectation(place: Location, call: dict[str, Any]) -> Iterator[Problem]:
    if "expect" in call and "payload" not in call:
        yield Problem((*place, "expect"), "needs a payload: without one there is no answer to expect", EXPECTING)
    if CONDITION in json.dumps(call.get("expect"), default=str):
        text = (
            "is the part of the answer that must be equal, as JSON; a condition in JSONata is not possible, because "
            "the runtime of Lambda functions has no evaluator for it: for a condition, ask a function of your own"
        )
        yield Problem((*place, "expect"), text, '"probe": {"kind": "function", "function": "check"}')


def hook_problems(document: dict[str, Any], limits: Limits) -> Iterator[Problem]:
    given = document.get("hooks")
    for moment, written in given.items() if isinstance(given, dict) else ():
        hook = written if isinstance(written, dict) else {"function": written}
        place = ("hooks", str(moment), *(("function",) if isinstance(written, dict) else ()))
        name, seconds = hook.get("function"), hook.get("timeout_seconds")
        if isinstance(name, str) and (text := beyond_hooks(name, limits)):
            yield Problem(place, text)
        if moment in AT_A_STEP and isinstance(seconds, int) and seconds > LONGEST_AT_A_STEP:
            text = f"must be {LONGEST_AT_A_STEP} or less here, because the alias may be split meanwhile, not {seconds}"
            yield Problem(("hooks", str(moment), "timeout_seconds"), text)
