"""From how many bad calls on a minute would have failed the canary, against the judge itself."""

from dataclasses import replace
from math import exp, log
from random import Random
from typing import Any

import pytest

from tests.judging import judged
from tidegate.domain.judge import Minute, Verdict, failing_from

ALPHA = 0.05


def busy(seed: int, *, minutes: int = 12, calls: int = 400, weight: float = 0.1, bad: float = 0.01) -> list[Minute]:
    """Give minutes in which both versions fail alike, one of them silent, one only half seen."""
    random = Random(seed)

    def bad_of(total: int) -> int:
        return sum(random.random() < bad for _ in range(total))

    canary = round(calls * weight)
    found = [Minute(canary, bad_of(canary), calls - canary, bad_of(calls - canary)) for _ in range(minutes)]
    found[3] = Minute(0, 0, calls, bad_of(calls))
    found[5] = replace(found[5], weight=0.5)
    return found


def fails(minutes: list[Minute], bad: int, **settings: Any) -> bool:
    changed = [*minutes[:-1], replace(minutes[-1], canary_bad=bad)]
    return judged(changed, alpha=ALPHA, **settings).verdict is Verdict.FAIL


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({"min_effect": 0.001}, {}),
        ({"min_effect": 0.001, "dispersion": 3.5}, {"weight": 0.5}),
        ({"min_effect": 0.2}, {"weight": 0.5, "calls": 3000}),
        ({"min_effect": 0.2, "forgiven": 5}, {"weight": 0.1, "calls": 300}),
        ({"min_effect": 0.001}, {"bad": 0.0}),
        ({"min_effect": 0.01}, {"bad": 0.3, "weight": 0.5, "calls": 100}),
    ],
)
def test_with_so_many_the_judge_fails_it_and_with_one_less_it_does_not(
    seed: int, settings: dict[str, Any], shape: dict[str, Any]
) -> None:
    minutes = busy(seed, **shape)
    found = failing_from(minutes, limit=log(1 / ALPHA), **settings)
    assert any(found)
    for place, fewest in enumerate(found):
        until = minutes[: place + 1]
        if fewest is None:
            most = until[-1].canary_total
            assert not until[-1].comparable or not fails(until, most, **settings)
            continue
        assert fails(until, fewest, **settings)
        assert fewest == 0 or not fails(until, fewest - 1, **settings)


def test_a_minute_in_which_one_version_did_not_run_fails_nobody() -> None:
    assert failing_from([Minute(0, 0, 10, 5), Minute(10, 0, 0, 0)], limit=1.0, min_effect=0.001) == [None, None]


def test_where_all_calls_together_are_too_few_there_is_no_number() -> None:
    assert failing_from([Minute(1, 0, 1, 0)], limit=log(1e9), min_effect=0.001) == [None]


def test_a_limit_below_what_nothing_is_worth_is_reached_by_the_least_that_matters() -> None:
    (found,) = failing_from([Minute(100, 0, 100, 0)], limit=log(exp(0) / 2), min_effect=0.05)
    assert found == 5
