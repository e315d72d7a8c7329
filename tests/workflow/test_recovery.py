"""Aliases of releases that no execution will finish: recover makes them whole, and only them."""

import pytest

from localcloud.clock import Pool
from localcloud.faults import Effect, Fault, Injected
from localcloud.lambda_.invocation import Invocation
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import World

WHOLE: tuple[str, dict[str, float]] = ("1", {})
SPLIT = ("1", {"2": 0.1})
LONG = "canary-10-5m"
MINUTE = 60
LONGEST_STEP = 150
AFTER_THE_LONGEST_STEP = 200


def _baking(world: World, *targets: Target) -> Release:
    return world.release(*(targets or (world.target(),)), strategy=LONG).reach("Bake")


def _hold(world: World, target: Target, action: str, role: str, service: str = "lambda", body: str = "") -> Injected:
    """Hold a step's call, until it is released, however long its execution is over."""
    resource = target.name if service == "lambda" else None
    # Every such call: the client of a step that waits for too long sends it again.
    fault = Fault(service, action, Effect.HOLD, role=role, resource=resource, body=body, times=None)
    return world.cloud.faults.add(fault)


def _late_answer(world: World, target: Target, held: Injected, action: str, role: str) -> int:
    """Let a held call about a target, or about the ledger, go; give the status it was answered with."""
    about = (target.name, world.stack.outputs["LedgerTable"])

    def answers() -> list[int]:
        calls = [call for call in list(world.cloud.calls) if call.action == action and role in (call.caller_role or "")]
        return [call.status for call in calls if any(name in arn for arn in call.resources for name in about)]

    before = len(answers())
    held.release()
    late: list[int] = eventually(lambda: answers()[before:], f"the held {action}")
    return late[0]


def test_an_aborted_release_is_made_whole_by_the_second_run_of_recover_and_unlocked_later(world: World) -> None:
    release = _baking(world)
    target = release.target
    with world.recovering():
        release.stop()
        stopped = world.cloud.clock.time()
        world.unlocked(target)
        unlocked = world.cloud.clock.time()
    # The event and the schedule may both have it restored; nothing else is ever written.
    assert (target.writes[0], set(map(str, target.writes[1:]))) == (SPLIT, {str(WHOLE)})
    in_vain = [run for run in _runs_of_recover(world) if run.started > stopped and run.ended < target.written_at[1]]
    assert len(in_vain) <= 1
    told = [item["at"] for item in world.ledger(f"release#{release.name}") if item.get("kind") == "recovered"]
    assert unlocked - int(min(told)) >= LONGEST_STEP, "a step may still be in flight"
    assert (world.record(release) or {})["ended"] == "recovered"


def _runs_of_recover(world: World) -> list[Invocation]:
    return [run for run in list(world.cloud.invocations) if run.function_name == world.step_function("Recover")]


@pytest.mark.parametrize("rule", ["EveryMinute", "ExecutionEnded"])
def test_either_the_schedule_or_the_event_is_enough(rule: str, world: World) -> None:
    release = _baking(world)
    with world.recovering(by=[rule]):
        release.stop()
        eventually(lambda: release.target.state == WHOLE, f"whole again by {rule}")


def test_a_release_aborted_while_it_prepares_is_unlocked_and_its_late_publication_harmless(world: World) -> None:
    target = world.target()
    held = _hold(world, target, "PublishVersion", "PublishFunction")
    release = world.release(target)
    assert held.waiting.wait(PATIENCE)
    release.stop()
    world.recover()
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert world.lock(target) is None
    held.release()
    eventually(lambda: target.versions == ["1", "2"], "the late publication")
    assert target.state == WHOLE


def test_what_a_step_of_an_aborted_release_writes_late_is_refused(world: World) -> None:
    target = world.target()
    held = _hold(world, target, "UpdateAlias", "ShiftFunction")
    release = world.release(target)
    assert held.waiting.wait(PATIENCE)
    release.stop()
    world.recover()
    assert _late_answer(world, target, held, "UpdateAlias", "ShiftFunction") == 412
    assert target.state == WHOLE
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert world.lock(target) is None


def test_a_promotion_that_was_not_committed_is_undone_and_cannot_be_committed_late(world: World) -> None:
    target = world.target()
    held = _hold(world, target, "UpdateItem", "FinishFunction", "dynamodb", body="promoted")
    release = world.release(target, strategy="all-at-once")
    assert held.waiting.wait(PATIENCE)
    assert target.state == ("2", {})
    release.stop()
    world.recover()
    assert target.state == WHOLE
    assert _late_answer(world, target, held, "UpdateItem", "FinishFunction") == 400
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert (target.state, world.lock(target)) == (WHOLE, None)


def test_a_promotion_that_was_committed_is_never_undone(world: World) -> None:
    target = world.target()
    held = _hold(world, target, "PutItem", "FinishFunction", "dynamodb", body="finished")
    release = world.release(target, strategy="all-at-once")
    assert held.waiting.wait(PATIENCE)
    release.stop()
    (done,) = world.recover()["recovered"]
    assert done.startswith(f"{release.name}: unlocked after its promotion")
    assert (world.record(release) or {})["ended"] == "released"
    assert (target.state, world.lock(target)) == (("2", {}), None)
    held.release()


def test_a_promoted_release_whose_unlocking_failed_is_only_unlocked(world: World) -> None:
    target = world.target()
    for role in ("FinishFunction", "RollBackFunction"):
        kill = Effect.KILL_BEFORE
        world.cloud.faults.add(Fault("dynamodb", "DeleteItem", kill, role=role, body=target.full_name, times=None))
    release = world.release(target, strategy="all-at-once").wait()
    assert release.states[-1] == "Left to recover"
    assert world.lock(target) is not None
    (done,) = world.recover()["recovered"]
    assert done.startswith(f"{release.name}: unlocked after its promotion")
    assert (world.record(release) or {})["ended"] == "released"
    assert (target.writes, world.lock(target)) == ([("2", {})], None)


def test_recover_running_twice_at_once_does_no_harm(world: World) -> None:
    release = _baking(world, world.target(), world.target())
    release.stop()
    with Pool(2) as pool:
        answers = list(pool.map(lambda _: world.recover(), range(2)))
    assert [target.state for target in release.targets] == [WHOLE, WHOLE]
    assert [answer for answer in answers if "errorType" in answer] == []
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert [world.lock(target) for target in release.targets] == [None, None]


def test_a_running_release_is_left_alone(world: World) -> None:
    release = _baking(world)
    assert world.recover(later=MINUTE) == {"recovered": []}
    assert release.target.state == SPLIT
    assert release.wait().status == "SUCCEEDED", release.cause


def test_an_execution_that_nobody_knows_counts_as_running_for_five_minutes(world: World) -> None:
    target, name = world.target(), world.next_name()
    world.call("Plan", world.plan_event(target, name, world.execution(name)))
    assert world.lock(target) is not None
    assert not any(target.name in told for told in world.recover(later=MINUTE)["recovered"])
    world.recover(later=6 * MINUTE)
    world.recover(later=6 * MINUTE + AFTER_THE_LONGEST_STEP)
    assert world.lock(target) is None


def test_a_redriven_release_that_was_recovered_changes_nothing(world: World) -> None:
    release = _baking(world)
    release.stop()
    release.wait()
    world.recover()
    world.recover(later=AFTER_THE_LONGEST_STEP)
    release.redrive()
    release.wait()
    assert (release.status, release.error) == ("FAILED", "LockLost")
    assert release.target.writes == [SPLIT, WHOLE]


def test_an_alias_that_cannot_be_healed_now_keeps_no_other_waiting(world: World) -> None:
    stuck, healthy = _baking(world), _baking(world)
    refused = Fault(
        "lambda", "UpdateAlias", Effect.KILL_BEFORE, role="RecoverFunction", resource=stuck.target.name, times=1
    )
    throttled = Fault("dynamodb", "UpdateItem", Effect.THROTTLE, role="RecoverFunction", body=stuck.name, times=4)
    for release in (stuck, healthy):
        release.stop()
    world.cloud.faults.add(throttled)
    answer = world.recover()
    assert answer["errorType"] == "RollBackIncomplete"
    assert stuck.name in answer["errorMessage"]
    assert (stuck.target.state, healthy.target.state) == (SPLIT, WHOLE)
    world.cloud.faults.add(refused)
    world.recover()
    world.recover()
    assert stuck.target.state == WHOLE


def test_a_late_step_that_got_through_after_all_is_undone_before_the_lock_goes(world: World) -> None:
    release = _baking(world)
    release.stop()
    world.recover()
    release.target.move("1", {"2": 0.1})
    world.recover(later=MINUTE)
    assert release.target.state == WHOLE
    world.recover(later=MINUTE + AFTER_THE_LONGEST_STEP)
    assert world.lock(release.target) is None


def test_one_target_that_cannot_be_restored_keeps_no_other_of_its_release_split(world: World) -> None:
    first, second = world.target(), world.target()
    release = _baking(world, first, second)
    refused = Fault("lambda", "UpdateAlias", Effect.FAIL, role="RecoverFunction", resource=first.name, times=None)
    injected = world.cloud.faults.add(refused)
    release.stop()
    assert world.recover()["errorType"] == "RollBackIncomplete"
    assert (first.state, second.state) == (SPLIT, WHOLE)
    world.cloud.faults.remove(injected)
    world.recover()
    assert (first.state, second.state) == (WHOLE, WHOLE)


def test_a_try_of_plan_that_step_functions_gave_up_cannot_free_the_locks_of_the_next(world: World) -> None:
    """It looks at the aliases again once they are locked, and finds one that has moved since."""
    target, name = world.target(), world.next_name()
    first = world.plan_event(target, name, world.execution(name))
    look = Fault("lambda", "GetAlias", Effect.HOLD, role="PlanFunction", resource=target.name, skip=1)
    held = world.cloud.faults.add(look)
    with Pool(1) as pool:
        answer = pool.submit(world.call, "Plan", first)
        assert held.waiting.wait(PATIENCE)
        assert (world.lock(target) or {})["attempt"] == 0
        target.move(target.publish())
        assert world.call("Plan", first | {"attempt": 1})["next"] == "prepare"
        held.release()
        assert answer.result()["errorType"] == "AliasMoved"
    lock = world.lock(target) or {}
    assert (lock.get("release"), lock.get("attempt")) == (name, 1)
    (record,) = [item for item in world.ledger(f"release#{name}") if item["sk"] == "record"]
    assert "ended" not in record


def test_recover_remembers_why_a_release_was_to_be_rolled_back(world: World) -> None:
    target = world.target().evidence(canary_failing=0.3)
    world.cloud.faults.add(
        Fault("lambda", "UpdateAlias", Effect.FAIL, role="RollBackFunction", resource=target.name, times=None)
    )
    release = world.release(target).wait()
    assert release.states[-1] == "Left to recover"
    world.recover()
    record = world.record(release) or {}
    assert (target.state, record["ended"]) == (WHOLE, "recovered")
    assert "failed" in record["outcome"]
    assert world.rolled_back(target) == ["2"]


def test_a_redrive_before_recover_has_reached_the_locks_changes_nothing(world: World) -> None:
    release = _baking(world)
    lock = release.target.full_name
    throttled = Fault("dynamodb", "UpdateItem", Effect.THROTTLE, role="RecoverFunction", body=lock, times=4)
    release.stop()
    release.wait()
    world.cloud.faults.add(throttled)
    assert world.recover()["errorType"] == "RollBackIncomplete"
    release.redrive()
    release.wait()
    assert (release.status, release.target.state) == ("FAILED", WHOLE)
    assert [state for state in release.target.writes if state == ("2", {})] == []
