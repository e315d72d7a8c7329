"""Somebody else moves an alias during a release, or AWS answers late, twice or not at all."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.faults import Effect, Fault
from tests.workflow.releases import PATIENCE, Release
from tests.workflow.targets import Target
from tests.workflow.world import ONE_STEP, TWO_STEPS, Start, World

SHORT_HOLD = {"max_bake": "1m", "on_inconclusive": "hold", "max_hold": "2m"}


def moved_but_our_weight_left(world: World) -> Release:
    target, release = _baking(world)
    target.move(_another_version(world, target), {"2": 0.1})
    return release


def moved_while_preparing(world: World) -> Release:
    return _held(world, "Invoke", "ProbeFunction", lambda target: target.move(_another_version(world, target)))


def moved_right_before_the_promotion(world: World) -> Release:
    return _held(world, "UpdateAlias", "FinishFunction", lambda target: target.move(_another_version(world, target)))


def touched_without_a_change(world: World) -> Release:
    """The RevisionId changes, version and weights do not: while it bakes, and right before the promotion."""
    target, release = _baking(world, ONE_STEP)
    held = world.cloud.faults.add(
        Fault("lambda", "UpdateAlias", Effect.HOLD, role="FinishFunction", resource=target.name)
    )
    target.move("1", {"2": 0.1})
    assert held.waiting.wait(PATIENCE)
    target.move("1", {"2": 0.1})
    held.release()
    return release


def alias_deleted(world: World) -> Release:
    target, release = _baking(world)
    world.cloud.client("lambda").delete_alias(FunctionName=target.name, Name=target.alias)
    return release


def shift_whose_answer_is_lost(world: World) -> Release:
    """And the promotion fails after it succeeded."""
    return _with_faults(world, ShiftFunction=Effect.LOST_AFTER, FinishFunction=Effect.FAIL_AFTER)


def promotion_whose_answer_is_lost(world: World) -> Release:
    """And the shift fails after it succeeded."""
    return _with_faults(world, ShiftFunction=Effect.FAIL_AFTER, FinishFunction=Effect.LOST_AFTER)


def ledger_throttled_for_a_while(world: World) -> Release:
    """More often than botocore tries: the step fails and is tried again."""
    target, name = world.target().evidence(), world.next_name()
    for role, action in (("PlanFunction", "TransactWriteItems"), ("ShiftFunction", "GetItem")):
        body = target.full_name if role == "PlanFunction" else name
        world.cloud.faults.add(Fault("dynamodb", action, Effect.THROTTLE, role=role, body=body, times=5))
    return world.release(target, name=name)


def metrics_unreadable(world: World) -> Release:
    """CloudWatch is throttled at every tick, until the hold is over."""
    target = world.target().evidence()
    world.cloud.faults.add(
        Fault("cloudwatch", "GetMetricData", Effect.THROTTLE, role="CompareFunction", body=target.name, times=None)
    )
    return world.release(target, analysis=SHORT_HOLD)


def nothing_seen(world: World) -> Release:
    return world.release(world.target(), analysis={**SHORT_HOLD, "on_idle": "hold"})


def undecided(world: World) -> Release:
    analysis = {"max_bake": "1m", "on_inconclusive": "rollback", "mde": 0.00001}
    return world.release(world.target().evidence(), analysis=analysis)


def failing_at_the_second_step(world: World) -> Release:
    target = world.target().evidence()
    release = world.release(target, strategy=TWO_STEPS).reach("Shift traffic", times=2)
    target.evidence(canary_failing=0.3)
    return release


def _baking(world: World, strategy: Any = "canary-10-5m") -> tuple[Target, Release]:
    target = world.target().evidence()
    return target, world.release(target, strategy=strategy).reach("Bake")


def _another_version(world: World, target: Target) -> str:
    world.cloud.client("lambda").update_function_configuration(FunctionName=target.name, MemorySize=192)
    world.cloud.clock.sleep(5)
    return target.publish()


def _held(world: World, action: str, role: str, happens: Callable[[Target], object]) -> Release:
    """Start a release, and let something happen right before a call of one of its steps."""
    target = world.target().evidence()
    held = world.cloud.faults.add(Fault("lambda", action, Effect.HOLD, role=role, resource=target.name))
    release = world.release(target)
    assert held.waiting.wait(PATIENCE)
    happens(target)
    held.release()
    return release


def _with_faults(world: World, **effects: Effect) -> Release:
    """Start a release in which UpdateAlias of each of these functions comes to that, once."""
    target = world.target().evidence()
    for role, effect in effects.items():
        world.cloud.faults.add(Fault("lambda", "UpdateAlias", effect, role=role, resource=target.name))
    return world.release(target)


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    return world.start_all(
        metrics_unreadable,
        nothing_seen,
        undecided,
        ledger_throttled_for_a_while,
        shift_whose_answer_is_lost,
        promotion_whose_answer_is_lost,
        moved_but_our_weight_left,
        touched_without_a_change,
        moved_while_preparing,
        moved_right_before_the_promotion,
        alias_deleted,
        failing_at_the_second_step,
    )


@pytest.mark.parametrize(
    ("start", "expected", "found", "left"),
    [
        (moved_but_our_weight_left, "version 1 with 10 % on 2", "version 3 with 10 % on 2", ("3", {})),
        (moved_while_preparing, "100 % on version 1", "100 % on version 3", ("3", {})),
        (moved_right_before_the_promotion, "version 1 with 10 % on 2", "100 % on version 3", ("3", {})),
    ],
)
def test_a_release_stops_when_somebody_else_moved_its_alias(
    start: Start,
    expected: str,
    found: str,
    left: tuple[str, dict[str, float]],
    started: dict[Start, Release],
    world: World,
) -> None:
    release = started[start].wait()
    assert (release.status, release.error) == ("FAILED", "AliasMoved")
    assert f"Someone else changed {release.target.full_name}" in release.cause
    assert f"expected {expected}, found {found}" in release.cause
    assert release.target.state == left, "their version is left, our weight is cleared"
    assert world.lock(release.target) is None


def test_an_alias_that_was_deleted_is_not_made_again(started: dict[Start, Release], world: World) -> None:
    release = started[alias_deleted].wait()
    assert (release.status, release.error) == ("FAILED", "AliasMoved")
    assert "found no alias" in release.cause
    assert world.cloud.client("lambda").list_aliases(FunctionName=release.target.name)["Aliases"] == []
    assert world.lock(release.target) is None


def test_a_write_that_changes_nothing_is_no_interference(started: dict[Start, Release]) -> None:
    release = started[touched_without_a_change].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.state == ("2", {})


@pytest.mark.parametrize(
    "start",
    [
        shift_whose_answer_is_lost,
        promotion_whose_answer_is_lost,
        ledger_throttled_for_a_while,
    ],
)
def test_a_call_whose_outcome_is_uncertain_is_looked_into(start: Start, started: dict[Start, Release]) -> None:
    release = started[start].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.writes == [("1", {"2": 0.1}), ("2", {})]


@pytest.mark.parametrize("start", [metrics_unreadable, nothing_seen])
def test_what_nobody_can_see_is_held_then_rolled_back_and_never_healthy(
    start: Start, started: dict[Start, Release]
) -> None:
    release = started[start].wait()
    assert (release.status, release.error) == ("FAILED", "HoldExpired")
    assert {result["verdict"] for result in release.results("Compare versions")} == {"no_data"}
    assert re.search(r"Held for ([2-9]|\d\d+) minutes without a decision", release.cause), release.cause
    if start is nothing_seen:
        assert "no call on the canary at 10 % yet; held" in " ".join(release.summaries)
    looks = release.results("Compare versions")
    assert {look["next"] for look in looks[:-1]} <= {"bake"}
    # A look that takes minutes may be the only one, and find the hold's time up.
    assert all("held at this weight" in look["summary"] for look in looks[:-1][-1:])
    assert looks[-1]["next"] == "roll_back"
    assert release.target.state == ("1", {})


def test_undecided_is_rolled_back_where_the_request_says_so(started: dict[Start, Release]) -> None:
    release = started[undecided].wait()
    assert (release.status, release.error) == ("FAILED", "Inconclusive")
    assert release.target.writes == [("1", {"2": 0.1}), ("1", {})]


def test_a_version_that_fails_later_is_rolled_back_from_there(started: dict[Start, Release]) -> None:
    release = started[failing_at_the_second_step].wait()
    assert (release.status, release.error) == ("FAILED", "VersionFailed")
    assert release.target.writes == [("1", {"2": 0.1}), ("1", {"2": 0.5}), ("1", {})]
    assert "50 % on 2: " in release.cause


def test_partial_data_is_no_data_whatever_it_shows(world: World) -> None:
    release = world.release(world.target().evidence(), strategy=ONE_STEP)
    release.reach("Bake")
    world.cloud.metrics.fail_queries(100)
    release.reach("Compare versions", times=3)
    world.cloud.metrics.clear()
    verdicts = [result["verdict"] for result in release.results("Compare versions")]
    assert set(verdicts) == {"no_data"}
    release.stop()
    world.recover()
