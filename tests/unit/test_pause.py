"""The time in which a release is frozen counts against none of its limits."""

import pytest

from tests.builders import NOON, a_plan, a_shift, a_verdict
from tidegate.domain.judge import Verdict
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.next_move import UNDECIDED, Move, MoveKind, next_move
from tidegate.domain.rollout.pauses import Pause, brought_up_to, latest_look, lengthened, next_look, paused_seconds
from tidegate.domain.schedule import DAY, MINUTE, next_tick

HOUR = 60 * MINUTE
THEN = NOON + HOUR


def test_a_pause_begins_with_the_tick_that_finds_a_freeze_and_ends_with_it() -> None:
    pauses = brought_up_to(NOON, (), THEN)
    assert pauses == (Pause(NOON, THEN),)
    assert brought_up_to(NOON + MINUTE, pauses, THEN) == pauses
    assert brought_up_to(THEN + MINUTE, pauses, None) == pauses


def test_thawing_ends_a_pause_early_and_freezing_again_moves_its_end() -> None:
    pauses = (Pause(NOON, THEN),)
    assert brought_up_to(NOON + MINUTE, pauses, None) == (Pause(NOON, NOON + MINUTE),)
    assert brought_up_to(NOON + MINUTE, pauses, THEN + HOUR) == (Pause(NOON, THEN + HOUR),)


def test_a_second_freeze_is_a_pause_of_its_own() -> None:
    pauses = brought_up_to(THEN + HOUR, (Pause(NOON, THEN),), THEN + 2 * HOUR)
    assert pauses == (Pause(NOON, THEN), Pause(THEN + HOUR, THEN + 2 * HOUR))
    assert paused_seconds(pauses, now=THEN + HOUR + MINUTE) == HOUR + MINUTE
    assert paused_seconds(pauses, since=THEN, now=THEN + HOUR + MINUTE) == MINUTE


def test_what_was_left_when_a_freeze_began_is_left_at_its_end() -> None:
    assert lengthened(NOON + 10 * MINUTE, [Pause(NOON, THEN)]) == THEN + 10 * MINUTE


def moved(plan: ReleasePlan, verdict: Verdict, now: int, *pauses: Pause) -> Move:
    return next_move(plan, 0, [a_shift(NOON, 10)], [a_verdict(verdict)], now=now, pauses=pauses)


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.NO_DATA])
def test_a_frozen_release_stays_where_it_is_even_past_its_deadline(verdict: Verdict) -> None:
    plan = a_plan(deadline=NOON + 30 * MINUTE, on_inconclusive="promote")
    assert moved(plan, verdict, THEN - MINUTE, Pause(NOON, THEN)) == Move(MoveKind.BAKE, 0)


def test_a_frozen_release_whose_version_fails_is_rolled_back_at_once() -> None:
    move = moved(a_plan(), Verdict.FAIL, NOON + 3 * MINUTE, Pause(NOON, THEN))
    assert (move.kind, (move.reason or ("",))[0]) == (MoveKind.ROLL_BACK, "VersionFailed")


def test_a_version_that_passed_meanwhile_goes_on_once_it_is_thawed() -> None:
    assert moved(a_plan(), Verdict.PASS, THEN, Pause(NOON, THEN)).kind is MoveKind.FINISH


def test_the_deadline_of_a_thawed_release_is_later_by_the_pause() -> None:
    plan = a_plan(deadline=NOON + 30 * MINUTE, max_bake_minutes=1000)
    pause = Pause(NOON + 10 * MINUTE, THEN)
    assert moved(plan, Verdict.INCONCLUSIVE, THEN + 19 * MINUTE, pause).kind is MoveKind.BAKE
    move = moved(plan, Verdict.INCONCLUSIVE, THEN + 20 * MINUTE, pause)
    assert move.reason == ("DeadlinePassed", "The release had to end by 2027-01-15T13:20:00Z but was still at 10 %.")


@pytest.mark.parametrize(("minutes", "held"), [(14, False), (17, True)])
def test_max_bake_goes_on_where_it_was_when_the_freeze_came(minutes: int, held: bool) -> None:
    """The plan bakes for fifteen minutes at most; ten of them were over."""
    pause = Pause(NOON + 10 * MINUTE, THEN)
    now = THEN + (minutes - 10) * MINUTE
    assert moved(a_plan(max_bake_minutes=15), Verdict.INCONCLUSIVE, now, pause).held == (UNDECIDED if held else "")


def test_a_hold_goes_on_where_it_was_when_the_freeze_came() -> None:
    plan = a_plan(max_bake_minutes=15, max_hold_minutes=60)
    pause = Pause(NOON + 30 * MINUTE, NOON + DAY)
    assert moved(plan, Verdict.INCONCLUSIVE, NOON + DAY + 44 * MINUTE, pause).kind is MoveKind.BAKE
    move = moved(plan, Verdict.INCONCLUSIVE, NOON + DAY + 47 * MINUTE, pause)
    assert (move.reason or ("",))[0] == "HoldExpired"


def test_a_pause_before_the_last_shift_does_not_lengthen_this_step() -> None:
    before = Pause(NOON - HOUR, NOON - MINUTE)
    assert moved(a_plan(max_bake_minutes=15), Verdict.INCONCLUSIVE, NOON + 18 * MINUTE, before).held


def test_a_frozen_release_is_looked_at_ever_more_seldom_and_when_the_freeze_ends() -> None:
    pause = Pause(NOON + 30, NOON + 7 * DAY)
    waits = [next_look(now, NOON, [pause]) - now for now in (NOON + 30, NOON + 2 * HOUR + 30, NOON + 2 * DAY + 30)]
    assert waits == [MINUTE, 5 * MINUTE, 30 * MINUTE]
    assert next_look(NOON + 7 * DAY - 90, NOON, [pause]) == NOON + 7 * DAY + 30


@pytest.mark.parametrize("until", [NOON + 1, NOON + 29, NOON + 30, NOON + 31, NOON + 59, NOON + 60])
def test_the_look_at_the_end_of_a_freeze_is_the_first_tick_that_finds_it_over(until: int) -> None:
    look = next_look(NOON, NOON - HOUR, [Pause(NOON - HOUR, until)])
    assert look % MINUTE == MINUTE // 2
    assert until <= look < until + MINUTE


def test_after_a_freeze_ticks_are_as_close_as_if_it_had_not_been() -> None:
    later = NOON + 3 * DAY
    assert next_look(later, NOON, [Pause(NOON + HOUR, later - HOUR)]) - later <= MINUTE + 30
    assert next_tick(later, NOON) - later > 4 * MINUTE


def test_two_weeks_of_freeze_fit_into_what_the_history_of_an_execution_can_take() -> None:
    """Nine events a tick, of 25,000; two days of the release's own holding leave some for the rest."""
    now, looks = NOON, 0
    while now < NOON + 14 * DAY:
        now, looks = next_look(now, NOON, [Pause(NOON, NOON + 20 * DAY)]), looks + 1
    own = DAY // MINUTE + DAY // (5 * MINUTE)
    assert (looks + own) * 9 < 25_000


def test_a_decision_is_promised_a_look_that_comes_indeed() -> None:
    """Wherever between two looks somebody decides, and also where a shift comes first."""
    for pauses in ([], [Pause(NOON + DAY, NOON + 9 * DAY)]):
        for look in range(NOON + 30, NOON + 4 * DAY, 7 * HOUR):
            following = next_look(look, NOON, pauses)
            for decided in {look + 1, (look + following) // 2, following - 1}:
                assert (latest_look(decided, NOON, pauses) or 0) >= following
            shifted = look + MINUTE // 2
            assert (latest_look(look + 1, NOON, pauses) or 0) >= next_look(shifted, NOON, pauses)


def test_before_any_traffic_the_look_comes_when_the_versions_are_ready_or_while_it_waits_for_an_answer() -> None:
    assert latest_look(NOON, None, []) is None
    assert latest_look(NOON, None, [Pause(NOON - HOUR, NOON)]) is None
    assert latest_look(NOON, None, [Pause(NOON - 2 * HOUR, NOON + HOUR)]) == NOON + 6 * MINUTE - 30
