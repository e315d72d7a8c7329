"""The judge on users: each counts once a step, with the chance that the percentage gave."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import comb, exp, log

import pytest

from tidegate.domain.judge import UserFailure, UsersJudged, UsersSeen, Verdict, failing_users, far_fewer, judge_users
from tidegate.domain.judge.e_values import GAINS
from tidegate.domain.judge.users import FailingUsers, users_log_e_values

SEEN = [UsersSeen(0.5, 400)]


def failed(user: str, minute: int, *, canary: bool, share: float = 0.5) -> UserFailure:
    return UserFailure(60 * minute + 7, user, canary, share)


def judged(failures: Sequence[UserFailure], *, excess: float = 0.2, alpha: float = 0.05, last: int = 90) -> UsersJudged:
    """Judge after `last` complete minutes."""
    return judge_users(failures, SEEN, last=60 * last, alpha=alpha, excess=excess)


def on_canary(count: int, minutes: int = 5) -> list[UserFailure]:
    return [failed(f"u-{number}", number % minutes, canary=True) for number in range(count)]


def counted(failures: Sequence[UserFailure]) -> list[tuple[int, int, list[float]]]:
    return [(minute.start, minute.canary, minute.chances) for minute in failing_users(failures)]


def test_a_user_counts_once_a_step() -> None:
    again = [failed("ana", minute, canary=False) for minute in (3, 1, 2)]
    assert counted(again) == [(60, 0, [0.5])]


def test_a_user_who_failed_on_stable_counts_again_at_a_larger_share_with_the_rest_of_the_chance() -> None:
    failures = [
        failed("ana", 0, canary=False, share=0.1),
        failed("ana", 1, canary=False, share=0.25),
        failed("ana", 2, canary=True, share=0.5),
    ]
    assert counted(failures) == [
        (0, 0, [0.1]),
        (60, 0, [pytest.approx(0.15 / 0.9)]),
        (120, 1, [pytest.approx(0.25 / 0.75)]),
    ]


def test_a_user_who_failed_on_the_canary_counts_never_again() -> None:
    failures = [failed("ana", 0, canary=True, share=0.1), failed("ana", 1, canary=True, share=0.5)]
    assert counted(failures) == [(0, 1, [0.1])]


def test_a_caller_that_is_behind_is_not_counted() -> None:
    failures = [failed("ana", 0, canary=False, share=0.5), failed("ana", 1, canary=False, share=0.1)]
    assert counted(failures) == [(0, 0, [0.5])]


def test_the_chances_are_those_of_a_draw_for_each_user() -> None:
    """Over all places that two users may have, each factor has expectation 1, with one user failing twice."""
    steps, places = (0.2, 0.6), [(number + 0.5) / 50 for number in range(50)]
    total = 0.0
    for ana, bob in product(places, places):
        failures = [failed("ana", k, canary=ana < share, share=share) for k, share in enumerate(steps)]
        failures.append(failed("bob", 1, canary=bob < steps[1], share=steps[1]))
        logs = [sum(each) for each in zip(*(minute.log_factors() for minute in failing_users(failures)), strict=True)]
        total += sum(map(exp, logs)) / len(logs)
    assert total / len(places) ** 2 == pytest.approx(1)


def test_a_factor_is_the_one_of_the_design() -> None:
    theta, gain = 1 + GAINS[20], GAINS[20]
    factor = theta**2 / ((1 + 0.1 * gain) * (1 + 0.5 * gain) * (1 + 0.3 * gain))
    assert exp(FailingUsers(0, 2, [0.1, 0.5, 0.3]).log_factors()[20]) == pytest.approx(factor)


def test_a_bad_canary_fails_and_the_sentence_counts_its_users() -> None:
    found = judged([*on_canary(16), failed("bob", 3, canary=False)])
    assert found.verdict is Verdict.FAIL
    assert found.log_e_value > log(20)
    assert found.summary.startswith("16 of about 200 users failed on the canary, 1 of about 200 on stable; by chance")
    assert (found.canary_failing, found.stable_failing) == (16, 1)


def test_the_same_user_failing_a_thousand_times_is_no_evidence() -> None:
    failures = [failed("ana", number % 10, canary=True) for number in range(1000)]
    assert judged(failures).verdict is not Verdict.FAIL
    assert judged(failures).canary_failing == 1


def test_evidence_has_to_hold_in_the_next_two_minutes_with_failing_users() -> None:
    burst = [failed(f"u-{number}", 0, canary=True) for number in range(9)]
    assert users_log_e_values(failing_users(burst))[-1] > log(20)
    more = [failed("bob", 1, canary=True), failed("eve", 2, canary=True)]
    assert judged([*burst, *more], last=1).verdict is not Verdict.FAIL
    assert judged([*burst, *more], last=2).verdict is Verdict.FAIL
    against = [failed(f"s-{number}", 2, canary=False) for number in range(12)]
    assert judged([*burst, more[0], *against]).verdict is not Verdict.FAIL


def test_two_quiet_minutes_confirm_evidence_that_one_more_user_on_stable_would_not_undo() -> None:
    few, many = ([failed(f"u-{number}", 0, canary=True) for number in range(count)] for count in (9, 16))
    assert [judged(many, last=last).verdict is Verdict.FAIL for last in (0, 1, 2)] == [False, False, True]
    assert judged(few).verdict is not Verdict.FAIL
    late = [failed(f"s-{number}", 3, canary=False) for number in range(12)]
    assert judged([*many, *late]).verdict is Verdict.FAIL
    early = [failed(f"s-{number}", 2, canary=False) for number in range(12)]
    assert judged([*many, *early]).verdict is not Verdict.FAIL


def test_a_canary_on_which_every_user_of_a_fixed_population_fails_is_found() -> None:
    outage = [failed(f"u-{number}", 0, canary=True) for number in range(2000)]
    seen = [UsersSeen(0.5, 4000)]
    found = [judge_users(outage, seen, last=60 * last, alpha=0.05, excess=1.0) for last in (0, 1, 2)]
    assert [each.verdict for each in found] == [Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE, Verdict.FAIL]
    assert found[-1].log_e_value > 1000
    assert judge_users(outage, seen, last=2 * 60, alpha=0.05, excess=0.0).verdict is Verdict.FAIL, (
        "the difference by users is the size of the effect, too"
    )


def test_a_difference_that_is_too_small_is_no_fail() -> None:
    many = [UsersSeen(0.5, 400_000)]
    found = [judge_users(on_canary(16), many, last=5400, alpha=0.05, excess=excess) for excess in (0.0005, 0.001)]
    assert [each.verdict for each in found] == [Verdict.PASS, Verdict.FAIL]


@pytest.mark.parametrize(
    ("canary", "users", "share", "far"),
    [(0, 10, 0.5, True), (0, 9, 0.5, False), (0, 100, 0.05, False), (70, 100, 0.5, False), (30, 100, 0.5, True)],
)
def test_far_fewer_users_than_the_share_are_no_chance(canary: int, users: int, share: float, *, far: bool) -> None:
    assert far_fewer(canary, users, share) is far
    if far:
        assert sum(comb(users, k) * share**k * (1 - share) ** (users - k) for k in range(canary + 1)) < 0.001


def test_lines_that_are_missing_on_the_canary_are_no_information() -> None:
    whole, half, none = (
        judge_users([], [UsersSeen(0.5, 4000, on_canary)], last=0, alpha=0.05, excess=0.0)
        for on_canary in (2000, 1000, 0)
    )
    assert whole.information == pytest.approx(2 * half.information)
    assert (none.information, none.verdict) == (0.0, Verdict.NO_DATA)


def test_a_regression_that_begins_late_is_found() -> None:
    alike = [failed(f"a-{number}", number, canary=number % 2 == 0) for number in range(60)]
    late = [failed(f"b-{number}", 61 + number % 8, canary=True) for number in range(32)]
    assert judged(alike).verdict is not Verdict.FAIL
    assert judged([*alike, *late]).verdict is Verdict.FAIL


def test_enough_users_are_needed_to_pass() -> None:
    few = judge_users([], [UsersSeen(0.1, 40)], last=0, alpha=0.05, excess=0.0)
    many = judge_users([], [UsersSeen(0.1, 4000), UsersSeen(0.5, 9000)], last=0, alpha=0.05, excess=0.0)
    assert (few.verdict, many.verdict) == (Verdict.INCONCLUSIVE, Verdict.PASS)
    assert few.information < few.needed <= many.information
    assert (many.canary_seen, many.stable_seen) == (4900, 8100)
    assert ["counts once at each" in each.summary for each in (few, many)] == [False, True], (
        "they may be the same people"
    )


def test_nobody_on_the_canary_is_no_data() -> None:
    assert judge_users([], [], last=0, alpha=0.05, excess=0.0).verdict is Verdict.NO_DATA
    assert judge_users([], [UsersSeen(0.0, 50)], last=0, alpha=0.05, excess=0.0).verdict is Verdict.NO_DATA


def test_where_everybody_fails_nobody_is_to_blame() -> None:
    failures = [failed(f"u-{number}", number % 9, canary=number % 2 == 0) for number in range(400)]
    found = judged(failures, excess=0.0)
    assert (found.verdict, found.canary_failing, found.stable_failing) != (Verdict.FAIL, 200, 200)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_is_a_fraction(share: float) -> None:
    with pytest.raises(ValueError, match="share is a fraction"):
        UserFailure(0, "ana", on_canary=True, share=share)


@pytest.mark.parametrize("alpha", [0, 1, float("nan")])
def test_alpha_is_a_chance(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha is a chance"):
        judged([], alpha=alpha)


def test_users_who_stand_for_others_prove_as_one_and_are_less_information() -> None:
    failures = [UserFailure(60 * (number % 9), f"u-{number}", number % 2 == 0, 0.5, 8) for number in range(400)]
    seen = [UsersSeen(0.5, 64_000)]
    found = judge_users(failures, seen, last=5400, alpha=0.05, excess=0.0)
    alone = judge_users([replace(each, stands_for=1) for each in failures], seen, last=5400, alpha=0.05, excess=0.0)
    assert (found.log_e_value, found.failing) == (alone.log_e_value, 3200)
    assert found.information < alone.information, "stable's rate is eight times as high"
    thinned = judge_users(failures, [UsersSeen(0.5, 64_000, told=1 / 8)], last=5400, alpha=0.05, excess=0.0)
    assert thinned.information == pytest.approx(found.information / 8)
    assert judge_users(
        failures, [UsersSeen(0.5, 64_000, told=1 / 1024)], last=5400, alpha=0.05, excess=0.0
    ).verdict is (Verdict.INCONCLUSIVE)
