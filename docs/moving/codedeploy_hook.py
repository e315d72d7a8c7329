"""Answers Tidegate with what a hook of CodeDeploy, which stays as it is, reports to CodeDeploy.

Put this file beside the hook, and set the function's handler to codedeploy_hook.handler, HOOK_HANDLER to the hook's own
handler (app.handler), and VERSION_VARIABLE to the environment variable in which the hook expects the version's ARN.
No call reaches CodeDeploy. The hook must report through boto3 before it returns.
"""

import importlib
import json
import os
import sys
from types import SimpleNamespace
from typing import Any

import boto3

reported: list[str] = []


def _report(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
    """Keep the status instead of sending it (a handler of botocore's event before-call)."""
    body = json.loads(params["body"])
    reported.append(body["status"])
    return SimpleNamespace(status_code=200), {"lifecycleEventHookExecutionId": body["lifecycleEventHookExecutionId"]}


boto3.setup_default_session()
boto3.DEFAULT_SESSION.events.register("before-call.codedeploy.PutLifecycleEventHookExecutionStatus", _report)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run the hook for each target, or once if it does not ask for a version; it approves if it approves of each."""
    targets = event.get("targets", [event])  # a probe is about one target, which the event itself describes
    variable = os.environ.get("VERSION_VARIABLE")
    answers = [_ask(event, target, variable, context) for target in (targets if variable else targets[:1])]
    return {
        "ok": all(ok for ok, _ in answers),
        "reason": "; ".join(reason for ok, reason in answers if not ok) or "; ".join(reason for _, reason in answers),
    }


def _ask(event: dict[str, Any], target: dict[str, Any], variable: str | None, context: Any) -> tuple[bool, str]:
    name = f"{target['function']}:{target['alias']}"
    if variable and target["arn"] is None:
        return False, f"{name} has no new version to check"
    if variable:
        os.environ[variable] = target["arn"]
    reported.clear()
    module, _, function = os.environ["HOOK_HANDLER"].rpartition(".")
    hook = importlib.reload(sys.modules[module]) if module in sys.modules else importlib.import_module(module)
    ids = {"DeploymentId": event["release"], "LifecycleEventHookExecutionId": f"{event['token']}/{name}"}
    getattr(hook, function)(ids, context)
    if not reported:
        raise RuntimeError(f"the hook reported nothing to CodeDeploy before it returned, for {name}")
    return reported[-1] == "Succeeded", f"the hook reported {reported[-1]} for {name}"
