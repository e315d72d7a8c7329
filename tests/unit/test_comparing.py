"""The step Compare versions, with what its own earlier try has left in the ledger."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.fakes.cloudwatch import cloudwatch
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws.ledger import decisions, items, records
from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.errors import AwsBusy
from tidegate.domain.schedule import format_time
from tidegate.steps import compare

NAME = "release-1"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"


@pytest.fixture(autouse=True)
def aws() -> Iterator[SmallAws]:
    """A release at 10 % that nobody has called yet."""
    plan = a_plan(target := a_target())
    with small_aws() as aws, cloudwatch():
        aws.moved(target.function, "42", v43=0.1)
        take_on(NAME, EXECUTION, plan)
        items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {})
        yield aws


def compared() -> dict[str, Any]:
    return compare.handler({"release": NAME, "now": format_time(NOON + 150), "step": 0}, None)


def test_a_try_that_finds_no_failure_takes_back_what_an_earlier_try_blamed() -> None:
    """Points that came late may turn a verdict; whatever ends the release later is not that one's fault."""
    records.blame(NAME, {"error": "VersionFailed", "cause": "7 of 7 failed", "failed": ["checkout:live"]})
    assert (compared()["next"], records.read(NAME).blame) == ("bake", None)


def interrupt(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Have somebody abort the release in the very moment in which a tick writes what it made of decisions."""
    left, carry_out = [ABORT] * times, decisions.carry_out

    def interrupted(*arguments: Any) -> bool:
        if left:
            release = records.read(NAME)
            assert decisions.add(release, decisions.read(release), left.pop(), {})
            return False
        return carry_out(*arguments)

    monkeypatch.setattr(decisions, "carry_out", interrupted)


ABORT = Decision(Kind.ABORT, by="ana", reason="orders are missing", via="command", at=NOON + 150)


def test_a_decision_that_comes_while_a_tick_decides_is_applied_by_the_same_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interrupt(monkeypatch, times=1)
    answer = compared()
    assert (answer["next"], answer["reason"]["error"]) == ("roll_back", "Aborted")


def test_a_tick_that_people_overtake_again_and_again_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, times=decisions.TRIES)
    with pytest.raises(AwsBusy, match="kept arriving"):
        compared()
