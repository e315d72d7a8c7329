"""From the text of a request to a valid one, or to every problem in it."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from pydantic import ValidationError

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.as_written import plainly_named
from tidegate.domain.request.contracts import unmet_requirements
from tidegate.domain.request.limits import Limits, Settings
from tidegate.domain.request.models import Request, TargetRequest
from tidegate.domain.request.problems import Location, Problem
from tidegate.domain.request.regions import region_problems, sampled
from tidegate.domain.request.routing_rules import unsteady_routing
from tidegate.domain.request.rules import broken_rules, misplaced_approvals, too_long
from tidegate.domain.request.selection import expanded, selection_of, selection_problems
from tidegate.domain.request.wording import line, problem_of

_DEEPEST = 64
_LARGEST = 10**300
NO_DEFAULTS: Mapping[str, str] = {}
BYTE_ORDER_MARK = "\ufeff"


def unusable(raw: object) -> Iterator[Problem]:
    """Find values that the ledger or the log cannot store. Not recursive: it must survive any depth."""
    waiting: list[tuple[Location, object]] = [((), raw)]
    while waiting:
        location, value = waiting.pop()
        complaint = _complaint(value, len(location))
        if complaint:
            yield Problem(location, complaint)
        elif isinstance(value, dict):
            waiting.extend(((*location, _shown_key(key)), inner) for key, inner in value.items())
            if not all(_is_text(key) for key in value):
                yield Problem(location, "has a field name that is not valid text")
            elif any(key.startswith(BYTE_ORDER_MARK) for key in value):
                yield Problem(location, "has a field name that begins with a byte order mark (U+FEFF): remove it")
        elif isinstance(value, list):
            waiting.extend(((*location, index), inner) for index, inner in enumerate(value))


def _complaint(value: object, depth: int) -> str | None:
    if depth > _DEEPEST:
        return f"is nested more than {_DEEPEST} levels deep"
    if isinstance(value, str):
        return None if _is_text(value) else "has half of a surrogate pair, which is not valid text"
    if isinstance(value, float):
        return None if isfinite(value) else "is NaN or infinite, which JSON cannot represent"
    if isinstance(value, int):
        return None if abs(value) < _LARGEST else "is a number of more than 300 digits"
    if value is None or isinstance(value, dict | list):
        return None
    return f"is a Python {type(value).__name__}, not JSON"


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown_key(key: object) -> str:
    return str(key).encode(errors="replace").decode()


NOTES = ("$schema", "Comment", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID")
"""Fields at the top of a request that are ignored: for editors, for people, and for Step Functions.

With the last one, Step Functions links an execution to its parent (its guide, "Start workflow executions from a task").
"""


def parse_request(
    raw: object,
    *,
    limits: Limits,
    default_strategy: str = "guarded",
    default_alias: str = "live",
    analysis: Mapping[str, str] = NO_DEFAULTS,
    functions: Sequence[str] = (),
) -> Request:
    """Read a request, also in its short form, or the output of `Request.model_dump(mode="json")`.

    `analysis` has the deployment's defaults of its fields; a request that selects functions selects `functions`.

    Raises
    ------
    InvalidRequest
        With every problem: the field's path as the author wrote it, the mistake, an example.
    """
    unreadable = list(unusable(raw))
    if unreadable or not isinstance(raw, dict):
        inside = ", not a string: remove the quotes around it" if isinstance(raw, str) else ""
        raise _refusal(unreadable or [Problem((), f"must be an object{inside}")], short_form=False)
    raw = sampled({name: value for name, value in raw.items() if name not in NOTES})
    wrong = list(selection_problems(raw))
    if selection := selection_of(raw):
        if not functions:
            wrong.append(
                Problem((selection.field,), "only an execution can find the functions: name them, or start one")
            )
            raise _refusal(wrong, short_form=False)
        raw = expanded(raw, functions)
    short_form = "targets" not in raw
    document = _long_form(raw) if short_form else raw
    targets, misnamed = plainly_named(document["targets"], limits)
    document = _with_defaults({**document, "targets": targets}, default_strategy, default_alias, analysis)
    broken = [*wrong, *misnamed, *region_problems(document), *broken_rules(document, limits)]
    try:
        request = Request.model_validate(document).completed()
        broken += [
            *too_long(request),
            *misplaced_approvals(request),
            *unsteady_routing(request),
            *unmet_requirements(request),
        ]
    except ValidationError as error:
        invalid = [problem_of(each, short_form=short_form) for each in error.errors(include_url=False)]
        raise _refusal(_without_echoes(invalid, broken) + broken, short_form=short_form) from None
    if broken:
        raise _refusal(broken, short_form=short_form)
    return request


def _without_echoes(wrong: list[Problem], broken: list[Problem]) -> list[Problem]:
    """Omit problems that only follow from an inner problem: a list is too short without its invalid entries."""
    inside = {one.location[:length] for one in wrong + broken for length in range(len(one.location))}
    return [problem for problem in wrong if problem.location not in inside]


def _long_form(raw: dict[str, Any]) -> dict[str, Any]:
    """Return {"function": ..., "dry_run": ...} as {"targets": [{"function": ...}], "dry_run": ...}."""
    of_target = {name: value for name, value in raw.items() if name in TargetRequest.model_fields}
    rest = {name: value for name, value in raw.items() if name not in of_target}
    return {"targets": [of_target], **rest}


def _with_defaults(document: dict[str, Any], strategy: str, alias: str, analysis: Mapping[str, str]) -> dict[str, Any]:
    targets = document["targets"]
    if isinstance(targets, list):
        targets = [{"alias": alias, **each} if isinstance(each, dict) else each for each in targets]
    given = document.get("analysis", {})
    if isinstance(given, dict):
        document = {**document, "analysis": {**analysis, **given}}
    return {"strategy": strategy, **document, "targets": targets}


def _refusal(problems: list[Problem], *, short_form: bool) -> InvalidRequest:
    return InvalidRequest([line(problem, short_form=short_form) for problem in problems])


def read_request(raw: Any, settings: Settings, functions: Sequence[str] = ()) -> Request:
    """Validate a request against what this deployment allows; if it selects functions, they are `functions`.

    Raises
    ------
    InvalidRequest
        With every problem: path, mistake, example.
    """
    return parse_request(
        raw,
        functions=functions,
        limits=settings.limits(),
        default_strategy=settings.default_strategy,
        default_alias=settings.default_alias,
        analysis={"on_idle": settings.on_idle, "on_hold_expired": settings.on_hold_expired},
    )
