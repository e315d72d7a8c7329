"""A release takes the place of another that holds its alias: that one is stopped and undone for good."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from localcloud.clock import Pool
from localcloud.faults import Effect, Fault, Injected
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import STARTED_AT_ONCE, World

WHOLE: tuple[str, dict[str, float]] = ("1", {})
SPLIT = ("1", {"2": 0.1})
PROMOTED: tuple[str, dict[str, float]] = ("2", {})
LONG = "canary-10-30m"
SHORT = "canary-10-1m"
AT_ONCE = "all-at-once"
AFTER_THE_LONGEST_STEP = 200


class Takeover(NamedTuple):
    """The releases that were there, and the one that was to supersede them."""

    before: tuple[Release, ...]
    after: Release

    @property
    def first(self) -> Release:
        return self.before[0]


Take = Callable[[World], Takeover]


def _baking(world: World, *targets: Target) -> Release:
    return world.release(*(targets or (world.target(),)), strategy=LONG).reach("Bake")


def _superseding(world: World, *targets: Target, **request: Any) -> Release:
    return world.release(*targets, on_conflict="supersede", **{"strategy": AT_ONCE, **request})


def _hold(world: World, role: str, service: str, action: str, about: str, *, times: int | None = None) -> Injected:
    """Hold every such call about a target or a release: the client of a step that waits too long sends it again."""
    return world.cloud.faults.add(Fault(service, action, Effect.HOLD, role=role, body=about, times=times))


def one_of_two_aliases(world: World) -> Takeover:
    first = _baking(world, world.target(), world.target())
    return Takeover((first,), _superseding(world, first.target))


def aliases_of_two_releases(world: World) -> Takeover:
    before = tuple(world.release(world.target(), strategy=LONG) for _ in range(2))
    for one in before:
        one.reach("Bake")
    return Takeover(before, _superseding(world, *(each.target for each in before)))


def with_something_else_in_its_way(world: World) -> Takeover:
    first = _baking(world)
    return Takeover((first,), _superseding(world, first.target, version="7"))


def dry(world: World) -> Takeover:
    first = _baking(world)
    return Takeover((first,), _superseding(world, first.target, dry_run=True))


def where_there_is_no_alias_yet(world: World) -> Takeover:
    """The first one is stopped while it probes, and the next creates the alias."""
    target = world.target(alias=None)
    probe = _hold(world, "ProbeFunction", "lambda", "Invoke", target.name, times=1)
    first = world.release(target, create_alias=True)
    assert probe.waiting.wait(PATIENCE)
    second = _superseding(world, target, create_alias=True).reach("Prepare versions")
    probe.release()
    return Takeover((first,), second)


def while_the_ledger_is_throttled(world: World) -> Takeover:
    """More often than botocore tries: Plan fails when all is undone, and is tried again."""
    first, name = _baking(world), world.next_name()
    throttled = Fault("dynamodb", "TransactWriteItems", Effect.THROTTLE, role="PlanFunction", body=name, times=5)
    world.cloud.faults.add(throttled)
    return Takeover((first,), _superseding(world, first.target, name=name))


TAKEOVERS: tuple[Take, ...] = (
    one_of_two_aliases,
    aliases_of_two_releases,
    where_there_is_no_alias_yet,
    while_the_ledger_is_throttled,
    with_something_else_in_its_way,
    dry,
)
SUCCEEDING = TAKEOVERS[:4]


@pytest.fixture(scope="module")
def taken(world: World) -> dict[Take, Takeover]:
    with Pool(STARTED_AT_ONCE) as pool:
        return dict(zip(TAKEOVERS, pool.map(lambda take: take(world), TAKEOVERS), strict=True))


@pytest.mark.parametrize("take", SUCCEEDING)
def test_the_new_release_stops_those_in_its_way_and_goes_on_as_usual(
    take: Take, taken: dict[Take, Takeover], world: World
) -> None:
    before, after = taken[take]
    assert after.wait().status == "SUCCEEDED", after.cause
    assert after.target.state == (after.target.versions[-1], {})
    for one in before:
        assert (one.wait().status, one.error) == ("ABORTED", "Superseded")
        assert f"Release {after.name} supersedes it" in one.cause
        record = world.record(one) or {}
        assert record["ended"] == "superseded"
        assert record["outcome"].startswith(f"Release {after.name} superseded it.")
    assert [world.lock(target) for one in before for target in one.targets] == [None] * sum(
        len(one.targets) for one in before
    )


def test_all_aliases_of_a_superseded_release_are_restored_not_only_those_that_are_taken(
    taken: dict[Take, Takeover],
) -> None:
    before, after = taken[one_of_two_aliases]
    after.wait()
    shared, other = before[0].targets
    assert (shared.writes, other.writes) == ([SPLIT, WHOLE, PROMOTED], [SPLIT, WHOLE])


def test_nobody_blames_the_version_of_a_superseded_release(taken: dict[Take, Takeover], world: World) -> None:
    after = taken[one_of_two_aliases].after.wait()
    kinds = {item["sk"] for item in world.ledger(f"alias#{after.target.full_name}")}
    assert "live" in kinds
    assert [kind for kind in kinds if kind.startswith("rolled-back#")] == [], "which would be refused"


def test_plan_says_what_it_superseded(taken: dict[Take, Takeover]) -> None:
    before, after = taken[aliases_of_two_releases]
    (planned,) = after.wait().results("Plan")
    assert f", superseding {before[0].name}, {before[1].name}. " in planned["summary"]


def test_a_request_that_is_refused_anyway_supersedes_nothing(taken: dict[Take, Takeover], world: World) -> None:
    before, after = taken[with_something_else_in_its_way]
    assert (after.wait().error, after.states[-1]) == ("InvalidRequest", "Refused")
    assert "has no version 7" in after.cause
    assert "split already" not in after.cause
    _goes_on(before[0])


def test_a_dry_run_says_what_it_would_supersede_and_touches_nothing(taken: dict[Take, Takeover], world: World) -> None:
    before, after = taken[dry]
    assert after.wait().status == "SUCCEEDED"
    assert f"all-at-once, superseding {before[0].name}. " in after.output["summary"]
    _goes_on(before[0])


def _goes_on(release: Release) -> None:
    assert (release.status, release.target.writes) == ("RUNNING", [SPLIT])


def test_a_release_that_is_promoted_is_concluded_and_not_stopped(world: World) -> None:
    """Its Finish has written the promotion down, and is held before it frees the lock."""
    target, name = world.target(), world.next_name()
    held = _hold(world, "FinishFunction", "dynamodb", "PutItem", "finished")
    first = world.release(target, name=name, strategy=AT_ONCE)
    assert held.waiting.wait(PATIENCE), (first.states, first.status, first.error, first.cause)
    assert target.state == PROMOTED
    second = _superseding(world, target, version="1").reach("Prepare versions")
    held.release()
    assert (first.wait().status, (world.record(first) or {})["ended"]) == ("SUCCEEDED", "released")
    assert (second.wait().status, target.writes) == ("SUCCEEDED", [PROMOTED, WHOLE])


class Late(NamedTuple):
    """A call that is answered when the release is superseded and the next one bakes; `status` is the answer's."""

    step: str
    action: str
    strategy: str
    status: int


LATE = (
    Late("Shift", "UpdateAlias", SHORT, 412),
    Late("Finish", "GetAlias", AT_ONCE, 200),
)


@pytest.fixture(scope="module")
def late(world: World) -> dict[Late, Takeover]:
    with Pool(len(LATE)) as pool:
        return dict(zip(LATE, pool.map(lambda call: _with_a_late_step(world, call), LATE), strict=True))


def _with_a_late_step(world: World, call: Late) -> Takeover:
    target = world.target()
    held = _hold(world, f"{call.step}Function", "lambda", call.action, target.name, times=1)
    first = world.release(target, strategy=call.strategy)
    assert held.waiting.wait(PATIENCE)
    second = _superseding(world, target, strategy=SHORT).reach("Bake")
    before = _answers(world, call, target)
    held.release()
    answers: list[int] = eventually(lambda: _answers(world, call, target)[len(before) :], "the late answer")
    assert answers == [call.status]
    return Takeover((first,), second)


def _answers(world: World, late: Late, target: Target) -> list[int]:
    about = f":function:{target.name}"
    calls = [call for call in list(world.cloud.calls) if call.action == late.action]
    own = [call for call in calls if f"{late.step}Function" in (call.caller_role or "")]
    return [call.status for call in own if any(resource.endswith(about) for resource in call.resources)]


@pytest.mark.parametrize("call", LATE, ids=lambda call: f"{call.step}-{call.action}")
def test_a_late_step_of_a_superseded_release_changes_nothing(
    call: Late, late: dict[Late, Takeover], world: World
) -> None:
    """Also where it looks as if the aliases were still its own: the new release gives them the same version."""
    before, after = late[call]
    assert after.wait().status == "SUCCEEDED", after.cause
    assert after.target.writes == [WHOLE, SPLIT, PROMOTED]
    assert (before[0].wait().status, (world.record(before[0]) or {})["ended"]) == ("ABORTED", "superseded")


def test_of_two_that_supersede_the_same_release_at_once_one_takes_its_place(world: World) -> None:
    first = _baking(world)
    stopping = _hold(world, "PlanFunction", "stepfunctions", "StopExecution", first.name, times=2)
    rivals = [_superseding(world, first.target, strategy=SHORT) for _ in range(2)]
    eventually(lambda: stopping.hits == 2, "both stopping it")
    stopping.release()
    for rival in rivals:
        rival.wait()
    winner, loser = sorted(rivals, key=lambda rival: rival.states[-1] == "Refused")
    assert winner.status == "SUCCEEDED", winner.cause
    assert loser.error == "LockHeld"
    # By the winner, or by the first one still, in the moment before its locks are freed.
    assert any(f"has been locked by release {holder.name} since" in loser.cause for holder in (winner, first))
    assert loser.cause.endswith(f"Before that: superseded release {first.name}.")
    assert "on_conflict" not in loser.cause, "it did supersede"
    assert first.target.writes[-2:] == [SPLIT, PROMOTED]
    assert world.lock(first.target) is None


def test_aliases_that_a_third_release_takes_meanwhile_are_not_taken_from_it(world: World) -> None:
    first, name = _baking(world), world.next_name()
    taking = _hold(world, "PlanFunction", "dynamodb", "TransactWriteItems", name, times=1)
    second = _superseding(world, first.target, name=name)
    assert taking.waiting.wait(PATIENCE)
    third = world.release(first.target, strategy=LONG).reach("Prepare versions")
    taking.release()
    assert (second.wait().error, second.states[-1]) == ("LockHeld", "Refused")
    assert f"has been locked by release {third.name} since" in second.cause
    third.stop()
    world.recover()
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert (first.target.state, world.lock(first.target)) == (WHOLE, None)


@pytest.mark.parametrize("action", ["StopExecution", "UpdateAlias"])
def test_recover_completes_what_a_plan_that_died_began(action: str, world: World) -> None:
    first = _baking(world)
    service, about = ("stepfunctions", first.name) if action == "StopExecution" else ("lambda", first.target.name)
    kill = Fault(service, action, Effect.KILL_AFTER, role="PlanFunction", body=about, times=None)
    world.cloud.faults.add(kill)
    second = _superseding(world, first.target).wait()
    assert second.states[-1] == "Refused"
    first.wait()
    for later in (0, AFTER_THE_LONGEST_STEP):
        world.recover(later=later)
    assert (first.target.state, world.lock(first.target)) == (WHOLE, None)
    record = world.record(first) or {}
    assert (record["ended"], record["superseded_by"]) == ("superseded", second.name)


def test_a_release_that_cannot_be_stopped_ends_by_itself_and_says_why(world: World) -> None:
    first = _baking(world)
    refused = Fault("stepfunctions", "StopExecution", Effect.FAIL, role="PlanFunction", body=first.name, times=None)
    injected = world.cloud.faults.add(refused)
    second = _superseding(world, first.target, strategy=SHORT)
    assert (first.wait().status, first.error) == ("FAILED", "Superseded")
    assert first.cause.startswith(f"Release {second.name} superseded it.")
    assert (world.record(first) or {})["ended"] == "superseded"
    world.cloud.faults.remove(injected)
    second.wait()
    assert first.target.state in (WHOLE, PROMOTED)
