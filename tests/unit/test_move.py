"""What a release does next, once its targets are judged."""

from dataclasses import replace

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target, a_verdict
from tidegate.domain.analysis.alarms import Change
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Better, Environment, Verdict
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.rollout.next_move import UNDECIDED, Move, MoveKind, next_move
from tidegate.domain.rollout.pauses import Pause
from tidegate.domain.strategy import Step, strategy_named

TWO_STEPS = (Step(5, 3), Step(50, 5))


def decided(plan: ReleasePlan, *verdicts: Verdict, step: int = 0, visible: int = 5, shifted_at: int = NOON) -> Move:
    """Give the move when `visible` minutes of this step can be read."""
    seen = [a_verdict(verdict, target) for verdict, target in zip(verdicts, plan.targets, strict=True)]
    shifts = [a_shift(shifted_at, plan.step(step).weight)]
    return next_move(plan, step, shifts, seen, now=shifted_at + visible * 60 + 90)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_bake_is_never_cut_short_except_by_a_failure(verdict: Verdict) -> None:
    move = decided(a_plan(), verdict, visible=4)
    assert move.kind is (MoveKind.ROLL_BACK if verdict is Verdict.FAIL else MoveKind.BAKE)


def better(target: TargetPlan | None = None, *, verdict: Verdict = Verdict.PASS) -> TargetVerdict:
    """Give a verdict on a version that was shown to be better."""
    judged = a_verdict(verdict, target)
    assert judged.combined
    (errors,) = judged.combined.metrics
    return replace(judged, combined=replace(judged.combined, metrics=(replace(errors, better=Better(9.0, 0.3)),)))


def moved(plan: ReleasePlan, *verdicts: TargetVerdict, visible: int) -> MoveKind:
    shifts = [a_shift(NOON, plan.step(0).weight)]
    return next_move(plan, 0, shifts, verdicts, now=NOON + visible * 60 + 90).kind


def test_a_version_that_was_shown_to_be_better_goes_on_after_one_visible_minute() -> None:
    """Each minute that it waits, the calls stay on the version that fails."""
    plan = a_plan(steps=TWO_STEPS)
    assert [moved(plan, better(), visible=minutes) for minutes in (0, 1)] == [MoveKind.BAKE, MoveKind.SHIFT]


def test_a_better_version_that_lacks_another_metric_keeps_its_bake() -> None:
    assert moved(a_plan(steps=TWO_STEPS), better(verdict=Verdict.INCONCLUSIVE), visible=2) is MoveKind.BAKE


def test_a_bake_is_cut_short_only_where_every_target_is_better() -> None:
    one, other = a_target("basket"), a_target("checkout")
    plan = a_plan(one, other, steps=TWO_STEPS)
    assert moved(plan, better(one), a_verdict(Verdict.PASS, other), visible=2) is MoveKind.BAKE
    assert moved(plan, better(one), better(other), visible=2) is MoveKind.SHIFT


def test_a_strategy_that_keeps_a_schedule_keeps_it_for_a_better_version_too() -> None:
    plan = a_plan(strategy=strategy_named("canary-10-5m"))
    assert [moved(plan, better(), visible=minutes) for minutes in (4, 5)] == [MoveKind.BAKE, MoveKind.FINISH]


def test_a_failure_is_acted_on_at_the_next_tick() -> None:
    move = decided(a_plan(), Verdict.FAIL, visible=1)
    assert move.reason == (
        "VersionFailed",
        "checkout:live: 10 % on 43: 3 of 812 failed, 42: 4 of 7310; fail. As it is.",
    )


def test_every_target_that_failed_is_named() -> None:
    plan = a_plan(a_target("basket"), a_target("checkout"), a_target("search"))
    move = decided(plan, Verdict.FAIL, Verdict.PASS, Verdict.FAIL)
    assert move.reason is not None
    assert "basket:live" in move.reason[1]
    assert "search:live" in move.reason[1]
    assert "checkout:live" not in move.reason[1]


def test_a_pass_goes_on_to_the_next_step() -> None:
    assert decided(a_plan(steps=TWO_STEPS), Verdict.PASS, visible=3) == Move(MoveKind.SHIFT, 1)


def test_a_pass_of_the_last_step_finishes() -> None:
    assert decided(a_plan(steps=TWO_STEPS), Verdict.PASS, step=1).kind is MoveKind.FINISH


def test_a_fail_that_the_next_tick_must_confirm_stays_where_it_is() -> None:
    """No schedule, idle target or end of a hold promotes a version whose failures only wait to be confirmed."""
    plan = replace(
        a_plan(a_target(idle=True), max_bake_minutes=0, max_hold_minutes=0),
        on_inconclusive="promote",
        on_idle="promote",
        on_hold_expired="promote",
    )
    found = a_verdict(Verdict.INCONCLUSIVE, plan.targets[0])
    assert found.combined
    assert moved(plan, found, visible=30) is MoveKind.FINISH
    found = replace(found, combined=replace(found.combined, unconfirmed=True))
    assert moved(plan, found, visible=30) is MoveKind.BAKE
    assert next_move(plan, 0, [a_shift(NOON, 10)], [found], now=plan.deadline).kind is MoveKind.ROLL_BACK


def test_all_targets_wait_for_the_one_that_is_undecided() -> None:
    plan = a_plan(a_target("basket"), a_target("checkout"))
    assert decided(plan, Verdict.PASS, Verdict.INCONCLUSIVE).kind is MoveKind.BAKE


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.NO_DATA])
def test_want_of_information_bakes_on_up_to_max_bake(verdict: Verdict) -> None:
    assert decided(a_plan(max_bake_minutes=15), verdict, visible=14) == Move(MoveKind.BAKE, 0)


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.NO_DATA])
def test_after_that_it_holds_and_goes_on_being_judged(verdict: Verdict) -> None:
    plan = a_plan(max_bake_minutes=15)
    assert decided(plan, verdict, visible=15) == Move(MoveKind.BAKE, 0, held=UNDECIDED)
    assert decided(plan, Verdict.PASS, visible=40).kind is MoveKind.FINISH
    assert decided(plan, Verdict.FAIL, visible=40).kind is MoveKind.ROLL_BACK


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.NO_DATA])
def test_or_promotes_if_the_request_says_so(verdict: Verdict) -> None:
    plan = a_plan(max_bake_minutes=0, on_inconclusive="promote", steps=TWO_STEPS)
    assert decided(plan, verdict, visible=3) == Move(MoveKind.SHIFT, 1)
    assert decided(plan, verdict, visible=5, step=1).kind is MoveKind.FINISH


def test_or_rolls_back_if_the_request_says_so() -> None:
    move = decided(a_plan(on_inconclusive="rollback"), Verdict.INCONCLUSIVE, visible=15)
    assert move.kind is MoveKind.ROLL_BACK
    assert move.reason == (
        "Inconclusive",
        "After 15 minutes still inconclusive: 10 % on 43: 3 of 812 failed, 42: 4 of 7310; inconclusive.",
    )


def test_a_hold_ends_when_its_time_is_up() -> None:
    plan = a_plan(max_bake_minutes=15, max_hold_minutes=60)
    assert decided(plan, Verdict.NO_DATA, visible=74).held
    move = decided(plan, Verdict.NO_DATA, visible=75)
    assert move.reason is not None
    assert move.reason[0] == "HoldExpired"
    assert "60 minutes" in move.reason[1]


def test_or_goes_on_then_if_the_request_says_so_and_holds_no_more() -> None:
    """The hold is one for the whole release: that is what its deadline has room for."""
    plan = a_plan(steps=TWO_STEPS, max_bake_minutes=15, max_hold_minutes=60, on_hold_expired="promote")
    assert decided(plan, Verdict.NO_DATA, visible=74).held
    assert decided(plan, Verdict.NO_DATA, visible=75) == Move(MoveKind.SHIFT, 1)
    shifted_at = NOON + (15 + 60 + 2) * 60
    shifts = [a_shift(NOON, 5), a_shift(shifted_at, 50)]
    move = {
        after: next_move(plan, 1, shifts, [a_verdict(Verdict.NO_DATA)], now=shifted_at + after * 60 + 90)
        for after in (14, 15)
    }
    assert (move[14].kind, move[15].kind) == (MoveKind.BAKE, MoveKind.FINISH)
    assert shifted_at + 15 * 60 < plan.deadline


def test_a_hold_that_an_earlier_step_used_up_rolls_back_at_the_next() -> None:
    plan = a_plan(steps=TWO_STEPS, max_bake_minutes=15, max_hold_minutes=60)
    shifts = [a_shift(NOON, 5), a_shift(NOON + 47 * 60, 50)]
    after = {
        m: next_move(plan, 1, shifts, [a_verdict(Verdict.NO_DATA)], now=NOON + (47 + m) * 60 + 90) for m in (44, 45)
    }
    assert after[44].held
    assert after[45].reason is not None
    assert after[45].reason[0] == "HoldExpired"


def test_a_step_that_a_promotion_left_out_lends_its_patience_to_no_other() -> None:
    """From 5 % to 50 %, where it was held for half an hour; the bake of an hour at 25 % never was."""
    plan = a_plan(steps=(Step(5, 3), Step(25, 60), Step(50, 3), Step(75, 3)), max_bake_minutes=15, max_hold_minutes=60)
    shifts = [a_shift(NOON, 5), a_shift(NOON + 5 * 60, 50), a_shift(NOON + 52 * 60, 75)]
    after = {
        m: next_move(plan, 3, shifts, [a_verdict(Verdict.NO_DATA)], now=NOON + (52 + m) * 60 + 90) for m in (44, 45)
    }
    assert after[44].held
    assert (after[45].reason or ("",))[0] == "HoldExpired"


def test_a_freeze_at_an_earlier_step_uses_up_no_hold() -> None:
    plan = a_plan(steps=TWO_STEPS, max_bake_minutes=15, max_hold_minutes=60)
    shifts = [a_shift(NOON, 5), a_shift(NOON + 47 * 60, 50)]
    frozen = Pause(NOON + 5 * 60, NOON + 35 * 60)
    now = NOON + (47 + 45) * 60 + 90
    assert next_move(plan, 1, shifts, [a_verdict(Verdict.NO_DATA)], now=now, pauses=[frozen]).held


def test_a_hold_over_what_cannot_be_read_never_goes_on() -> None:
    plan = a_plan(max_bake_minutes=15, max_hold_minutes=60, on_hold_expired="promote")
    blind = [a_verdict(Verdict.NO_DATA, problem="AccessDenied")]
    move = next_move(plan, 0, [a_shift(NOON, 10)], blind, now=NOON + 75 * 60 + 90)
    assert move.reason is not None
    assert move.reason[0] == "HoldExpired"


def test_a_bake_longer_than_max_bake_is_kept_whole() -> None:
    plan = a_plan(steps=(Step(10, 30),), max_bake_minutes=15)
    assert not decided(plan, Verdict.INCONCLUSIVE, visible=29).held
    assert decided(plan, Verdict.INCONCLUSIVE, visible=30).held


def test_a_release_past_its_deadline_is_undone_even_if_all_is_well() -> None:
    move = decided(a_plan(deadline=NOON + 600), Verdict.PASS, visible=9)
    assert move.reason is not None
    assert move.reason[0] == "DeadlinePassed"
    assert "2027-01-15T12:10:00Z" in move.reason[1]


def test_a_failure_is_named_rather_than_the_deadline() -> None:
    move = decided(a_plan(deadline=NOON), Verdict.FAIL)
    assert move.reason is not None
    assert move.reason[0] == "VersionFailed"


def test_a_release_never_goes_on_over_metrics_that_cannot_be_read() -> None:
    plan = a_plan(on_inconclusive="promote", max_bake_minutes=0)
    blind = [a_verdict(Verdict.NO_DATA, problem="AccessDenied")]
    shifts = [a_shift(NOON, 10)]
    minute = {after: next_move(plan, 0, shifts, blind, now=NOON + after * 60 + 90) for after in (5, 19, 20)}
    assert [minute[after].kind for after in (5, 19, 20)] == [MoveKind.BAKE, MoveKind.BAKE, MoveKind.ROLL_BACK]
    assert minute[20].reason == ("EvidenceUnreadable", "CloudWatch could not be read: checkout:live: AccessDenied.")


def test_the_weights_stay_while_both_versions_are_much_worse_than_before() -> None:
    """Also where all seems well, or the request would promote: what is seen in a brown-out says little."""
    worse = Environment(worse=True, summary="Both are worse.")
    troubled = [replace(a_verdict(verdict), environment=worse) for verdict in (Verdict.PASS, Verdict.INCONCLUSIVE)]
    plan = a_plan(on_inconclusive="promote", max_bake_minutes=0)
    for verdict in troubled:
        move = next_move(plan, 0, [a_shift(NOON, 10)], [verdict], now=NOON + 3600)
        assert (move.kind, move.held) == (
            MoveKind.BAKE,
            "held at this weight while both versions are much worse than before",
        )
        late = next_move(plan, 0, [a_shift(NOON, 10)], [verdict], now=plan.deadline)
        assert late.reason is not None
        assert "Both are worse." in late.reason[1]


def test_five_ticks_without_evidence_hold_the_release_and_say_why() -> None:
    blind = [a_verdict(Verdict.NO_DATA, problem="the answer was incomplete")]
    shifts = [a_shift(NOON, 10)]
    said = [next_move(a_plan(), 0, shifts, blind, now=NOON + 200, unreadable=ticks).held for ticks in (4, 5)]
    assert said == [
        "",
        "held at this weight: the evidence could not be read at 5 ticks in a row (the answer was incomplete)",
    ]


def test_an_alarm_that_turned_red_turns_the_release_back() -> None:
    red = [Change("orders-stopped", NOON + 90, "OK", "ALARM")]
    move = next_move(a_plan(), 0, [a_shift(NOON, 10)], [a_verdict(Verdict.PASS)], now=NOON + 200, red=red)
    assert move.reason == (
        "AlarmRaised",
        "At 10 % alarm orders-stopped went from OK to ALARM at 2027-01-15T12:01:30Z.",
    )


def test_a_sentence_tells_of_a_few_targets_and_counts_the_others() -> None:
    plan = a_plan(*(a_target(f"function-{number}") for number in range(100)))
    move = decided(plan, *[Verdict.FAIL] * 100)
    assert move.reason is not None
    assert len(move.reason[1]) < 1000
    assert move.reason[1].endswith("; and 97 more")
