"""What a verdict waits for, how people end a hold, and the notice before it expires."""

from dataclasses import replace

import pytest

from tests.builders import NOON, a_plan, a_reading, a_shift, a_target, a_verdict, by_start
from tidegate.domain.analysis import waiting
from tidegate.domain.analysis.baseline import UNKNOWN
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.control.decision import Decision, Decisions, Kind
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.judge import Minute, Verdict
from tidegate.domain.metric import PlannedMetric
from tidegate.domain.rollout.holds import held_by, how_to_end, must_tell, notice, until
from tidegate.domain.rollout.next_move import UNDECIDED, Move, MoveKind, next_move
from tidegate.domain.rollout.overrides import steered
from tidegate.domain.rollout.pauses import Expiry
from tidegate.domain.strategy import Step

ERRORS_ONLY = (PlannedMetric("errors"),)
HOUR = 3600
FREEZE = Freeze("shop-*", "Black Friday", NOON + 86_400, "ana", NOON)


def summary(*minutes: Minute, steps: tuple[tuple[int, float], ...] = ((NOON, 10),)) -> str:
    """Give the line of a tick that sees these minutes; `steps` are the weights from each moment on."""
    plan = a_plan(metrics=ERRORS_ONLY)
    shifts = [a_shift(at, weight) for at, weight in steps]
    now = NOON + len(minutes) * 60 + 90
    reading = a_reading(by_start(*minutes))
    return Comparison(plan, a_target(), reading, UNKNOWN, shifts, now).judge().summary(shifts[-1].weight)


def test_an_inconclusive_verdict_says_how_many_calls_it_waits_for_and_how_long_that_takes() -> None:
    line = summary(*[Minute(10, 0, 90, 0)] * 3)
    assert line == (
        "10 % on 43: 0 of 30 failed, 42: 0 of 270; inconclusive: about 6 more calls on the canary, "
        "~1 min at this traffic"
    )


def test_the_time_is_that_of_the_calls_at_the_present_weight() -> None:
    minutes = [*[Minute(10, 0, 90, 0)] * 2, *[Minute(1, 0, 9, 0)] * 2]
    assert summary(*minutes, steps=((NOON, 10), (NOON + 120, 11))).endswith(
        "more calls on the canary, ~18 min at this traffic"
    )


def test_without_calls_at_this_weight_there_is_no_time_and_no_data_does_not_stand_beside_numbers() -> None:
    minutes = [*[Minute(10, 0, 90, 0)] * 2, *[Minute(0, 0, 9, 0)] * 2]
    line = summary(*minutes, steps=((NOON, 10), (NOON + 120, 25)))
    assert line == "25 % on 43: 0 of 20 failed, 42: 0 of 198; no call on the canary at 25 % yet"
    assert "no data" not in summary(Minute(0, 0, 9, 0))


def test_where_nothing_was_called_no_view_has_counts() -> None:
    found = Comparison(a_plan(metrics=ERRORS_ONLY), a_target(), a_reading({}), UNKNOWN, [a_shift(NOON, 5)], NOON + 150)
    assert found.judge().summary(5) == "5 % on 43: no call on the canary at 5 % yet"
    assert found.judge().explanation() == "There is no call of either version yet."
    assert "canary" not in found.judge().document()


def test_versions_that_were_not_called_in_one_minute_are_waited_for() -> None:
    assert summary(Minute(3, 0, 0, 0)).endswith("inconclusive: no minute yet in which both versions were called")


def test_a_pass_and_a_fail_wait_for_nothing() -> None:
    assert summary(*[Minute(100, 0, 900, 0)] * 5).endswith("; pass")
    assert summary(*[Minute(100, 90, 900, 0)] * 5).endswith("; fail")


@pytest.mark.parametrize(
    ("move", "freeze", "said"),
    [
        (
            Move(MoveKind.BAKE, 0, held=UNDECIDED),
            None,
            "To end the hold: tidegate promote r-1, or tidegate abort r-1 --reason TEXT",
        ),
        (
            Move(MoveKind.BAKE, 0, held=held_by(FREEZE)),
            FREEZE,
            "To end the hold: tidegate thaw 'shop-*', or tidegate abort r-1 --reason TEXT",
        ),
        (
            Move(MoveKind.BAKE, 0, held="held: held by ana, until noon at most"),
            FREEZE,
            "To end the hold: tidegate thaw 'shop-*', then tidegate promote r-1, or tidegate abort r-1 --reason TEXT",
        ),
        (Move(MoveKind.BAKE, 0, held="held for an answer: may it? Answer with tidegate promote r-1"), None, ""),
    ],
)
def test_a_held_line_names_the_commands_that_end_the_hold(move: Move, freeze: Freeze | None, said: str) -> None:
    assert how_to_end("r-1", move, freeze) == said


def test_an_undecided_hold_says_when_it_expires_and_what_happens_then() -> None:
    plan = a_plan(max_bake_minutes=15, max_hold_minutes=180)
    move = next_move(plan, 0, [a_shift(NOON, 10)], [a_verdict(Verdict.INCONCLUSIVE)], now=NOON + 20 * 60 + 90)
    assert move.expires == Expiry(NOON + (20 - 5 + 180) * 60 + 90, "rollback")
    assert until(move) == " (2027-01-15T15:16:30Z; then the release is rolled back)"
    promoting = replace(plan, on_hold_expired="promote")
    move = next_move(promoting, 0, [a_shift(NOON, 10)], [a_verdict(Verdict.INCONCLUSIVE)], now=NOON + 20 * 60 + 90)
    assert move.expires == Expiry(NOON + (20 - 5 + 180) * 60 + 90, "promote")


def test_a_hold_of_a_person_and_a_question_expire_too() -> None:
    plan = a_plan(steps=(Step(10, 5), Step(50, 5)), max_hold_minutes=120, approvals=("before_traffic",))
    hold = Decisions(1, Decision(Kind.HOLD, "ana", "", "command", NOON, taken=NOON))
    move = steered(plan, "r-1", 0, hold, Move(MoveKind.SHIFT, 1), now=NOON + 60).move
    assert move.expires == Expiry(NOON + 7200, "rollback")
    assert until(move) == ""
    asking = replace(plan, approval_minutes=90, on_approval_timeout="promote")
    move = steered(asking, "r-1", -1, Decisions(), Move(MoveKind.SHIFT, 0), now=NOON).move
    assert move.expires == Expiry(NOON + 5400, "promote")


@pytest.mark.parametrize("every", [60, 300, 1800, 3600])
def test_the_notice_comes_once_and_an_hour_before_the_end_at_least(every: int) -> None:
    """However long the checks are apart."""
    end, told, notices = NOON + 5 * HOUR + 30, 0, []
    for now in range(NOON, end, every):
        if must_tell(Expiry(end, "rollback"), told, now + every):
            notices.append(now)
            told = end
    (at,) = notices
    assert HOUR + 60 <= end - at <= HOUR + 60 + every


def test_a_later_hold_has_its_own_notice() -> None:
    told = NOON + HOUR
    assert not must_tell(Expiry(told + 120, "rollback"), told, NOON + 600)
    assert must_tell(Expiry(told + 2 * HOUR, "rollback"), told, told + 2 * HOUR - 60)


def test_the_notice_names_the_end_and_the_commands() -> None:
    assert notice("r-1", Expiry(NOON, "rollback")) == (
        "without a decision by 2027-01-15T12:00:00Z, the release is rolled back. To decide: tidegate promote r-1, or "
        "tidegate abort r-1 --reason TEXT"
    )


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(1, "~1 min"), (59, "~59 min"), (64, "~1 h 04 min"), (150, "~2 h"), (3 * 1440, "~3 days")],
)
def test_a_forecast_is_written_as_any_duration(minutes: int, written: str) -> None:
    assert waiting._time(minutes) == written
