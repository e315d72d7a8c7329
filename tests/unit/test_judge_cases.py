"""What the judge says in cases whose answer is known."""

from math import log

import pytest

from tests.judging import judged, of_errors
from tidegate.domain.judge import Minute, Verdict, step_mde

HEALTHY = Minute(600, 3, 5400, 27)


def test_a_canary_that_fails_every_call_fails_in_its_first_minute() -> None:
    assert judged([Minute(60, 60, 540, 1)]).verdict is Verdict.FAIL


def test_a_canary_that_is_as_good_as_stable_passes_once_enough_is_known() -> None:
    judgement = judged([HEALTHY] * 5)
    assert judgement.verdict is Verdict.PASS
    assert of_errors(judgement).information >= log(20) + 5


def test_a_brown_out_of_both_versions_is_not_blamed_on_the_canary() -> None:
    judgement = judged([HEALTHY, Minute(600, 185, 5400, 1620), HEALTHY], mde=0.1)
    assert judgement.verdict is Verdict.PASS
    assert judgement.log_e_value < 1


def test_a_brown_out_at_a_higher_weight_does_not_make_the_canary_look_worse_in_total() -> None:
    """A pooled comparison would see 20 % against 10 %: the brown-out fell where the canary's weight was high."""
    judgement = judged([Minute(100, 0, 900, 0), Minute(900, 270, 100, 30)])
    assert judgement.verdict is not Verdict.FAIL
    assert judgement.excess == 0


def test_a_fix_for_a_failing_version_is_not_rolled_back() -> None:
    judgement = judged([Minute(600, 0, 5400, 1620)] * 10)
    assert judgement.verdict is not Verdict.FAIL
    assert (judgement.log_e_value, judgement.excess) == (0.0, 0.0)


def test_a_regression_that_starts_late_is_not_diluted_by_the_time_before() -> None:
    judgement = judged([HEALTHY] * 1000 + [Minute(600, 63, 5400, 27)] * 2)
    assert judgement.verdict is Verdict.FAIL
    assert judgement.excess == pytest.approx(0.10, abs=0.01)


def test_a_difference_below_the_smallest_that_matters_does_not_fail() -> None:
    minutes = [Minute(60_000, 90, 540_000, 270)] * 30
    assert judged(minutes, min_effect=0.0005).verdict is Verdict.FAIL
    assert judged(minutes, min_effect=0.002).verdict is Verdict.PASS


def test_a_release_with_many_targets_asks_each_for_stronger_evidence() -> None:
    minutes = [Minute(60, 6, 540, 4)]
    assert judged(minutes, alpha=0.05).verdict is Verdict.FAIL
    assert judged(minutes, alpha=0.05 / 100).verdict is Verdict.INCONCLUSIVE


def test_errors_that_come_in_bursts_weigh_less() -> None:
    minutes = [Minute(600, 12, 5400, 36)]
    plain, bursty = judged(minutes), judged(minutes, dispersion=8)
    assert bursty.log_e_value < plain.log_e_value / 4
    assert of_errors(bursty).information == pytest.approx(of_errors(plain).information / 8)


@pytest.mark.parametrize("weight", [None, 0.5])
def test_a_brown_out_beside_a_shift_is_held_against_the_larger_weight(weight: float | None) -> None:
    """10 % for half a minute, then 50 % with a brown-out: most of what failed fell in the second half."""
    shifted_within = Minute(300, 75, 700, 75, weight=weight)
    verdict = judged([HEALTHY, shifted_within]).verdict
    assert (verdict is Verdict.FAIL) == (weight is None)


def test_a_minute_whose_weight_changed_shows_less_than_one_whose_weight_stood() -> None:
    stood, changed = Minute(100, 0, 900, 2), Minute(100, 0, 900, 2, weight=0.4)
    assert 0 <= of_errors(judged([changed])).information < of_errors(judged([stood])).information


def test_a_stable_version_without_any_error_is_taken_to_fail_once_in_ten_thousand_calls() -> None:
    spotless, nearly = judged([Minute(2000, 0, 10_000, 0)]), judged([Minute(2000, 0, 10_000, 1)])
    assert of_errors(spotless).information == of_errors(nearly).information


def test_too_few_calls_are_inconclusive_and_the_summary_says_how_many_more() -> None:
    judgement = judged([Minute(30, 0, 270, 1)] * 3)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.summary == (
        "errors: on the canary 0 of 90 calls failed (0 %), on stable 3 of 810 (0.37 %), "
        "at most 29 times as often; about 330 more calls on the canary needed to detect 2 points in errors."
    )
    more = judged([Minute(30, 0, 270, 1)] * (3 + 11))
    assert more.verdict is Verdict.PASS


def test_a_failure_says_how_much_worse_and_how_surely() -> None:
    assert judged([Minute(60, 60, 540, 0)]).summary == (
        "errors: since 2027-01-15 12:00 UTC, on the canary 60 of 60 calls failed (100 %), on stable 0 of 540 (0 %): "
        "100 points worse, at least 75 times as often; "
        "chance explains this less than once in 10^58 (limit: once in 20)."
    )


@pytest.mark.parametrize("minutes", [[], [Minute(0, 0, 0, 0)], [Minute(0, 0, 500, 400)] * 30])
def test_a_canary_without_a_call_has_no_data_whatever_stable_does(minutes: list[Minute]) -> None:
    judgement = judged(minutes)
    assert judgement.verdict is Verdict.NO_DATA
    assert "no call" in judgement.summary


def test_versions_that_never_ran_in_the_same_minute_cannot_be_compared() -> None:
    judgement = judged([Minute(5, 5, 0, 0), Minute(0, 0, 9, 0)] * 50)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert of_errors(judgement).information == 0
    assert "no minute yet in which both versions can be compared" in judgement.summary


def test_the_totals_are_those_of_all_minutes() -> None:
    judgement = judged([Minute(5, 1, 0, 0), Minute(7, 2, 9, 3)])
    assert of_errors(judgement).whole == Minute(12, 3, 9, 3)


@pytest.mark.parametrize(
    ("weight", "mde"), [(50, 0.02), (25, 0.04), (10, 0.10), (5, 0.20), (1, 0.20), (90, 0.02 * 50 / 90)]
)
def test_a_step_may_let_slip_what_does_equal_harm_at_its_weight(weight: float, mde: float) -> None:
    assert step_mde(weight) == pytest.approx(mde)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((1, 2, 0, 0), "canary_bad is 2 of only 1"),
        ((0, 0, 4, 5), "stable_bad is 5 of only 4"),
        ((-1, 0, 0, 0), "canary_total is a whole number"),
        ((1.0, 0, 0, 0), "canary_total is a whole number"),
        ((1, True, 0, 0), "canary_bad is a whole number"),
        ((1, 0, 1, 0, 10), "weight is a fraction"),
        ((1, 0, 1, 0, float("nan")), "weight is a fraction"),
    ],
)
def test_impossible_counts_are_refused(counts: tuple[int, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Minute(*counts)


@pytest.mark.parametrize(
    "setting",
    [
        {"alpha": 0},
        {"alpha": 1},
        {"min_effect": -0.1},
        {"min_effect": 2},
        {"dispersion": 0.5},
        {"dispersion": float("inf")},
        {"mde": 0},
        {"mde": float("nan")},
    ],
)
def test_a_setting_out_of_its_range_is_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(setting))):
        judged([HEALTHY], **setting)


def test_a_step_without_weight_has_no_smallest_regression() -> None:
    with pytest.raises(ValueError, match="above 0 %"):
        step_mde(0)
