"""Which hooks are due after a state, and how a release ends whose hooks fail."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws.lambda_ import hooks
from tidegate.aws.ledger import records
from tidegate.domain.due_hooks import told, with_hooks
from tidegate.domain.errors import HookFailed, HookRefused, HookUnanswered
from tidegate.domain.hook_answer import HookAnswer
from tidegate.domain.hooks import PlannedHook
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.steps import roll_back, run_hooks

NAME = "checkout-7"
EXECUTION = f"arn:aws-cn:states:cn-north-1:123456789012:execution:tidegate-release:{NAME}"
LAST = PlannedHook("on_rollback", "check", 60, insists=False)


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    with small_aws() as aws:
        aws.moved("checkout", "42")
        hooked = (
            LAST,
            PlannedHook("before_traffic", "check", 60),
            PlannedHook("after_step", "check", 60, insists=False),
        )
        take_on(NAME, EXECUTION, a_plan(a_target("checkout"), hooks=hooked))
        yield aws


def undone(error: str, state: str) -> dict[str, Any]:
    reason = {"error": error, "cause": "It went wrong.", "state": state}
    return roll_back.handler({"release": NAME, "now": format_time(NOON + 5 * MINUTE), "reason": reason}, None)


def ran(answers: Any, moment: str, *, retries: int = 0) -> dict[str, Any]:
    step = 0 if moment == "after_step" else None
    answer = {"next": "hook", "then": "shift", "hooks": [{"moment": moment, "step": step}], "summary": "kept"}
    event = {"release": NAME, "now": format_time(NOON), "answer": answer, "retries": retries}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hooks, "ask", answers)
        return run_hooks.handler(event, None)


def failing(error: Exception) -> Any:
    def ask(*_: Any, **__: Any) -> HookAnswer:
        raise error

    return ask


def test_only_hooks_that_the_request_names_are_due() -> None:
    plan = a_plan(hooks=(PlannedHook("before_step", "check", 60),))
    answer = {"next": "shift", "summary": "s"}
    moments = [("before_traffic", None), ("before_step", 2)]
    assert with_hooks(answer, plan, moments, then="shift") == {
        "next": "hook",
        "summary": "s",
        "then": "shift",
        "hooks": [{"moment": "before_step", "step": 2}],
    }
    assert with_hooks(answer, a_plan(), moments, then="shift") is answer


def test_a_hook_is_told_the_version_by_its_arn_in_every_partition() -> None:
    plan = a_plan(a_target("checkout"), a_target("basket", canary=None))
    event = told(LAST, None, plan, release=NAME, execution=EXECUTION, answer={"error": "VersionFailed", "cause": "bad"})
    assert [target["arn"] for target in event["targets"]] == [
        "arn:aws-cn:lambda:cn-north-1:123456789012:function:checkout:43",
        None,
    ]
    assert (event["token"], event["error"], event["cause"]) == (f"{NAME}/on_rollback", "VersionFailed", "bad")


@pytest.mark.parametrize(
    ("error", "state"),
    [("VersionFailed", "Compare versions"), ("AwsBusy", "Finish"), ("HookRefused", "Run hooks")],
)
def test_a_roll_back_is_followed_by_its_hook(error: str, state: str, aws: SmallAws) -> None:
    answer = undone(error, state)
    assert (answer["next"], answer["then"]) == ("hook", "rolled_back")


@pytest.mark.parametrize("error", ["AwsBusy", "States.Timeout", "Lambda.Unknown"])
def test_a_step_that_runs_no_hooks_any_more_does_not_come_back_for_ever(error: str, aws: SmallAws) -> None:
    assert "next" not in undone(error, "Run hooks")


def test_a_hook_that_fails_before_any_traffic_says_nothing_of_the_version(aws: SmallAws) -> None:
    undone("HookFailed", "Run hooks")
    assert records.read(NAME).ended == "refused"


def test_the_release_continues_where_it_was_going(aws: SmallAws) -> None:
    answer = ran(lambda *_, **__: HookAnswer(ok=True), "before_traffic")
    assert answer == {"next": "shift", "summary": "kept", "hooked": "before_traffic: check approves"}


def test_a_hook_that_insists_ends_the_release(aws: SmallAws) -> None:
    with pytest.raises(HookRefused, match="check, the hook before_traffic, disapproves: no orders"):
        ran(lambda *_, **__: HookAnswer(ok=False, reason="no orders"), "before_traffic")
    for error in (HookFailed("It broke."), HookUnanswered("It hangs.")):
        with pytest.raises(type(error)):
            ran(failing(error), "before_traffic", retries=2)


def test_a_hook_that_does_not_insist_is_tried_three_times_and_told(aws: SmallAws) -> None:
    with pytest.raises(HookFailed):
        ran(failing(HookFailed("It broke.")), "after_step", retries=1)
    assert ran(failing(HookFailed("It broke.")), "after_step", retries=2)["hooked"] == (
        "after_step: check failed 3 times, and the release continues"
    )
    assert ran(failing(HookUnanswered("It hangs.")), "after_step")["hooked"] == (
        "after_step: It hangs, and the release continues"
    )
