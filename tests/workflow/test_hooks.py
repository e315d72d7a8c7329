"""Functions of the user's that a release asks before, during and after it."""

import json
from typing import Any

from localcloud.faults import Effect, Fault, TaskFault
from tests.workflow.left_behind import assert_nothing_is_left
from tests.workflow.people import accepted, decide
from tests.workflow.releases import eventually
from tests.workflow.targets import Target
from tests.workflow.world import APPROVES, TWO_STEPS, World


def said_to(world: World, function: Target) -> list[Any]:
    """Give the events that a function of the user's received, in order."""
    events = world.cloud.client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{function.name}", filterPattern="told"
    )["events"]
    return [json.loads(event["message"].partition("told ")[2]) for event in events]


def invoked(world: World, function: Target) -> int:
    """Count the invocations of a function that have ended."""
    return sum(call.function_name == function.name for call in list(world.cloud.invocations))


def test_each_hook_is_told_the_moment_the_step_and_the_version(world: World) -> None:
    target, hook = world.target(), world.asked(APPROVES)
    moments = ("before_traffic", "before_step", "after_step", "after_promotion")
    release = world.release(target.evidence(), strategy=TWO_STEPS, hooks=dict.fromkeys(moments, hook.name)).wait()
    assert release.status == "SUCCEEDED", release.cause
    told = said_to(world, hook)
    assert [(event["tidegate"], event["step"], event["weight"]) for event in told] == [
        ("before_traffic", None, None),
        ("before_step", 0, 10),
        ("after_step", 0, 10),
        ("before_step", 1, 50),
        ("after_step", 1, 50),
        ("after_promotion", None, None),
    ]
    assert len({event["token"] for event in told}) == len(told)
    (version,) = told[0]["targets"]
    configuration = world.cloud.client("lambda").get_function(FunctionName=target.name, Qualifier="2")["Configuration"]
    assert version == {
        "function": target.name,
        "alias": "live",
        "stable": "1",
        "version": "2",
        "arn": configuration["FunctionArn"],
    }
    assert target.writes == [("1", {"2": 0.1}), ("1", {"2": 0.5}), ("2", {})]


def test_a_hook_that_disapproves_at_a_step_rolls_back_and_the_last_one_is_told_why(world: World) -> None:
    target, hook, last = world.target(), world.asked("not at step 1"), world.asked("raise")
    hooks = {"before_step": hook.name, "on_rollback": last.name}
    release = world.release(target.evidence(), strategy=TWO_STEPS, hooks=hooks).wait()
    assert (release.status, release.error) == ("FAILED", "HookRefused")
    assert f"{hook.name}, the hook before_step, disapproves: step 1 is one too many." in release.cause
    assert target.writes == [("1", {"2": 0.1}), ("1", {})]
    told = said_to(world, last)
    assert {(event["tidegate"], event["error"], event["token"]) for event in told} == {
        ("on_rollback", "HookRefused", f"{release.name}/on_rollback")
    }
    assert len(told) == 3
    assert release.results("Run hooks")[-1]["hooked"] == (
        f"on_rollback: {last.name} failed 3 times, and the release continues"
    )
    assert (world.record(release) or {})["ended"] == "rolled-back"


def test_a_hook_that_fails_before_any_traffic_stops_the_release_after_three_tries(world: World) -> None:
    target, hook = world.target(), world.asked("raise")
    release = world.release(target, hooks={"before_traffic": hook.name}).wait()
    assert (release.status, release.error) == ("FAILED", "HookFailed")
    assert f"{hook.name} failed: KeyError: 'DeploymentId'" in release.cause
    assert [event["token"] for event in said_to(world, hook)] == [f"{release.name}/before_traffic"] * 3
    assert target.writes == [("1", {})]
    assert_nothing_is_left(world, target)
    assert world.lock(target) is None


def test_a_hook_that_does_not_answer_in_time_is_not_asked_again_and_may_be_ignored(world: World) -> None:
    target, hook = world.target(), world.asked("hang", timeout=2)
    patient = {"function": hook.name, "timeout_seconds": 1, "on_failure": "continue"}
    hooks = {"before_traffic": patient, "after_promotion": {"function": hook.name, "timeout_seconds": 1}}
    release = world.release(target, strategy="all-at-once", hooks=hooks).wait()
    assert release.status == "SUCCEEDED", release.cause
    assert [result["hooked"].partition(":")[0] for result in release.results("Run hooks")] == [*hooks]
    assert "did not answer within 1 s" in release.results("Run hooks")[0]["hooked"]
    eventually(lambda: invoked(world, hook) >= len(hooks), "the end of both invocations")
    assert invoked(world, hook) == len(hooks)
    assert target.state == ("2", {})


def test_while_the_last_hooks_run_an_abort_is_still_possible(world: World) -> None:
    """No request has moved yet: what takes minutes must not shut out the one decision that matters."""
    target, hook = world.target(), world.asked("hang", timeout=3)
    patient = {"function": hook.name, "timeout_seconds": 2, "on_failure": "continue"}
    release = world.release(target, strategy="all-at-once", hooks={"before_traffic": patient}).reach("Run hooks")
    assert "It can only be aborted now." in decide(world, release, "hold")["summary"]
    assert "as soon as its hooks have answered" in accepted(world, release, "abort")
    assert (release.wait().status, release.error) == ("FAILED", "Aborted")
    assert "ana aborted it" in release.cause
    assert target.writes == [("1", {})]


def test_a_hook_whose_answer_was_lost_is_not_asked_again_and_a_broken_last_hook_hides_no_reason(world: World) -> None:
    name, target, hook, last = world.next_name(), world.target(), world.asked(APPROVES), world.asked(APPROVES)
    world.cloud.faults.add(Fault("lambda", "Invoke", Effect.LOST_AFTER, resource=hook.name, times=None))
    world.cloud.faults.add_task(TaskFault("Run hooks", execution=name, skip=1, times=None))
    hooks = {"before_traffic": hook.name, "on_rollback": last.name}
    release = world.release(target, name=name, hooks=hooks).wait()
    assert (release.status, release.error) == ("FAILED", "HookUnanswered")
    assert f"{hook.name} did not answer: the connection was lost" in release.cause
    assert invoked(world, hook) == 1
    assert release.states[-5:] == ["Roll back", "Rolled back?", "Run hooks", "What next?", "Rolled back"]
    assert target.writes == [("1", {})]
