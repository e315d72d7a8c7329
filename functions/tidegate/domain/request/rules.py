"""Rules between the fields of a request."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tidegate.domain.request.as_written import Target, inner, targets_of
from tidegate.domain.request.capacity import (
    EVENTS,
    minutes_at_100,
    most_minutes,
    own_minutes,
    pace_of,
    preparing,
)
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.models import MOST_TARGETS, Request
from tidegate.domain.request.permitted import beyond_limits
from tidegate.domain.request.probe_rules import hook_problems, probe_problems
from tidegate.domain.request.problems import Location, Problem, path
from tidegate.domain.request.routing_rules import routing_problems
from tidegate.domain.schedule import HOUR, MINUTE, WEEK, duration_text

_OF_ZIP = ("handler", "runtime", "layers")


def broken_rules(document: dict[str, Any], limits: Limits) -> Iterator[Problem]:
    targets = targets_of(document)
    for target in targets:
        yield from beyond_limits(target, limits)
        yield from _combinations(target)
        yield from probe_problems(target, limits)
    yield from hook_problems(document, limits)
    yield from routing_problems(document, targets, limits)
    yield from _repeated(targets)
    yield from _falling_weights(document)
    yield from _named_twice(document)


def _combinations(target: Target) -> Iterator[Problem]:
    location, fields = target
    changed = [name for name in ("code", "configuration") if fields.get(name) is not None]
    if fields.get("version") is not None and changed:
        text = f"is already published and cannot be changed: omit either it or {' and '.join(changed)}"
        yield Problem((*location, "version"), text, '"function": "checkout", "version": 42')
    if inner(fields, "code", "image_uri") is not None:
        for name in _OF_ZIP:
            if inner(fields, "configuration", name) is not None:
                text = "is not allowed for an image, which has its own: omit it"
                yield Problem((*location, "configuration", name), text, '"image_config": {"command": ["app.handler"]}')
    elif inner(fields, "code", "s3_key") is not None and inner(fields, "configuration", "image_config") is not None:
        text = "is not allowed for code in a zip file: omit it"
        yield Problem((*location, "configuration", "image_config"), text, '"handler": "app.handler"')


def _repeated(targets: list[Target]) -> Iterator[Problem]:
    """One alias cannot shift twice, and one $LATEST cannot contain the changes of two targets."""
    aliases: dict[tuple[str, str], Location] = {}
    functions: dict[str, Target] = {}
    for location, fields in targets:
        function, alias = fields.get("function"), fields.get("alias")
        if not isinstance(function, str) or not isinstance(alias, str):
            continue
        first, before = functions.setdefault(function, (location, fields))
        if (function, alias) in aliases:
            text = f'"{function}" with alias "{alias}" is already listed at {path(aliases[function, alias])}'
            yield Problem(
                (*location, "function"), f"{text}: name it once", '[{"function": "checkout"}, {"function": "basket"}]'
            )
        elif first != location and (_changed(fields) or _changed(before)):
            text = (
                f'"{function}" is listed twice, but has only one $LATEST for code or configuration: '
                f'release it through "{before.get("alias")}" first, then release the resulting version through '
                f'"{alias}"'
            )
            yield Problem((*location, "function"), text, '{"function": "checkout", "alias": "beta", "version": 42}')
        aliases.setdefault((function, alias), location)


def _changed(fields: dict[str, Any]) -> bool:
    return fields.get("code") is not None or fields.get("configuration") is not None


def _falling_weights(document: dict[str, Any]) -> Iterator[Problem]:
    strategy = document.get("strategy")
    steps = strategy.get("steps") if isinstance(strategy, dict) else None
    if not isinstance(steps, list):
        return
    weights: list[Any] = [step.get("weight") if isinstance(step, dict) else None for step in steps]
    for index, (before, weight) in enumerate(pairwise(weights), start=1):
        if _is_number(before) and _is_number(weight) and weight <= before:
            text = f"{weight:g} is not greater than {before:g}, the weight of the step before: weights must rise"
            example = '"steps": [{"weight": 5, "bake": "3m"}, {"weight": 50, "bake": "5m"}]'
            yield Problem(("strategy", "steps", index, "weight"), text, example)


def _named_twice(document: dict[str, Any]) -> Iterator[Problem]:
    """Two metrics with the same name could not be distinguished in a verdict."""
    analysis = document.get("analysis")
    for field in ("metrics", "alarms"):
        listed = analysis.get(field) if isinstance(analysis, dict) else None
        names = [each.get("name") if isinstance(each, dict) else each for each in _listed(listed)]
        for index, name in enumerate(names):
            if isinstance(name, str) and name in names[:index]:
                inside = ("name",) if field == "metrics" else ()
                text = f'"{name[:80]}" is already listed: name each one once'
                yield Problem(("analysis", field, index, *inside), text)


def _listed(value: Any) -> list[Any]:
    return value[:MOST_TARGETS] if isinstance(value, list) else []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


MOST_IN_ALL = 500
"""Steps of all waves together."""

_LONGEST = 96 * HOUR // MINUTE
_LONGEST_WAITING = WEEK // MINUTE
_LONGEST_DRAIN = 48 * HOUR // MINUTE
"""Minutes. An execution ends after two weeks in any case."""


def too_long(request: Request) -> Iterator[Problem]:
    """Check a release against the maximum duration and history of one execution."""
    steps = len(request.schedule.steps)
    if steps > MOST_IN_ALL:
        text = f"the waves together have {steps} steps, more than the limit of {MOST_IN_ALL}: use fewer waves"
        yield Problem(("waves",), text, '"waves": "lockstep"')
    own, after = own_minutes(request), minutes_at_100(request)
    waiting = len(request.approvals) * (request.approval_timeout_minutes or request.analysis.max_hold_minutes)
    if waiting > _LONGEST_WAITING:
        longest = duration_text(_LONGEST_WAITING)
        text = f"may wait up to {duration_text(waiting)} for answers: reduce the total to {longest}"
        yield Problem(("approval_timeout",), text, '"approval_timeout": "12h"')
    if request.drain.limit_minutes > _LONGEST_DRAIN:
        text = f"is longer than {duration_text(_LONGEST_DRAIN)}, the longest watch on old versions"
        yield Problem(("drain", "limit"), text, '"drain": {"limit": "24h"}')
    if own + after > _LONGEST:
        text = (
            f"may take up to {duration_text(own + after)} with bakes, max_bake and max_hold: "
            f"reduce the total to {duration_text(_LONGEST)}"
        )
        yield Problem(("strategy",), text, '"analysis": {"max_bake": "1h", "max_hold": "24h"}')
    elif pace_of(request) is None:
        count = len(request.targets)
        text = (
            f"may take up to {duration_text(own)} with bakes, max_bake and max_hold, which exceeds the history of one "
            f"execution ({EVENTS} events, {preparing(request)} of them to prepare {count} targets): reduce "
            f"the total to {duration_text(most_minutes(request))}, or release the targets in two"
        )
        yield Problem(("strategy",), text, '"analysis": {"max_bake": "15m", "max_hold": "8h"}')


def misplaced_approvals(request: Request) -> Iterator[Problem]:
    """Find approvals that are never reached, or duplicates."""
    weights = [step.weight for step in request.strategy.steps]
    known = ", ".join(f"{weight:g}" for weight in weights)
    for index, approval in enumerate(request.approvals):
        if approval in request.approvals[:index]:
            yield Problem(("approvals", index), f"{json.dumps(approval)} is already listed: name it once")
        elif approval != "before_traffic" and not weights:
            text = f"is never reached: {request.strategy.name} has no steps"
            yield Problem(("approvals", index), text, '"approvals": ["before_traffic"]')
        elif not isinstance(approval, str) and approval not in weights:
            text = f"{request.strategy.name} has no step at {approval:g} %; its weights are {known}"
            yield Problem(("approvals", index), text, f'"approvals": [{weights[0]:g}]')
