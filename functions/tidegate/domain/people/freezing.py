"""What a person asks of freezes: to freeze functions, to thaw them, or what is frozen."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from tidegate.domain.people.order import Line, read_object, read_order, refusal
from tidegate.domain.request.fields import Document
from tidegate.domain.request.problems import Problem
from tidegate.domain.schedule import DAY, format_time

LONGEST = 366 * DAY
_PATTERN = re.compile(r"[a-zA-Z0-9_*?-]{1,64}")
SMALLEST = '{"freeze": "shop-*", "reason": "Black Friday", "until": "2026-12-01T08:00:00Z", "by": "ana"}'


def _pattern(text: str) -> str:
    if not _PATTERN.fullmatch(text):
        raise ValueError("is no pattern of names: 1 to 64 letters, digits, -, _, * and ?; * for all functions")
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
    fields = read_object(raw, SMALLEST)
    named = [name for name in FORMS if name in fields]
    if len(named) != 1:
        problem = Problem((), f'needs one of "freeze", "thaw" and "list", not {len(named)} of them')
        raise refusal([problem], SMALLEST)
    form = FORMS[named[0]]
    order = read_order(form, fields, SMALLEST)
    if isinstance(order, ToFreeze) and not now < order.until <= now + LONGEST:
        what = "is over already" if order.until <= now else "is more than a year ahead"
        problem = Problem(("until",), f"{format_time(order.until)} {what}; it is {format_time(now)}")
        raise refusal([problem], SMALLEST, form)
    return order
