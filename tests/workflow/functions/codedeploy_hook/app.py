"""A hook as CodeDeploy's guide has it: it checks the version in its environment, and reports to the deployment."""

import json
import os
from typing import Any

import boto3

VERSION = os.environ.get("NEW_VERSION", "")


def handler(event: dict[str, Any], context: object) -> None:
    if os.environ["REPORTS"] == "nothing":
        return
    answer = boto3.client("lambda").invoke(FunctionName=VERSION, Payload=b"{}")
    passed = json.loads(answer["Payload"].read()).get("build") == os.environ["REPORTS"]
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if passed else "Failed",
    )
