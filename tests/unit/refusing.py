"""Requests that are refused, and what is said of them."""

from typing import Any

import pytest

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.parse import parse_request

OPEN = Limits(
    "*",
    "tidegate-",
    allow_code=True,
    allow_configuration=True,
    allow_provision=True,
    roles=("arn:aws:iam::*:role/shop-*",),
)


def problems(raw: object, limits: Limits = OPEN) -> tuple[str, ...]:
    with pytest.raises(InvalidRequest) as refused:
        parse_request(raw, limits=limits)
    assert all("; example: " in problem for problem in refused.value.problems)
    return refused.value.problems


def the_problem(raw: object, limits: Limits = OPEN) -> str:
    found = problems(raw, limits)
    assert len(found) == 1, found
    return found[0]


def of_checkout(**fields: Any) -> dict[str, Any]:
    return {"function": "checkout", **fields}
