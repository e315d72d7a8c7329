"""Decisions and approvals: what people say of a running release, and what the state machine does with it."""

import json
from typing import Any

import pytest

from localcloud.faults import Effect, Fault
from tests.workflow.people import LONG, accepted, baking, decide, held_for
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.world import TWO_STEPS, Start, World

WHOLE: tuple[str, dict[str, float]] = ("1", {})
SPLIT, HALF = ("1", {"2": 0.1}), ("1", {"2": 0.5})
PROMOTED: tuple[str, dict[str, float]] = ("2", {})
ASKING: dict[str, Any] = {"strategy": TWO_STEPS, "approvals": ["before_traffic", 50, "before_finish"]}


def events(world: World, release: Release, kind: str) -> list[dict[str, Any]]:
    items = world.ledger(f"release#{release.name}") + world.ledger(f"decisions#{release.name}")
    return [item for item in items if item.get("kind") == kind]


def aborted(world: World) -> Release:
    release = baking(world)
    accepted(world, release, "abort")
    return release


def promoted_step_by_step(world: World) -> Release:
    release = baking(world)
    assert "promoted to 20 %" in accepted(world, release, "promote", to=20)
    release.reach("Shift traffic", times=2).reach("Bake", times=len(release.summaries) + 1)
    assert "promoted to 50 %" in accepted(world, release, "promote")
    release.reach("Shift traffic", times=3).reach("Bake", times=len(release.summaries) + 1)
    assert "promoted to 100 %" in accepted(world, release, "promote")
    return release


def promoted_in_doubt(world: World) -> Release:
    """Without a call there is nothing to judge by, and it holds."""
    analysis = {"max_bake": "1m", "max_hold": "24h", "on_idle": "hold"}
    release = world.release(world.target(), analysis=analysis)
    held_for(release, "held at this weight until")
    accepted(world, release, "promote")
    return release


def held_then_promoted(world: World) -> Release:
    release = baking(world, TWO_STEPS)
    accepted(world, release, "hold", reason="lunch")
    held_for(release, "; held: held by ana (lunch), until ")
    ticks = len(release.summaries)
    release.reach("Bake", times=ticks + 3)
    assert release.target.state == SPLIT, "its bake is over, and it passed"
    accepted(world, release, "promote", to=100)
    return release


def held_then_failing(world: World) -> Release:
    release = world.release(world.target(), strategy=LONG).reach("Bake")
    accepted(world, release, "hold")
    held_for(release, "; held: held by ana")
    release.target.evidence(canary_failing=0.3)
    return release


def held_until_its_time_is_up(world: World) -> Release:
    release = baking(world, analysis={"max_hold": "2m"})
    accepted(world, release, "hold")
    return release


def promoted_though_failing(world: World) -> Release:
    release = world.release(world.target(), strategy=LONG).reach("Bake")
    release.target.evidence(canary_failing=0.5)
    world.cloud.clock.sleep(150)
    decide(world, release, "promote")
    return release


def aborted_while_it_prepares(world: World) -> Release:
    target = world.target()
    probe = world.cloud.faults.add(Fault("lambda", "Invoke", Effect.HOLD, role="ProbeFunction", resource=target.name))
    release = world.release(target)
    assert probe.waiting.wait(PATIENCE)
    accepted(world, release, "abort")
    probe.release()
    return release


def held_while_it_prepares_then_promoted(world: World) -> Release:
    target = world.target().evidence()
    probe = world.cloud.faults.add(Fault("lambda", "Invoke", Effect.HOLD, role="ProbeFunction", resource=target.name))
    release = world.release(target, strategy="all-at-once")
    assert probe.waiting.wait(PATIENCE)
    accepted(world, release, "hold", reason="not yet")
    probe.release()
    held_for(release, "held: held by ana (not yet)", "Before traffic")
    release.reach("Wait for a decision", times=2)
    assert target.writes == []
    accepted(world, release, "promote")
    return release


def approved_three_times(world: World) -> Release:
    """Nobody is asked at 10 %, and once for 50 % and the finish together."""
    release = world.release(world.target().evidence(), **ASKING)
    said = held_for(release, "held for an answer: may it receive traffic?", "Before traffic")
    assert f"Answer with tidegate promote {release.name}, or abort" in said
    assert release.target.writes == []
    accepted(world, release, "promote")
    held_for(release, "held for an answer: may it continue from 50 %?")
    assert release.target.state == HALF
    accepted(world, release, "promote")
    return release


def without_an_answer(world: World) -> Release:
    return world.release(world.target().evidence(), approvals=["before_finish"], approval_timeout="2m")


def without_an_answer_before_traffic(world: World) -> Release:
    timeout = {"approval_timeout": "1m", "on_approval_timeout": "promote"}
    return world.release(world.target(), strategy="all-at-once", approvals=["before_traffic"], **timeout)


def failing_while_it_asks(world: World) -> Release:
    target = world.target().evidence()
    release = world.release(target, approvals=[10], approval_timeout="63m")
    held_for(release, "held for an answer")
    eventually(lambda: events(world, release, "hold-expiring"), "a notice that the hold expires")
    target.evidence(canary_failing=0.9)
    return release


SUCCEEDING: dict[Start, list[tuple[str, dict[str, float]]]] = {
    promoted_step_by_step: [SPLIT, ("1", {"2": 0.2}), HALF, PROMOTED],
    promoted_in_doubt: [SPLIT, PROMOTED],
    held_then_promoted: [SPLIT, PROMOTED],
    held_while_it_prepares_then_promoted: [PROMOTED],
    approved_three_times: [SPLIT, HALF, PROMOTED],
    without_an_answer_before_traffic: [PROMOTED],
}
FAILING: dict[Start, tuple[str, str]] = {
    aborted: ("Aborted", "ana aborted it at "),
    aborted_while_it_prepares: ("Aborted", ": orders are missing. Now: "),
    held_then_failing: ("VersionFailed", "fail"),
    promoted_though_failing: ("VersionFailed", "fail"),
    held_until_its_time_is_up: ("HoldExpired", "It was held by ana (orders are missing) at "),
    without_an_answer: ("ApprovalExpired", "may it continue from 10 %? Nobody answered until "),
    failing_while_it_asks: ("VersionFailed", "fail"),
}


@pytest.fixture(scope="module")
def releases(world: World) -> dict[Start, Release]:
    return world.start_all(*SUCCEEDING, *FAILING)


@pytest.mark.parametrize("start", SUCCEEDING, ids=lambda start: start.__name__)
def test_a_release_goes_on_when_people_say_so(start: Start, releases: dict[Start, Release], world: World) -> None:
    release = releases[start].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.writes == SUCCEEDING[start]
    assert world.lock(release.target) is None


@pytest.mark.parametrize("start", FAILING, ids=lambda start: start.__name__)
def test_or_is_rolled_back_with_who_and_why(start: Start, releases: dict[Start, Release], world: World) -> None:
    release = releases[start].wait()
    error, words = FAILING[start]
    assert (release.error, release.target.state) == (error, WHOLE)
    assert words in release.cause
    remembered = {item["sk"] for item in world.ledger(f"alias#{release.target.full_name}")} - {"probed#2"}
    assert remembered == ({"rolled-back#2"} if error == "VersionFailed" else set()), "nobody blames an aborted version"
    assert world.lock(release.target) is None


@pytest.mark.parametrize("start", [*SUCCEEDING, *FAILING], ids=lambda start: start.__name__)
def test_whoever_opens_the_execution_reads_a_short_sentence_at_every_state(
    start: Start, releases: dict[Start, Release]
) -> None:
    release = releases[start].wait()
    told = [event for event in release.events if event.kind == "exited" and "Error" not in event.detail]
    silent = {event.state for event in told if not event.detail.get("summary")}
    assert silent == set()
    assert max(len(json.dumps(event.detail)) for event in told) < 2000


def test_a_release_that_is_aborted_before_traffic_never_gets_any(releases: dict[Start, Release]) -> None:
    release = releases[aborted_while_it_prepares].wait()
    assert "Shift traffic" not in release.states
    assert set(map(str, release.target.writes)) == {str(WHOLE)}, "the roll back writes what was there"


def test_each_decision_is_on_record_with_who_and_why(releases: dict[Start, Release], world: World) -> None:
    release = releases[held_then_promoted].wait()
    told = [(item["decision"], item["by"], item["reason"], item["via"]) for item in events(world, release, "decided")]
    assert told == [("hold", "ana", "lunch", "command"), ("promote", "ana", "orders are missing", "command")]


@pytest.mark.parametrize(("start", "holds"), [(held_then_promoted, 1), (approved_three_times, 2), (aborted, 0)])
def test_a_hold_is_told_once_however_long_it_takes(
    start: Start, holds: int, releases: dict[Start, Release], world: World
) -> None:
    assert len(events(world, releases[start].wait(), "held")) == holds


def test_a_hold_says_an_hour_before_that_it_expires(releases: dict[Start, Release], world: World) -> None:
    (told,) = events(world, releases[failing_while_it_asks].wait(), "hold-expiring")
    assert (told["until"] - told["at"] >= 3600, told["then"]) == (True, "rollback")
    assert events(world, releases[held_until_its_time_is_up].wait(), "hold-expiring") == [], "its hold was short"


def test_a_promotion_in_doubt_is_called_not_proven(releases: dict[Start, Release], world: World) -> None:
    release = releases[promoted_in_doubt].wait()
    assert (world.record(release) or {})["outcome"].endswith(" is on version 2; promoted, not proven")
    (held,) = events(world, release, "held")
    assert f"rolled back). To end the hold: tidegate promote {release.name}, or tidegate abort" in held["summary"]


def test_the_time_of_a_hold_counts_against_no_limit(releases: dict[Start, Release], world: World) -> None:
    (pause,) = (world.record(releases[held_then_promoted].wait()) or {})["pauses"]
    assert pause["until"] - pause["began"] > 2 * 60, "it was held for three looks"


def test_of_two_decisions_the_first_wins_and_the_second_is_told_but_an_abort_waits_for_no_hold(world: World) -> None:
    release = baking(world)
    first = decide(world, release, "promote", by="bob", reason="looks good")
    second = decide(world, release, "abort")
    again = decide(world, release, "promote")
    assert (first["accepted"], first["already"]) == (True, False)
    if second["accepted"]:
        pytest.skip("a look came between the two")
    assert "The release was promoted to 50 % by bob (looks good) at " in second["summary"]
    assert second["summary"].endswith(f"stop-execution --execution-arn {release.arn}")
    assert (again["accepted"], again["already"]) == (True, True)
    release.reach("Shift traffic", times=2).reach("Bake", times=len(release.summaries) + 1)
    accepted(world, release, "hold")
    accepted(world, release, "abort")
    assert release.wait().error == "Aborted"


@pytest.mark.parametrize("start", [aborted, promoted_step_by_step])
def test_a_decision_that_comes_too_late_is_told_the_outcome(
    start: Start, releases: dict[Start, Release], world: World
) -> None:
    release = releases[start].wait()
    told = decide(world, release, "promote")
    ended = "rolled-back" if start is aborted else "released"
    assert told["accepted"] is False
    assert told["summary"].startswith(f"Too late: release {release.name} is over ({ended}). ")


def test_a_decision_while_it_finishes_comes_too_late(world: World) -> None:
    target = world.target().evidence()
    held = world.cloud.faults.add(
        Fault("lambda", "UpdateAlias", Effect.HOLD, role="FinishFunction", resource=target.name)
    )
    release = world.release(target)
    assert held.waiting.wait(PATIENCE)
    told = [decide(world, release, decision) for decision in ("abort", "hold", "promote")]
    held.release()
    assert [each["accepted"] for each in told] == [False] * 3
    assert "is about to end" in told[0]["summary"]
    assert release.wait().status == "SUCCEEDED"


def test_a_release_that_is_not_there_is_said_not_to_be(world: World) -> None:
    told = decide(world, "frobnicate", "abort")
    assert (told["accepted"], told["summary"].partition(".")[0]) == (False, "The ledger has no release frobnicate")


def test_what_cannot_be_read_is_refused(world: World) -> None:
    told = world.call("Decide", {"release": "r", "decision": "retry", "by": "ana"})
    assert told["errorType"] == "InvalidRequest"
    assert "decision: must be one of" in told["errorMessage"]


def test_a_decision_that_a_look_gives_way_to_is_found_by_the_same_look(world: World) -> None:
    """Somebody decides while Compare versions is writing down what it makes of what it read."""
    release = baking(world, TWO_STEPS)
    closing = world.cloud.faults.add(
        Fault("dynamodb", "PutItem", Effect.HOLD, role="CompareFunction", body=f"decisions#{release.name}", times=1)
    )
    assert closing.waiting.wait(PATIENCE), "it is about to finish"
    accepted(world, release, "abort")
    closing.release()
    assert release.wait().error == "Aborted"
