"""docs/moving/codedeploy_hook.py answers for every target of a release, with the hook of CodeDeploy as it is."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.builders import a_plan, a_target
from tests.reading import ROOT
from tidegate.domain.due_hooks import told
from tidegate.domain.hooks import PlannedHook

HOOK = """
import json, os, pathlib, boto3

VERSION = os.environ.get("NEW_VERSION")

def handler(event, context):
    with pathlib.Path({asked!r}).open("a") as file:
        print(json.dumps([VERSION, event]), file=file)
    if VERSION == "silent":
        return
    boto3.client("codedeploy", region_name="eu-west-1").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Failed" if VERSION and VERSION.endswith(":13") else "Succeeded",
    )
"""
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:r"
CHECKOUT = "arn:aws:lambda:eu-west-1:123456789012:function:checkout:43"


class Adapter:
    """The adapter beside a hook that finds version 13 of a function bad."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "asked"
        self.log.touch()
        (folder / "hook_of_codedeploy.py").write_text(HOOK.format(asked=str(self.log)))
        spec = importlib.util.spec_from_file_location("codedeploy_hook", ROOT / "docs/moving/codedeploy_hook.py")
        assert spec
        assert spec.loader
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)

    def answer(self, event: dict[str, Any]) -> Any:
        return self.module.handler(event, None)

    @property
    def asked(self) -> list[Any]:
        """Give the version that the hook was to check, and its event, of each call."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Adapter]:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HOOK_HANDLER", "hook_of_codedeploy.handler")
    monkeypatch.setenv("VERSION_VARIABLE", "NEW_VERSION")
    monkeypatch.delenv("NEW_VERSION", raising=False)
    yield Adapter(tmp_path)
    sys.modules.pop("hook_of_codedeploy", None)


def event(**canaries: str | None) -> dict[str, Any]:
    """Give what a hook is told before the traffic of a release of these functions and their new versions."""
    plan = a_plan(*(a_target(name, canary=canary) for name, canary in canaries.items()))
    hook = PlannedHook("before_traffic", "check", 60)
    return told(hook, None, plan, release="r", execution=EXECUTION, answer={})


def test_every_target_is_checked_by_a_call_of_its_own(adapter: Adapter) -> None:
    answer = adapter.answer(event(checkout="43", basket="7"))
    assert answer["ok"] is True
    assert [version for version, _ in adapter.asked] == [CHECKOUT, CHECKOUT.replace("checkout:43", "basket:7")]
    assert len({ids["LifecycleEventHookExecutionId"] for _, ids in adapter.asked}) == 2


def test_one_bad_target_of_several_is_named(adapter: Adapter) -> None:
    for canaries in ({"checkout": "43", "basket": "13"}, {"basket": "13", "checkout": "43"}):
        answer = adapter.answer(event(**canaries))
        assert answer == {"ok": False, "reason": "the hook reported Failed for basket:live"}


def test_a_target_without_a_new_version_is_not_approved_of(adapter: Adapter) -> None:
    answer = adapter.answer(event(checkout="43", basket=None))
    assert answer == {"ok": False, "reason": "basket:live has no new version to check"}


def test_a_hook_that_asks_for_no_version_is_called_once(adapter: Adapter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERSION_VARIABLE")
    assert adapter.answer(event(checkout="43", basket=None))["ok"] is True
    assert [version for version, _ in adapter.asked] == [None]


def test_a_probe_is_about_the_target_that_it_names(adapter: Adapter) -> None:
    probe = {"release": "r", "token": "r/probe/checkout:live", "function": "checkout", "alias": "live", "arn": CHECKOUT}
    assert adapter.answer(probe) == {"ok": True, "reason": "the hook reported Succeeded for checkout:live"}
    with pytest.raises(RuntimeError, match="reported nothing to CodeDeploy before it returned, for checkout:live"):
        adapter.answer({**probe, "arn": "silent"})
