"""What a person asks of freezes: to freeze functions, to thaw them, or what is frozen."""

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.fields import Document
from tidegate.domain.request.plain import unusable
from tidegate.domain.request.problems import Problem, path, problem_of
from tidegate.domain.schedule import DAY, format_time

LONGEST = 366 * DAY
_PATTERN = re.compile(r"[a-zA-Z0-9_*?-]{1,64}")
SMALLEST = '{"freeze": "shop-*", "reason": "Black Friday", "until": "2026-12-01T08:00:00Z", "by": "ana"}'


def _pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text):
        raise ValueError("is no pattern of names: 1 to 64 letters, digits, -, _, * and ?; * for all functions")
    return text


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("has to say something, in one line")
    return text


def _moment(value: object) -> object:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError("is no time: write it as 2026-12-01T08:00:00Z")
    if moment.tzinfo is None:
        raise ValueError("has no time zone: end it with Z, or with an offset such as +01:00")
    return int(moment.timestamp())


Pattern = Annotated[str, AfterValidator(_pattern)]
Line = Annotated[str, Field(max_length=256), AfterValidator(_line)]


class ToFreeze(Document):
    """Refuse new releases of these functions, and hold running ones, until a moment (seconds since 1970)."""

    freeze: Pattern = Field(examples=["shop-*"])
    reason: Line = Field(examples=["Black Friday"])
    until: Annotated[int, BeforeValidator(_moment)] = Field(examples=["2026-12-01T08:00:00Z"])
    by: Line = Field(examples=["ana"])


class ToThaw(Document):
    """End the freeze of this very pattern."""

    thaw: Pattern = Field(examples=["shop-*"])
    by: Line = Field(examples=["ana"])


class ToList(Document):
    """Only say what is frozen, which every answer does."""

    list: Literal[True] = Field(examples=[True])


Order = ToFreeze | ToThaw | ToList
FORMS: dict[str, type[ToFreeze | ToThaw | ToList]] = {"freeze": ToFreeze, "thaw": ToThaw, "list": ToList}


def parse_order(raw: object, *, now: int) -> Order:
    """Read what is asked for.

    Raises
    ------
    InvalidRequest
        With every problem found: the field's path, what was wrong, an example.
    """
    problems = list(unusable(raw))
    if problems or not isinstance(raw, dict):
        raise _refusal(problems or [Problem((), "has to be an object")])
    named = [name for name in FORMS if name in raw]
    if len(named) != 1:
        raise _refusal([Problem((), f'needs one of "freeze", "thaw" and "list", not {len(named)} of them')])
    form = FORMS[named[0]]
    try:
        order = form.model_validate(raw)
    except ValidationError as error:
        raise _refusal([_problem(form, each) for each in error.errors(include_url=False)], form) from None
    if isinstance(order, ToFreeze) and not now < order.until <= now + LONGEST:
        what = "is over already" if order.until <= now else "is more than a year ahead"
        raise _refusal([Problem(("until",), f"{format_time(order.until)} {what}; it is {format_time(now)}")], form)
    return order


def _problem(form: type[Document], error: Any) -> Problem:
    if error["type"] == "extra_forbidden":
        return Problem(error["loc"], f"is no field there; there are: {', '.join(form.model_fields)}", SMALLEST)
    return problem_of(error, short_form=False)


def _refusal(problems: list[Problem], form: type[Document] | None = None) -> InvalidRequest:
    return InvalidRequest([f"{path(each.location)}: {each.text}; example: {_example(each, form)}" for each in problems])


def _example(problem: Problem, form: type[Document] | None) -> str:
    name = problem.location[0] if problem.location else None
    field = form.model_fields.get(str(name)) if form else None
    return f'"{name}": {json.dumps((field.examples or [None])[0])}' if field else SMALLEST
