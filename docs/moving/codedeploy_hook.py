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
    reported.clear()
    if variable := os.environ.get("VERSION_VARIABLE"):
        os.environ[variable] = event["arn"] if "arn" in event else event["targets"][0]["arn"]
    module, _, name = os.environ["HOOK_HANDLER"].rpartition(".")
    hook = importlib.reload(sys.modules[module]) if module in sys.modules else importlib.import_module(module)
    getattr(hook, name)({"DeploymentId": event["release"], "LifecycleEventHookExecutionId": event["token"]}, context)
    if not reported:
        raise RuntimeError("the hook reported nothing to CodeDeploy before it returned")
    return {"ok": reported[-1] == "Succeeded", "reason": f"the hook reported {reported[-1]}"}
