"""What a person asks of freezes: read, or refused with the path, what was wrong and an example."""

from typing import Any

import pytest

from tests.builders import NOON
from tidegate.domain.control.requests import ToFreeze, ToList, ToThaw, parse_freeze
from tidegate.domain.errors import InvalidRequest

FREEZE: dict[str, Any] = {"freeze": "shop-*", "reason": "Black Friday", "until": "2027-01-15T13:00:00Z", "by": "ana"}


def test_the_three_forms_are_read() -> None:
    assert parse_freeze(FREEZE, now=NOON) == ToFreeze.model_construct(**{**FREEZE, "until": NOON + 3600})
    assert parse_freeze({"thaw": "*", "by": "ana"}, now=NOON) == ToThaw(thaw="*", by="ana")
    assert parse_freeze({"list": True}, now=NOON) == ToList(list=True)


@pytest.mark.parametrize("until", ["2027-01-15T14:00:00+01:00", "2027-01-15T13:00:00.25Z", "20270115T130000Z"])
def test_an_end_may_be_written_in_any_time_zone(until: str) -> None:
    order = parse_freeze({**FREEZE, "until": until}, now=NOON)
    assert isinstance(order, ToFreeze)
    assert order.until == NOON + 3600


@pytest.mark.parametrize(
    ("raw", "path", "words"),
    [
        ("shop-*", "request", "must be an object"),
        ({}, "request", 'one of "freeze", "thaw" and "list", not 0'),
        ({**FREEZE, "thaw": "shop-*"}, "request", "not 2"),
        ({"list": False}, "list", "True"),
        ({"list": True, "by": "ana"}, "by", "not a field there; fields: list"),
        ({**FREEZE, "reason": None}, "reason", "must be a string"),
        ({**FREEZE, "reason": " "}, "reason", "must be a non-empty text"),
        ({**FREEZE, "reason": "two\nlines"}, "reason", "of one line"),
        ({**FREEZE, "reason": "x" * 257}, "reason", "longer than 256"),
        ({**FREEZE, "reason": "\ud800"}, "reason", "surrogate"),
        ({**FREEZE, "by": ""}, "by", "must be a non-empty text"),
        ({**FREEZE, "freeze": "shop/*"}, "freeze", "not a name pattern"),
        ({**FREEZE, "freeze": ""}, "freeze", "not a name pattern"),
        ({**FREEZE, "freeze": "x" * 65}, "freeze", "not a name pattern"),
        ({**FREEZE, "freeze": ["shop-*"]}, "freeze", "must be a string"),
        ({**FREEZE, "until": "tomorrow"}, "until", "is not a time"),
        ({**FREEZE, "until": 1_800_018_000}, "until", "is not a time"),
        ({**FREEZE, "until": "2027-01-15T13:00:00"}, "until", "has no time zone"),
        ({**FREEZE, "until": "2027-01-15"}, "until", "has no time zone"),
        ({**FREEZE, "until": "2027-01-15T12:00:00Z"}, "until", "is in the past"),
        ({**FREEZE, "until": "2206-12-01T08:00:00Z"}, "until", "more than a year ahead"),
        ({**FREEZE, "untill": "2027-01-15T13:00:00Z"}, "untill", "fields: freeze, reason, until, by"),
        ({"thaw": "shop-*"}, "by", "is missing"),
        ({"thaw": "a b", "by": "ana"}, "thaw", "not a name pattern"),
        *[({k: v for k, v in FREEZE.items() if k != name}, name, "is missing") for name in ("reason", "until", "by")],
    ],
)
def test_a_mistake_is_answered_with_its_path_what_was_wrong_and_an_example(raw: Any, path: str, words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_freeze(raw, now=NOON)
    (problem,) = refused.value.problems
    assert problem.startswith(f"{path}: ")
    assert words in problem
    assert "; example: " in problem


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_freeze({"freeze": "a b", "until": "soon", "by": "ana"}, now=NOON)
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["freeze", "reason", "until"]
