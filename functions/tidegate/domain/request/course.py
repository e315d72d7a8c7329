"""Whether a release can take its course: within how long an execution may last, and asking where it comes past."""

import json
from collections.abc import Iterator

from tidegate.domain.duration import duration_text
from tidegate.domain.request.capacity import (
    EVENTS,
    minutes_at_100,
    most_minutes,
    own_minutes,
    pace_of,
    preparing,
)
from tidegate.domain.request.models import Request
from tidegate.domain.request.problems import Problem

_LONGEST = 96 * 60
_LONGEST_WAITING = 7 * 24 * 60
"""Minutes. An execution ends after two weeks, whatever it waits for."""


def too_long(request: Request) -> Iterator[Problem]:
    """Hold a release to how long one execution may last, and to what its history can take."""
    own, after = own_minutes(request), minutes_at_100(request)
    waiting = len(request.approvals) * (request.approval_timeout_minutes or request.analysis.max_hold_minutes)
    if waiting > _LONGEST_WAITING:
        longest = duration_text(_LONGEST_WAITING)
        text = f"may wait up to {duration_text(waiting)} for answers: shorten it to {longest} in all"
        yield Problem(("approval_timeout",), text, '"approval_timeout": "12h"')
    if own + after > _LONGEST:
        text = (
            f"may take up to {duration_text(own + after)} with bakes, max_bake and max_hold: "
            f"shorten them to {duration_text(_LONGEST)} in all"
        )
        yield Problem(("strategy",), text, '"analysis": {"max_bake": "1h", "max_hold": "24h"}')
    elif pace_of(request) is None:
        count = len(request.targets)
        text = (
            f"may take up to {duration_text(own)} with bakes, max_bake and max_hold, which is more than the history of "
            f"one execution can take beside {preparing(request)} of its {EVENTS} events that preparing {count} targets "
            f"takes: shorten them to {duration_text(most_minutes(request))} in all, or release the targets in two"
        )
        yield Problem(("strategy",), text, '"analysis": {"max_bake": "15m", "max_hold": "8h"}')


def misplaced_approvals(request: Request) -> Iterator[Problem]:
    """Find approvals that would never be asked for, or twice."""
    weights = [step.weight for step in request.strategy.steps]
    known = ", ".join(f"{weight:g}" for weight in weights)
    for index, approval in enumerate(request.approvals):
        if approval in request.approvals[:index]:
            yield Problem(("approvals", index), f"{json.dumps(approval)} is there before: name it once")
        elif approval != "before_traffic" and not weights:
            text = f"comes never: {request.strategy.name} has no steps"
            yield Problem(("approvals", index), text, '"approvals": ["before_traffic"]')
        elif not isinstance(approval, str) and approval not in weights:
            text = f"{request.strategy.name} has no step at {approval:g} %; its weights are {known}"
            yield Problem(("approvals", index), text, f'"approvals": [{weights[0]:g}]')
