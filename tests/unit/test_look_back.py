"""Aborting a release whose every request goes to the new version already, and which waits for its look back."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws.cloudwatch import analysis_input
from tidegate.aws.ledger import decisions, items, records
from tidegate.aws.ledger.records import PROMOTED
from tidegate.domain.analysis.after_promotion import Retrospect
from tidegate.domain.control.decision import Kind
from tidegate.domain.rollout.next_move import Move, MoveKind
from tidegate.domain.rollout.overrides import Steered
from tidegate.domain.schedule import MINUTE, format_time, parse_time
from tidegate.entry import decide
from tidegate.steps import finish, look_back, roll_back

NAME = "checkout-7"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
FINISHED = NOON + 10 * MINUTE
WHY = "ana aborted it at {at}: orders are missing."


class Scene:
    """A release that Compare versions has just let finish, and the states that follow."""

    def __init__(self, aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
        self.aws, self._patch = aws, monkeypatch
        self.now = FINISHED
        monkeypatch.setattr(time, "time", lambda: float(self.now))
        monkeypatch.setattr(analysis_input, "retrospect", lambda *_: [])
        aws.moved("checkout", "42")
        target = a_target()
        plan = a_plan(target, after_minutes=2, on_worse="rollback", deadline=NOON + 86_400)
        take_on(NAME, EXECUTION, plan)
        items.record_target(NAME, target.name, "43", NOON, expires=plan.expires, details={})
        release = records.read(NAME)
        assert decisions.carry_out(release, decisions.read(release), Steered(Move(MoveKind.FINISH, 0)), FINISHED)

    def finish(self, *, later: int = 0) -> dict[str, Any]:
        """Have it tried `later` than its state was entered."""
        tried = format_time(self.now + later)
        return finish.handler({"release": NAME, "now": format_time(self.now), "tried": tried}, None)

    def look_back(self, before: dict[str, Any]) -> dict[str, Any]:
        self.now = max(self.now, parse_time(before["tick"]))
        return look_back.handler({"release": NAME, "now": format_time(self.now), "since": before["since"]}, None)

    def decide(self, decision: str) -> dict[str, Any]:
        order = {"release": NAME, "decision": decision, "by": "ana", "reason": "orders are missing"}
        return decide.handler(order, None)

    def while_looking(self, act: Any) -> None:
        """Have something happen while Look back reads CloudWatch."""

        def retrospect(*_: Any) -> list[Retrospect]:
            act()
            return []

        self._patch.setattr(analysis_input, "retrospect", retrospect)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with small_aws() as aws:
        yield Scene(aws, monkeypatch)


def test_a_release_that_looks_back_is_rolled_back_at_the_next_look_when_it_is_aborted(scene: Scene) -> None:
    finished = scene.finish()
    assert finished["next"] == "look_back"
    told = scene.decide("abort")
    assert told["accepted"], told
    assert f"It is rolled back at the next check, by {format_time(scene.now + 5 * MINUTE)}." in told["summary"]
    at = format_time(scene.now)
    found = scene.look_back(finished)
    why = WHY.format(at=at)
    assert (found["next"], found["reason"]) == ("roll_back", {"error": "Aborted", "cause": why, "failed": []})
    ended = roll_back.handler({"release": NAME, "now": format_time(scene.now), "reason": found["reason"]}, None)
    assert (ended["error"], scene.aws.state("checkout")) == ("Aborted", ("42", {}))
    assert scene.aws.partition("alias#checkout:live") == [], "an aborted version is not remembered"


def test_what_is_looked_back_at_begins_after_the_try_that_moved_the_aliases(scene: Scene) -> None:
    """The state was entered before its first try: minutes in which stable had requests are not the new version's."""
    earlier = scene.finish()["since"]
    finished = scene.finish(later=120)
    assert finished["since"] >= earlier + 120
    told = scene.decide("abort")["summary"]
    promised = parse_time(told.partition("at the next check, by ")[2].partition(". ")[0])
    assert parse_time(finished["tick"]) < promised


@pytest.mark.parametrize("decision", ["hold", "promote"])
def test_it_can_only_be_aborted_and_says_where_it_is(decision: str, scene: Scene) -> None:
    scene.finish()
    told = scene.decide(decision)
    assert not told["accepted"]
    assert "has sent every request to the new version and is in its look back" in told["summary"]
    assert "It can only be aborted" in told["summary"]


def test_an_abort_that_comes_while_it_looks_wins_over_the_promotion(scene: Scene) -> None:
    finished = scene.finish()
    first = scene.look_back(finished)
    assert first["next"] == "look_back", "its second minute is still to come"
    answers: list[dict[str, Any]] = []
    scene.while_looking(lambda: answers.append(scene.decide("abort")))
    found = scene.look_back(first)
    assert answers[0]["accepted"]
    assert (found["next"], found["reason"]["error"]) == ("roll_back", "Aborted")


def test_one_that_comes_after_its_promotion_is_told_the_way_back(scene: Scene) -> None:
    found = scene.look_back(scene.look_back(scene.finish()))
    assert found["outcome"] == "released"
    told = scene.decide("abort")
    assert not told["accepted"]
    assert told["summary"].startswith(f"Too late: release {NAME} is over (released).")
    assert (records.record_of(NAME) or {})["status"] == PROMOTED


def test_before_every_request_goes_to_it_nothing_can_be_decided_for_a_moment(scene: Scene) -> None:
    told = scene.decide("abort")
    assert (told["accepted"], "is about to end" in told["summary"]) == (False, True)


def test_a_finish_that_is_tried_again_forgets_no_abort(scene: Scene) -> None:
    scene.finish()
    assert scene.decide("abort")["accepted"]
    found = scene.look_back(scene.finish())
    assert found["reason"]["error"] == "Aborted"


def test_a_look_that_is_tried_again_finds_the_abort_again(scene: Scene) -> None:
    finished = scene.finish()
    scene.decide("abort")
    assert scene.look_back(finished) == scene.look_back(finished)


def test_an_abort_is_a_decision_that_is_still_to_be_found(scene: Scene) -> None:
    scene.finish()
    scene.decide("abort")
    pending = decisions.read(records.read(NAME)).pending
    assert pending
    assert pending.kind is Kind.ABORT
    assert scene.decide("abort")["already"]
