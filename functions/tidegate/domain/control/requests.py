"""Requests to Decide, Freeze and Recover: validated, refused with the field, the mistake and an example."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.fields import Document, form
from tidegate.domain.request.parse import unusable
from tidegate.domain.request.problems import Problem, path
from tidegate.domain.request.wording import problem_of
from tidegate.domain.schedule import DAY, format_time


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be a non-empty text of one line")
    return text


Line = Annotated[str, Field(max_length=256), AfterValidator(_line)]
Form = TypeVar("Form", bound=Document)


def read_object(raw: object, smallest: str) -> Mapping[str, Any]:
    """Read an order's fields, of any form; `smallest` is a complete example.

    Raises
    ------
    InvalidRequest
        If it is not an object, or contains values that JSON cannot represent.
    """
    problems = list(unusable(raw))
    if problems or not isinstance(raw, Mapping):
        raise refusal(problems or [Problem((), "must be an object")], smallest)
    return raw


def read_order(form: type[Form], raw: Mapping[str, Any], smallest: str) -> Form:
    """Read an order of one form; `smallest` like in `read_object`.

    Raises
    ------
    InvalidRequest
        With every problem: the field's path, the mistake, an example.
    """
    try:
        return form.model_validate(raw)
    except ValidationError as error:
        problems = [_problem(form, each, smallest) for each in error.errors(include_url=False)]
        raise refusal(problems, smallest, form) from None


def refusal(problems: list[Problem], smallest: str, form: type[Document] | None = None) -> InvalidRequest:
    return InvalidRequest(
        [f"{path(each.location)}: {each.text}; example: {_example(each, smallest, form)}" for each in problems]
    )


def _problem(form: type[Document], error: Any, smallest: str) -> Problem:
    if error["type"] == "extra_forbidden":
        return Problem(error["loc"], f"is not a field there; fields: {', '.join(form.model_fields)}", smallest)
    return problem_of(error, short_form=False)


def _example(problem: Problem, smallest: str, form: type[Document] | None) -> str:
    name = problem.location[0] if problem.location else None
    field = form.model_fields.get(str(name)) if form else None
    return f'"{name}": {json.dumps((field.examples or [None])[0])}' if field else problem.example or smallest


SMALLEST_DECISION = (
    '{"release": "checkout-2026-11-22-1", "decision": "abort", "by": "ana", "reason": "orders are missing"}'
)

RELEASE_NAME = r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/]+"
"""Names that Step Functions accepts for executions (API reference, StartExecution)."""


class DecisionRequest(Document):
    """A decision on a release; `by` and `via` are not verified."""

    release: Annotated[str, form(RELEASE_NAME, 80)] = Field(examples=["checkout-2026-11-22-1"])
    decision: Literal["hold", "promote", "abort"] = Field(examples=["promote"])
    by: Line = Field(examples=["ana"])
    reason: Line | None = Field(default=None, examples=["orders are missing"])
    to: Annotated[float, Field(gt=0, le=100)] | None = Field(default=None, examples=[50])
    via: Annotated[Line, Field(max_length=40)] = Field(default="function", examples=["command"])

    def decided(self, now: int, to: float | None) -> Decision:
        return Decision(Kind(self.decision), self.by, self.reason or "", self.via, now, to)


def parse_decision(raw: object) -> DecisionRequest:
    """Read a decision.

    Raises
    ------
    InvalidRequest
        With every problem: the field's path, the mistake, an example.
    """
    order = read_order(DecisionRequest, read_object(raw, SMALLEST_DECISION), SMALLEST_DECISION)
    if order.decision == "abort" and order.reason is None:
        raise refusal(
            [Problem(("reason",), "is missing: give a reason, which is shown with the release")],
            SMALLEST_DECISION,
            DecisionRequest,
        )
    if order.decision != "promote" and order.to is not None:
        raise refusal([Problem(("to",), "is allowed with promote only")], SMALLEST_DECISION, DecisionRequest)
    return order


LONGEST = 366 * DAY
_PATTERN = re.compile(r"[a-zA-Z0-9_*?-]{1,64}")
SMALLEST_FREEZE = '{"freeze": "shop-*", "reason": "Black Friday", "until": "2026-12-01T08:00:00Z", "by": "ana"}'


def _pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text):
        raise ValueError("is not a name pattern: use 1 to 64 letters, digits, -, _, * and ?; * means all functions")
    return text


def _moment(value: object) -> object:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError("is not a time: write it as 2026-12-01T08:00:00Z")
    if moment.tzinfo is None:
        raise ValueError("has no time zone: end it with Z, or with an offset such as +01:00")
    return int(moment.timestamp())


Pattern = Annotated[str, AfterValidator(_pattern)]


class ToFreeze(Document):
    """Refuse new releases of these functions, and hold running ones, until a time (seconds since 1970)."""

    freeze: Pattern = Field(examples=["shop-*"])
    reason: Line = Field(examples=["Black Friday"])
    until: Annotated[int, BeforeValidator(_moment)] = Field(examples=["2026-12-01T08:00:00Z"])
    by: Line = Field(examples=["ana"])


class ToThaw(Document):
    """End the freeze of exactly this pattern."""

    thaw: Pattern = Field(examples=["shop-*"])
    by: Line = Field(examples=["ana"])


class ToList(Document):
    """Only list freezes; every answer contains this list."""

    list: Literal[True] = Field(examples=[True])


FreezeRequest = ToFreeze | ToThaw | ToList
FORMS: dict[str, type[ToFreeze | ToThaw | ToList]] = {"freeze": ToFreeze, "thaw": ToThaw, "list": ToList}


def parse_freeze(raw: object, *, now: int) -> FreezeRequest:
    """Read the order.

    Raises
    ------
    InvalidRequest
        With every problem: the field's path, the mistake, an example.
    """
    fields = read_object(raw, SMALLEST_FREEZE)
    named = [name for name in FORMS if name in fields]
    if len(named) != 1:
        problem = Problem((), f'needs one of "freeze", "thaw" and "list", not {len(named)} of them')
        raise refusal([problem], SMALLEST_FREEZE)
    form = FORMS[named[0]]
    order = read_order(form, fields, SMALLEST_FREEZE)
    if isinstance(order, ToFreeze) and not now < order.until <= now + LONGEST:
        what = "is in the past" if order.until <= now else "is more than a year ahead"
        problem = Problem(("until",), f"{format_time(order.until)} {what}; it is {format_time(now)}")
        raise refusal([problem], SMALLEST_FREEZE, form)
    return order


SMALLEST_HEALED = '{"healed": "checkout:live", "by": "ana"}'


class Healed(Document):
    """`healed` is the alias that somebody (`by`) has put on one version; not verified."""

    healed: Line = Field(examples=["checkout:live"])
    by: Line = Field(examples=["ana"])


def parse_healed(event: Mapping[str, Any]) -> Healed | None:
    """Read a person's event for Recover; None if the event is not from a person.

    Raises
    ------
    InvalidRequest
        With every problem: the field's path, the mistake, an example.
    """
    said = {name: event[name] for name in Healed.model_fields if name in event}
    return read_order(Healed, said, SMALLEST_HEALED) if said else None
