"""Delivering events to functions, state machines, queues and topics: later, with retries and a dead letter."""

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError

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
    "AWS.SimpleQueueService.NonExistentQueue": "NO_RESOURCE",
    "AccessDeniedException": "NO_PERMISSIONS",
    "AccessDenied": "NO_PERMISSIONS",
    "NotFound": "NO_RESOURCE",
}


class NoPermissionError(Exception):
    """The function's own policy does not let this rule invoke it."""


class Delivery:
    """Brings events to targets. `client(service, region, role_arn)` gives the AWS to reach them by."""

    def __init__(self, client: Callable[[str, str, str | None], Any]) -> None:
        self._client = client
        self._stopped = Event()
        self._workers = ThreadPoolExecutor(DELIVERIES_AT_ONCE, thread_name_prefix="event delivery")

    def later(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self.soon(self._deliver, rule, target, event)

    def soon(self, action: Callable[..., None], *arguments: Any) -> None:
        """Do something out of the way of whoever tells of it; a failure is logged."""
        self._workers.submit(_logged, action, *arguments)

    def after(self, seconds: float, action: Callable[..., None], *arguments: Any) -> None:
        """Do something so many emulated seconds later; at once when there are none."""
        if not seconds:
            action(*arguments)
            return
        timer = Timer(current().real(seconds), self._unless_stopped, (action, *arguments))
        timer.daemon = True
        timer.start()

    def _unless_stopped(self, action: Callable[..., None], *arguments: Any) -> None:
        if not self._stopped.is_set():
            _logged(action, *arguments)

    def stop(self) -> None:
        self._stopped.set()
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
        service = target["Arn"].split(":")[2]
        if service == "states":
            client = self._client("stepfunctions", rule.region_name, target.get("RoleArn"))
            client.start_execution(stateMachineArn=target["Arn"], input=text)
        elif service == "sqs":
            self._enqueue(rule, target, text)
        elif service == "sns":
            self._publish(rule, target["Arn"], text)
        else:
            self._invoke(rule, target, text)

    def _invoke(self, rule: Any, target: Mapping[str, Any], text: str) -> None:
        client = self._client("lambda", rule.region_name, None)
        if not _lets_in(rule, target["Arn"]):
            raise NoPermissionError(f"{target['Arn']} has no permission that lets {rule.arn} invoke it")
        client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=text.encode())

    def _enqueue(self, rule: Any, target: Mapping[str, Any], text: str) -> None:
        client = self._client("sqs", rule.region_name, None)
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        more = {"MessageGroupId": group} if group else {}
        client.send_message(QueueUrl=_url(client, target["Arn"]), MessageBody=text, **more)

    def _publish(self, rule: Any, topic: str, text: str) -> None:
        """Publish if the topic's own policy lets EventBridge (its guide, "Resource-based policies")."""
        client = self._client("sns", rule.region_name, None)
        policy = json.loads(client.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
        if not any(_names(statement, rule.arn) for statement in policy["Statement"]):
            raise NoPermissionError(f"{topic} has no policy that lets {rule.arn} publish")
        client.publish(TopicArn=topic, Message=text)

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
            QueueUrl=_url(client, queue),
            MessageBody=json.dumps(event),
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in told.items()},
        )


def _logged(action: Callable[..., None], *arguments: Any) -> None:
    try:
        action(*arguments)
    except Exception:  # whatever it is, nobody else would hear of it
        log.exception("an event could not be delivered")


def _url(client: Any, queue_arn: str) -> Any:
    return client.get_queue_url(QueueName=queue_arn.rsplit(":", 1)[-1])["QueueUrl"]


def _reason(error: Exception) -> str | None:
    """Tell why the target will never take it, or None where another try may help."""
    if isinstance(error, NoPermissionError):
        return "NO_PERMISSIONS"
    if isinstance(error, ClientError):
        return NOT_WORTH_A_RETRY.get(str(error.response["Error"]["Code"]))
    return None


def _lets_in(rule: Any, function_arn: str) -> bool:
    """Look for a statement that names EventBridge and, if it names a source, this rule.

    Not through the API: EventBridge does not use up the account's calls to Lambda's control plane.
    """
    backend: Any = lambda_backends[rule.account_id][rule.region_name]
    try:
        policy = json.loads(json.loads(backend.get_policy(function_arn))["Policy"])
    except JsonRESTError:
        return True  # there is no such function, and that is for the invocation to say
    return any(_names(statement, rule.arn) for statement in policy["Statement"])


def _names(statement: Mapping[str, Any], rule_arn: str) -> bool:
    principal = statement.get("Principal", {})
    service = principal.get("Service") if isinstance(principal, dict) else principal
    source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", rule_arn)
    return service == "events.amazonaws.com" and source == rule_arn
