"""Delivering events to Lambda functions and state machines: asynchronously, with retries and a dead letter."""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError

from localcloud.clock import current
from localcloud.events.inputs import target_input

log = logging.getLogger(__name__)

DELIVERIES_AT_ONCE = 16
RETRIES = 3
"""AWS tries 185 times in 24 hours; here a few tell the same."""
FIRST_RETRY_SECONDS = 10.0
NOT_WORTH_A_RETRY = {
    "ResourceNotFoundException": "NO_RESOURCE",
    "StateMachineDoesNotExist": "NO_RESOURCE",
    "AccessDeniedException": "NO_PERMISSIONS",
    "AccessDenied": "NO_PERMISSIONS",
}


class NoPermissionError(Exception):
    """The function's own policy does not let this rule invoke it."""


class Delivery:
    """Brings events to targets. `client(service, region, role_arn)` gives the AWS to reach them by."""

    def __init__(self, client: Callable[[str, str, str | None], Any]) -> None:
        self._client = client
        self._workers = ThreadPoolExecutor(DELIVERIES_AT_ONCE, thread_name_prefix="event delivery")

    def later(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self._workers.submit(self._deliver, rule, target, event)

    def stop(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        allowed = min(target.get("RetryPolicy", {}).get("MaximumRetryAttempts", RETRIES), RETRIES)
        for attempt in range(int(allowed) + 1):
            try:
                self._send(rule, target, target_input(target, event, rule))
            except (ClientError, HTTPClientError, NoPermissionError) as error:
                code = _reason(error)
                if code or attempt == allowed:
                    self._bury(rule, target, event, error, attempt, exhausted=code is None)
                    return
                current().sleep(FIRST_RETRY_SECONDS * 2**attempt)
            else:
                return

    def _send(self, rule: Any, target: Mapping[str, Any], text: str) -> None:
        arn = target["Arn"]
        if ":states:" in arn:
            client = self._client("stepfunctions", rule.region_name, target.get("RoleArn"))
            # There is no way to name an execution that a rule starts (aws-facts: 6).
            client.start_execution(stateMachineArn=arn, name=str(uuid.uuid4()), input=text)
            return
        client = self._client("lambda", rule.region_name, None)
        if not _lets_in(client, arn, rule.arn):
            raise NoPermissionError(f"{arn} has no permission that lets {rule.arn} invoke it")
        client.invoke(FunctionName=arn, InvocationType="Event", Payload=text.encode())

    def _bury(
        self,
        rule: Any,
        target: Mapping[str, Any],
        event: Mapping[str, Any],
        error: Exception,
        retries: int,
        *,
        exhausted: bool,
    ) -> None:
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if not queue:
            log.warning("event %s dropped: %s", event["id"], error)
            return
        told = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": _reason(error) or "SDK_CLIENT_ERROR",
            "ERROR_MESSAGE": str(error),
            "RETRY_ATTEMPTS": str(retries),
        }
        if exhausted:
            told["EXHAUSTED_RETRY_CONDITION"] = "MaximumRetryAttempts"
        client = self._client("sqs", rule.region_name, None)
        client.send_message(
            QueueUrl=client.get_queue_url(QueueName=queue.rsplit(":", 1)[-1])["QueueUrl"],
            MessageBody=json.dumps(event),
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in told.items()},
        )


def _reason(error: Exception) -> str | None:
    """Tell why the target will never take it, or None where another try may help."""
    if isinstance(error, NoPermissionError):
        return "NO_PERMISSIONS"
    if isinstance(error, ClientError):
        return NOT_WORTH_A_RETRY.get(str(error.response["Error"]["Code"]))
    return None


def _lets_in(client: Any, function_arn: str, rule_arn: str) -> bool:
    """Look for a statement that names EventBridge and, if it names a source, this rule."""
    try:
        policy = json.loads(client.get_policy(FunctionName=function_arn)["Policy"])
    except client.exceptions.ResourceNotFoundException:
        client.get_function_configuration(FunctionName=function_arn)  # raises where there is no function
        return False
    return any(_names(statement, rule_arn) for statement in policy["Statement"])


def _names(statement: Mapping[str, Any], rule_arn: str) -> bool:
    principal = statement.get("Principal", {})
    service = principal.get("Service") if isinstance(principal, dict) else principal
    source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", rule_arn)
    return service == "events.amazonaws.com" and source == rule_arn
