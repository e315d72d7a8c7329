"""What a probe finds wrong with a version, each in a real runtime, and what a probe leaves behind: nothing.

The step's function is invoked itself, with its own role: a whole release for each outcome would show no more.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from localcloud.lambda_.runtime import environment
from tests.workflow.left_behind import assert_nothing_is_left, calls_of_the_alias
from tests.workflow.targets import Target
from tests.workflow.world import FUNCTIONS, World

ADAPTER = Path(__file__).parents[2] / "docs/moving/codedeploy_hook.py"

PYTHON: dict[str, Any] = {"stable": "probed", "handler": "app.handler"}
NODE: dict[str, Any] = {"stable": "node/probed", "handler": "index.handler", "runtime": "nodejs20.x"}
RUNTIMES = [
    pytest.param(PYTHON, id="Python"),
    pytest.param(
        NODE, id="Node.js", marks=pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
    ),
]

OUTCOMES: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("fail at init", {}, "InitFailed", "nothing to start with"),
    ("hang at init", {}, "InitTimedOut", "Task timed out after 1.00 seconds. Check what it waits for"),
    ("no handler", {}, "CannotExecute", "Runtime.HandlerNotFound"),
    ("fail", {"payload": {"ping": 1}}, "ProbeFailed", "nothing to answer"),
    ("hang", {}, "ProbeUnanswered", "within its time-out of 1 s"),
    ("answer", {"payload": {}, "expect": {"ok": False}}, "ProbeFailed", "the answer.ok differs"),
    ("answer", {"max_init_seconds": 0.000001}, "InitTooSlow", "at most 1e-06 s are allowed"),
    (
        "answer",
        {"calls": [{"payload": {"a": 1}, "expect": {"event": {"a": 1}}}, {"payload": 2, "expect": {"event": 3}}]},
        "ProbeFailed",
        "the answer.event differs (call 2 of 2)",
    ),
    ("answer", {"calls": [{}, {}, {"payload": 7, "expect": {"event": 7}}]}, None, "(the slowest of 3 calls)"),
    ("fail", {}, None, "its handler rejected the empty event"),
    ("fail at init", {"kind": "none"}, None, "was not probed, as requested"),
]


def probe(world: World, target: Target, asked: dict[str, Any], **more: Any) -> Any:
    """Have the step try version 1."""
    event = world.plan_event(target, world.next_name(), "")
    expires = int(world.cloud.clock.time()) + 86400
    wanted = {"function": target.name, "alias": target.alias, "stable": None, "expires": expires, "version": "1"}
    return world.call(
        "Probe",
        {
            "release": event["release"],
            "now": event["now"],
            "target": {**wanted, **more},
            "request": {**event["request"], "probe": asked},
            "settings": event["settings"],
        },
    )


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("behaviour", "asked", "error", "words"), OUTCOMES)
def test_a_probe_tells_what_is_wrong_with_a_version(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    runtime: dict[str, Any],
    behaviour: str,
    asked: dict[str, Any],
    error: str | None,
    words: str,
) -> None:
    monkeypatch.setattr(environment, "INIT_LIMIT_SECONDS", 0.5 if behaviour == "hang at init" else 10.0)
    options = {**runtime, "timeout": 1, "environment": {"BEHAVIOUR": behaviour}}
    if behaviour == "no handler":
        options["handler"] = options["handler"].replace("handler", "other")
    target = world.target(None, **options)
    answer = probe(world, target, asked)
    assert answer.get("errorType") == error, answer
    assert words in (answer["errorMessage"] if error else answer["summary"])
    assert_nothing_is_left(world, target)


ANSWERS = [
    ({"ok": True}, None, "passed check-"),
    ({"ok": False, "reason": "no orders\nat all"}, "ProbeFailed", ": no orders; at all. It received no traffic."),
    ({"status": "Succeeded"}, "HookFailed", 'answered without "ok": it must return {"ok": true}'),
    ("raise", "HookFailed", "failed: KeyError: 'DeploymentId'. It must return"),
]


@pytest.mark.parametrize(("answer", "error", "words"), ANSWERS)
def test_a_function_of_the_users_is_told_the_version_and_decides(
    world: World, answer: Any, error: str | None, words: str
) -> None:
    target, check = world.target(None), world.asked(answer if answer == "raise" else json.dumps(answer))
    told = probe(world, target, {"kind": "function", "function": check.name})
    assert told.get("errorType") == error, told
    assert words in (told["errorMessage"] if error else told["summary"])
    event = said_to(world, check)
    arn = world.cloud.client("lambda").get_function(FunctionName=target.name, Qualifier="1")["Configuration"]
    assert event["arn"] == arn["FunctionArn"]
    assert [event[name] for name in ("tidegate", "function", "version", "stable")] == ["probe", target.name, "1", None]
    assert event["token"] == f"{event['release']}/probe/{target.full_name}"
    assert_nothing_is_left(world, target)


@pytest.mark.parametrize(
    ("expected", "error", "words"),
    [
        ("stable", None, "passed check-"),
        ("another", "ProbeFailed", ": the hook reported Failed for "),
        ("nothing", "HookFailed", "failed: RuntimeError: the hook reported nothing to CodeDeploy before it returned"),
    ],
)
def test_a_hook_of_codedeploy_answers_through_its_adapter_unchanged(
    world: World, tmp_path: Path, expected: str, error: str | None, words: str
) -> None:
    for file in (ADAPTER, FUNCTIONS / "codedeploy_hook" / "app.py"):
        shutil.copy(file, tmp_path)
    settings = {"HOOK_HANDLER": "app.handler", "VERSION_VARIABLE": "NEW_VERSION", "REPORTS": expected}
    target = world.target(None)
    hook = f"check-{target.name}"
    world.cloud.create_function(hook, tmp_path, handler="codedeploy_hook.handler", environment=settings, timeout=10)
    told = probe(world, target, {"kind": "function", "function": hook})
    assert told.get("errorType") == error, told
    assert words in (told["errorMessage"] if error else told["summary"])


def said_to(world: World, function: Target) -> Any:
    """Give the event that a function of the user's received last."""
    events = world.cloud.client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{function.name}", filterPattern="told"
    )["events"]
    return json.loads(events[-1]["message"].partition("told ")[2])


def test_a_request_through_the_alias_does_count(world: World) -> None:
    target = world.target(None)
    world.cloud.client("lambda").invoke(FunctionName=target.name, Qualifier=target.alias)
    assert (target.requests("1"), calls_of_the_alias(world, target)) == (1, 1)
