"""Which hooks are due after a state, and how a release ends whose hooks fail."""

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.stepfunctions.jsonata import evaluate
from tests.builders import NOON, a_plan, a_target
from tests.failing import refused
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tests.reading import states
from tidegate.aws.lambda_ import hooks
from tidegate.aws.ledger import records, table
from tidegate.domain.due_hooks import told, with_hooks
from tidegate.domain.errors import AwsBusy, HookFailed, HookRefused, HookUnanswered, HookWakingUp, LockLost
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


def ran(answers: Any, moment: str, *, retries: int = 0, then: str = "shift") -> dict[str, Any]:
    step = 0 if moment == "after_step" else None
    answer = {"next": "hook", "then": then, "hooks": [{"moment": moment, "step": step}], "summary": "kept"}
    return asked(answers, answer, retries=retries)


def asked(answers: Any, answer: dict[str, Any], *, retries: int = 0, now: int = NOON) -> dict[str, Any]:
    event = {"release": NAME, "now": format_time(now), "answer": answer, "retries": retries}
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


def after_a_catch(answer: dict[str, Any], error: str) -> Any:
    """Give what Run hooks passes on, which was given `answer` and ended in an error of Step Functions'."""
    (_, catch) = states()["Run hooks"]["Catch"]
    assert catch["Next"] == "What next?"
    context = {"State": {"Name": "Run hooks"}}
    bound = {"states": {"input": answer, "errorOutput": {"Error": error}, "context": context}}
    return evaluate(catch["Output"].removeprefix("{%").removesuffix("%}"), bound)


def test_a_broken_hook_leaves_a_release_that_is_over_its_end_and_its_reason(aws: SmallAws) -> None:
    answer = undone("InitFailed", "Prepare versions")
    after = after_a_catch(answer, "States.Timeout")
    assert after["hooked"] == "Run hooks ended in States.Timeout"
    assert (after["next"], after["error"], after["cause"]) == ("rolled_back", "InitFailed", answer["cause"])
    promoted = {"outcome": "released", "next": "hook", "hooks": [], "tick": "at"}
    for then in ("released", "look_back"):
        after = after_a_catch({**promoted, "then": then}, "AwsBusy")
        assert (after["next"], after["tick"]) == (then, "at")


def test_a_broken_hook_rolls_back_a_release_that_is_not_over() -> None:
    for then in ("shift", "bake", "finish"):
        assert after_a_catch({"next": "hook", "then": then, "hooks": []}, "AwsBusy")["next"] == "roll_back"


def test_a_hook_that_fails_before_any_traffic_says_nothing_of_the_version(aws: SmallAws) -> None:
    undone("HookFailed", "Run hooks")
    assert records.read(NAME).ended == "refused"


def test_the_release_continues_where_it_was_going(aws: SmallAws) -> None:
    answer = ran(lambda *_, **__: HookAnswer(ok=True), "before_traffic")
    assert answer == {"next": "shift", "summary": "kept", "hooked": "before_traffic: check approves"}


def test_a_hook_that_insists_ends_the_release(aws: SmallAws) -> None:
    with pytest.raises(HookRefused, match="check, the hook before_traffic, disapproves: no orders"):
        ran(lambda *_, **__: HookAnswer(ok=False, reason="no orders"), "before_traffic")


@pytest.mark.parametrize("error", [HookFailed("It broke."), HookUnanswered("It hangs."), AwsBusy("It is throttled.")])
def test_a_hook_that_insists_and_gives_no_answer_ends_the_release(error: Exception, aws: SmallAws) -> None:
    with pytest.raises(type(error), match=str(error)):
        ran(failing(error), "before_traffic", retries=11)


@pytest.mark.parametrize(
    ("error", "retries", "said"),
    [
        (HookFailed("It broke."), 2, "check failed 3 times"),
        (AwsBusy("It is throttled."), 7, "It is throttled"),
        (HookWakingUp("It is waking up."), 11, "It is waking up"),
        (HookUnanswered("It hangs."), 0, "It hangs"),
    ],
)
def test_a_hook_that_does_not_insist_is_told_of_after_its_last_try(
    error: Exception, retries: int, said: str, aws: SmallAws
) -> None:
    for tried in range(retries):
        with pytest.raises(type(error)):
            ran(failing(error), "after_step", retries=tried)
    done = ran(failing(error), "after_step", retries=retries)
    assert done["hooked"] == f"after_step: {said}, and the release continues"


def test_the_step_knows_how_often_the_state_machine_tries() -> None:
    tries = {name: each["MaxAttempts"] for each in states()["Run hooks"]["Retry"] for name in each["ErrorEquals"]}
    assert {kind.__name__: count for kind, count in run_hooks.RETRIES.items()} == {
        name: tries[name] for name in ("HookFailed", "AwsBusy", "HookWakingUp")
    }


BOTH = {
    "next": "hook",
    "then": "shift",
    "hooks": [{"moment": "after_step", "step": 0}, {"moment": "before_traffic", "step": None}],
}


class Hook:
    """A function of the user's that approves, and may hang at one moment."""

    def __init__(self, hangs: str = "") -> None:
        self.hangs = hangs
        self.tokens: list[str] = []

    def __call__(self, _function: str, event: dict[str, Any], *, seconds: int) -> HookAnswer:
        assert seconds == 60
        self.tokens.append(event["token"].removeprefix(f"{NAME}/"))
        if event["tidegate"] == self.hangs:
            raise HookUnanswered("It hangs.")
        return HookAnswer(ok=True)


def test_of_two_hooks_each_has_a_state_of_its_own(aws: SmallAws) -> None:
    hook = Hook(hangs="after_step")
    first = asked(hook, BOTH)
    assert (first["next"], first["then"], first["hooks"]) == ("hook", "shift", BOTH["hooks"][1:])
    assert hook.tokens == ["after_step/0"]
    assert asked(hook, first, now=NOON + 90) == {
        "next": "shift",
        "hooked": "after_step: It hangs, and the release continues; before_traffic: check approves",
    }
    (told_of,) = (each for each in aws.partition(f"release#{NAME}") if each.get("kind") == "hooks-ran")
    assert told_of["hooks"] == ["after_step", "before_traffic"]


def test_a_hook_that_has_answered_is_not_asked_again(aws: SmallAws) -> None:
    hook = Hook(hangs="after_step")
    for moment in ("after_step", "before_traffic"):
        assert len({ran(hook, moment, retries=tried)["hooked"] for tried in range(3)}) == 1
    assert hook.tokens == ["after_step/0", "before_traffic"]
    refusing = lambda *_, **__: HookAnswer(ok=False, reason="no orders")  # noqa: E731 - asked for its answer alone
    aws.items.pop((f"release#{NAME}", f"asked#{NAME}/before_traffic"))
    for answers in (refusing, hook):
        with pytest.raises(HookRefused, match="disapproves: no orders"):
            ran(answers, "before_traffic")


def test_an_answer_to_an_earlier_release_of_the_name_is_none_to_this_one(aws: SmallAws) -> None:
    hook = Hook()
    ran(hook, "before_traffic")
    key = (f"release#{NAME}", f"asked#{NAME}/before_traffic")
    for earlier in ({"at": {"N": str(NOON - 1)}}, {"at": {"S": "odd"}}):
        aws.items[key] = {**aws.items[key], **earlier}
        ran(hook, "before_traffic")
    assert hook.tokens == ["before_traffic"] * 3


def test_a_busy_ledger_does_not_have_a_hook_asked_twice(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(item: dict[str, Any], **_: Any) -> None:
        raise refused("ThrottlingException", 400)

    monkeypatch.setattr(table, "put", busy)
    hook = Hook()
    assert ran(hook, "before_traffic")["next"] == "shift"
    assert hook.tokens == ["before_traffic"]


def test_an_event_that_a_busy_ledger_refuses_is_written_by_the_retry(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = table.put

    def busy(item: dict[str, Any], **more: Any) -> Any:
        if item["sk"].startswith("event#"):
            raise refused("ThrottlingException", 400)
        return real(item, **more)

    hook = Hook()
    with monkeypatch.context() as patch:
        patch.setattr(table, "put", busy)
        with pytest.raises(AwsBusy):
            ran(hook, "before_traffic")
    assert ran(hook, "before_traffic", retries=1)["next"] == "shift"
    assert hook.tokens == ["before_traffic"]


def test_no_hook_is_asked_once_the_release_is_being_rolled_back(aws: SmallAws) -> None:
    hook = Hook()
    first = asked(hook, BOTH)
    records.begin_undo(NAME, NOON)
    with pytest.raises(LockLost):
        asked(hook, first)
    assert hook.tokens == ["after_step/0"]
    assert ran(hook, "on_rollback", then="rolled_back")["next"] == "rolled_back"
