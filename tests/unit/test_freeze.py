"""Which functions a freeze covers, and what is said of it."""

import pytest

from tests.builders import NOON
from tidegate.domain.control.freeze import Freeze, covering, refusal

HOUR = 3600


def a_freeze(pattern: str = "shop-*", until: int = NOON + HOUR, reason: str = "Black Friday") -> Freeze:
    return Freeze(pattern, reason, until, by="ana", since=NOON - HOUR)


@pytest.mark.parametrize(
    ("pattern", "function", "covered"),
    [
        ("*", "checkout", True),
        ("shop-*", "shop-checkout", True),
        ("shop-*", "shop-", True),
        ("shop-*", "a-shop-checkout", False),
        ("shop-*", "Shop-checkout", False),
        ("shop-?", "shop-1", True),
        ("shop-?", "shop-12", False),
        ("checkout", "checkout", True),
        ("checkout", "checkout-2", False),
    ],
)
def test_a_pattern_covers_whole_names_as_iam_reads_them(pattern: str, function: str, covered: bool) -> None:
    assert a_freeze(pattern).covers(function, NOON) is covered


def test_a_freeze_ends_at_its_end() -> None:
    freeze = a_freeze(until=NOON)
    assert freeze.covers("shop-checkout", NOON - 1)
    assert not freeze.covers("shop-checkout", NOON)


def test_one_covered_function_is_enough_and_the_freeze_that_ends_last_counts() -> None:
    short, long = a_freeze("shop-a", NOON + HOUR), a_freeze("shop-*", NOON + 2 * HOUR)
    other = a_freeze("billing", NOON + 3 * HOUR)
    assert covering([short, long, other], ["other", "shop-a"], NOON) == long
    assert covering([short, other], ["other", "shop-b"], NOON) is None
    assert covering([], ["shop-a"], NOON) is None


def test_a_refusal_says_what_is_frozen_why_until_when_by_whom_and_what_to_do() -> None:
    said = refusal(a_freeze(), ["billing", "shop-b", "shop-a", "shop-b"])
    assert said == (
        "shop-a, shop-b may not be released until 2027-01-15T13:00:00Z: Black Friday (frozen as 'shop-*' by ana at "
        "2027-01-15T11:00:00Z). Start the release again after that, or remove the freeze; example: tidegate thaw "
        "'shop-*'"
    )


def test_a_refusal_of_many_functions_stays_short() -> None:
    assert refusal(a_freeze(), [f"shop-{n}" for n in range(100)]).startswith("shop-0, shop-1, shop-10 and 97 more ")


def test_a_freeze_comes_back_from_the_ledger_as_it_was() -> None:
    item = {"pk": "freezes", "sk": "shop-*", "schema": 1, "ttl": NOON + HOUR, **a_freeze().document()}
    assert Freeze.of(item) == a_freeze()
