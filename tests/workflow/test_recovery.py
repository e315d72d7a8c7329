"""Aliases of releases that no execution will finish: recover makes them whole, and only them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from localcloud.faults import Effect, Fault, Injected
from tests.workflow.releases import Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import World

WHOLE: tuple[str, dict[str, float]] = ("1", {})
SPLIT = ("1", {"2": 0.1})
LONG = "canary-10-5m"
MINUTE = 60
AFTER_THE_LONGEST_STEP = 200
AFTER_EVERY_DEADLINE = 5 * 24 * 60 * MINUTE


def _baking(world: World, *targets: Target) -> Release:
    return world.release(*(targets or (world.target(),)), strategy=LONG).reach("Bake")


def _hold(world: World, target: Target, action: str, role: str, service: str = "lambda", body: str = "") -> Injected:
    """Hold a step's call, until it is released, however long its execution is over."""
    resource = target.name if service == "lambda" else None
    return world.cloud.faults.add(Fault(service, action, Effect.HOLD, role=role, resource=resource, body=body))


def _late_answer(world: World, held: Injected, action: str, role: str) -> int:
    """Let a held call go, and give the status it was answered with."""
    calls = [call for call in world.cloud.calls if call.action == action and role in (call.caller_role or "")]
    held.release()

    def newer() -> list[int]:
        now = [c for c in list(world.cloud.calls) if c.action == action and role in (c.caller_role or "")]
        return [call.status for call in now[len(calls) :]]

    answers: list[int] = eventually(newer, f"the held {action}")
    return answers[0]


def test_an_aborted_release_is_made_whole_within_two_minutes_and_unlocked_later(world: World) -> None:
    release = _baking(world)
    target, stopped = release.target, world.cloud.clock.time()
    with world.recovering():
        release.stop()
        eventually(lambda: target.state == WHOLE, "whole again")
        lock = world.lock(target)
        assert world.cloud.clock.time() - stopped < 2 * MINUTE
        assert lock is not None, "a step may still be in flight"
        world.unlocked(target)
        assert world.cloud.clock.time() - stopped > 2 * MINUTE
    record = world.record(release)
    assert record is not None
    assert record["ended"] == "recovered"
    assert target.writes == [SPLIT, WHOLE]


@pytest.mark.parametrize("rule", ["EveryMinute", "ExecutionEnded"])
def test_either_the_schedule_or_the_event_is_enough(rule: str, world: World) -> None:
    release = _baking(world)
    with world.recovering(by=[rule]):
        release.stop()
        eventually(lambda: release.target.state == WHOLE, f"whole again by {rule}")
    world.recover(later=AFTER_THE_LONGEST_STEP)


def test_a_release_aborted_while_it_prepares_is_unlocked_and_its_late_publication_harmless(world: World) -> None:
    target = world.target()
    held = _hold(world, target, "PublishVersion", "PublishFunction")
    release = world.release(target)
    assert held.waiting.wait(30)
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
    assert held.waiting.wait(30)
    release.stop()
    world.recover()
    assert _late_answer(world, held, "UpdateAlias", "ShiftFunction") == 412
    assert target.state == WHOLE
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert world.lock(target) is None


def test_a_promotion_that_was_not_committed_is_undone_and_cannot_be_committed_late(world: World) -> None:
    target = world.target()
    held = _hold(world, target, "UpdateItem", "FinishFunction", "dynamodb", body="promoted")
    release = world.release(target, strategy="all-at-once")
    assert held.waiting.wait(30)
    assert target.state == ("2", {})
    release.stop()
    world.recover()
    assert target.state == WHOLE
    assert _late_answer(world, held, "UpdateItem", "FinishFunction") == 400
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert (target.state, world.lock(target)) == (WHOLE, None)


def test_a_promotion_that_was_committed_is_never_undone(world: World) -> None:
    target = world.target()
    held = _hold(world, target, "PutItem", "FinishFunction", "dynamodb", body="finished")
    release = world.release(target, strategy="all-at-once")
    assert held.waiting.wait(30)
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
    with ThreadPoolExecutor(2) as pool:
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
    execution = world.stack.outputs["StateMachineArn"].replace(":stateMachine:", ":execution:") + f":{name}"
    world.call("Plan", world.plan_event(target, name, execution))
    assert world.lock(target) is not None
    assert world.recover(later=4 * MINUTE) == {"recovered": []}
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
    world.recover(later=AFTER_THE_LONGEST_STEP)


def test_a_late_step_that_got_through_after_all_is_undone_before_the_lock_goes(world: World) -> None:
    release = _baking(world)
    release.stop()
    world.recover()
    release.target.move("1", {"2": 0.1})
    world.recover(later=MINUTE)
    assert release.target.state == WHOLE
    world.recover(later=MINUTE + AFTER_THE_LONGEST_STEP)
    assert world.lock(release.target) is None


def test_an_execution_far_past_its_deadline_is_stopped_and_undone(world: World) -> None:
    release = _baking(world)
    world.recover(later=AFTER_EVERY_DEADLINE)
    release.wait()
    assert (release.status, release.error) == ("ABORTED", "DeadlinePassed")
    assert release.target.state == WHOLE


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
    """It looks at the aliases again once they are locked, and may find them split by its own release."""
    target = world.target()
    release = _baking(world, target)
    late = world.plan_event(target, release.name, release.arn)
    answer = world.call("Plan", late | {"now": world.started(release)})
    assert answer["errorType"] in {"AliasMoved", "InvalidRequest", "ReleaseExists"}
    assert world.lock(target) is not None
    assert (world.record(release) or {}).get("ended") is None
    assert release.wait().status == "SUCCEEDED", release.cause


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
    assert [item["version"] for item in world.ledger(f"alias#{target.full_name}")] == ["2"]


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
