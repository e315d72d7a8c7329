"""Shift traffic: what keeps a release from getting more of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.failing import refused
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws import gauges
from tidegate.aws.ending.restoration import restore
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias
from tidegate.aws.ledger import decisions, items, locks, records, table
from tidegate.domain.alias import AliasState
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.errors import Aborted, AwsBusy, AwsRefused
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import format_time
from tidegate.domain.strategy import Step, Strategy
from tidegate.steps import shift

NAME = "release-1"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"


def test_a_release_that_was_aborted_since_the_last_look_gets_no_more_traffic() -> None:
    target = a_target()
    plan = a_plan(target, steps=(Step(10, 5), Step(50, 5)))
    decision = Decision(Kind.ABORT, "ana", "orders are missing", "command", NOON + 400)
    with small_aws() as aws:
        aws.moved(target.function, "42", v43=0.1)
        take_on(NAME, EXECUTION, plan)
        items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {})
        said = {"number": 1, "decision": decision.document(), "closed": 0, "started": NOON}
        table.put({"pk": f"decisions#{NAME}", "sk": "current", **said})
        assert decisions.read(records.read(NAME)).pending == decision
        at = format_time(NOON + 420)
        with pytest.raises(Aborted, match=r"ana aborted it at .*: orders are missing"):
            shift.handler({"release": NAME, "now": at, "step": 1, "tried": at}, None)
        assert aws.state(target.function) == ("42", {"43": 0.1})


WAVES = (a_target("web"), a_target("mail"), a_target("orders", wave=2))


def shifting(plan: ReleasePlan, step: int = 0) -> dict[str, Any]:
    at = format_time(NOON)
    return shift.handler({"release": NAME, "now": at, "step": step, "tried": at}, None)


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aliases, "REQUESTS_PER_SECOND", 10_000)


@pytest.fixture
def in_lockstep(unpaced: None) -> Iterator[SmallAws]:
    """Give a release of two waves that takes its weights in lockstep."""
    with small_aws() as aws:
        for target in WAVES:
            aws.moved(target.function, "42")
        take_on(NAME, EXECUTION, a_plan(*WAVES))
        yield aws


def test_each_answer_is_timed_and_the_skew_is_that_of_a_wave(in_lockstep: SmallAws) -> None:
    answer = shifting(a_plan(*WAVES))
    (item,) = items.items(NAME).weight_changes
    answered = item["answered"]
    assert set(answered) == {target.name for target in WAVES}
    assert answered["orders:live"] == max(answered.values()), "the second wave begins when the first was answered"
    assert answer["skew_seconds"] == item["skew_seconds"] == abs(answered["web:live"] - answered["mail:live"])
    assert answer["summary"].endswith(f", within {answer['skew_seconds']:.1f} s")


def test_if_one_alias_fails_those_already_shifted_go_back(
    in_lockstep: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = aliases.move

    def refusing(alias: Alias, wanted: AliasState, *, fence: Callable[[], None]) -> Alias:
        if alias.function == "orders":
            raise refused("AccessDeniedException")
        return move(alias, wanted, fence=fence)

    monkeypatch.setattr(aliases, "move", refusing)
    with pytest.raises(AwsRefused):
        shifting(a_plan(*WAVES))
    assert [in_lockstep.state(target.function) for target in WAVES] == [("42", {})] * 3
    assert int(in_lockstep.aliases["web"]["RevisionId"]) == 3, "it was shifted, and went back"
    release = records.read(NAME)
    assert (release.shifts, release.touched) == ((), True), "requests may have reached the new version"


def test_what_an_earlier_try_shifted_goes_back_too_the_last_wave_first(
    in_lockstep: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try was cut off while its aliases went back; the next one is throttled."""
    in_lockstep.moved("web", "42", v43=0.1)
    in_lockstep.moved("orders", "42", v43=0.1)
    move, moves = aliases.move, list[tuple[str, AliasState]]()

    def throttled(alias: Alias, wanted: AliasState, *, fence: Callable[[], None]) -> Alias:
        if alias.function == "mail":
            raise refused("TooManyRequestsException")
        moves.append((alias.function, wanted))
        return move(alias, wanted, fence=fence)

    monkeypatch.setattr(aliases, "move", throttled)
    with pytest.raises(AwsBusy):
        shifting(a_plan(*WAVES))
    assert [in_lockstep.state(target.function) for target in WAVES] == [("42", {})] * 3
    assert moves == [("orders", AliasState("42")), ("web", AliasState("42"))]
    assert records.read(NAME).touched


def test_the_minutes_between_two_tries_are_no_skew(in_lockstep: SmallAws, capsys: pytest.CaptureFixture[str]) -> None:
    in_lockstep.moved("mail", "42", v43=0.1)
    answer = shifting(a_plan(*WAVES))
    (item,) = items.items(NAME).weight_changes
    assert [in_lockstep.state(target.function) for target in WAVES] == [("42", {"43": 0.1})] * 3
    assert answer["summary"] == "10 % on the new version of web:live, mail:live, orders:live"
    assert "skew_seconds" not in {*answer, *item}
    assert set(item["answered"]) == {"web:live", "orders:live"}
    assert gauges.SKEW not in capsys.readouterr().out


def test_a_wave_that_is_promoted_can_still_be_restored(unpaced: None) -> None:
    steps = Strategy("steps", (Step(10, 5),), "hold", bakes_on=True).in_waves({1: 1, 2: 1}).steps
    with small_aws() as aws:
        aws.moved("web", "42", v43=0.1)
        aws.moved("mail", "42", v43=0.1)
        aws.moved("orders", "42")
        plan = a_plan(*WAVES, steps=steps)
        take_on(NAME, EXECUTION, plan)
        items.record_shift(NAME, 0, Shift(NOON, 10, NOON, wave=1), plan.expires, {})
        assert shifting(plan, step=1)["wave"] == 1
        assert [aws.state(target.function) for target in WAVES] == [("43", {}), ("43", {}), ("42", {})]
        assert {lock.target: lock.promoting for lock in locks.read([target.name for target in WAVES])} == {
            "web:live": True,
            "mail:live": True,
            "orders:live": False,
        }
        assert restore("web:live", NAME, "43").as_before
        assert aws.state("web") == ("42", {})
