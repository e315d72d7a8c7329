"""Delivering events to functions, state machines, queues, topics and buses: later, with retries and a dead letter."""

import itertools
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError

from localcloud.clock import current, later
from localcloud.events.forwarding import obstacle
from localcloud.events.inputs import target_input
from localcloud.iam import policy_allows

log = logging.getLogger(__name__)

DELIVERIES_AT_ONCE = 16
RETRIES = 3
"""AWS tries 185 times in 24 hours; here a few tell the same."""
OLDEST_SECONDS = 86_400
SERVICE = "events.amazonaws.com"
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
    """The target's own policy does not let this rule in."""


class Delivery:
    """Brings events to targets.

    `client(service, region, role_arn, account)` gives the AWS to reach them by, and `forward` gives an event to a bus.
    """

    def __init__(self, client: Callable[..., Any], forward: Callable[[str, Mapping[str, Any]], None]) -> None:
        self._client = client
        self._forward = forward
        self._stopped = Event()
        self._workers = ThreadPoolExecutor(DELIVERIES_AT_ONCE, thread_name_prefix="event delivery")

    def later(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self.soon(self._deliver, rule, target, event)

    def soon(self, action: Callable[..., None], *arguments: Any) -> None:
        """Do something out of the way of whoever tells of it; a failure is logged."""
        self._workers.submit(current().carried(_logged), action, *arguments)

    def after(self, seconds: float, action: Callable[..., None], *arguments: Any) -> None:
        """Do something so many emulated seconds later; at once when there are none."""
        if not seconds:
            action(*arguments)
            return
        later(seconds, lambda: self._unless_stopped(action, *arguments))

    def _unless_stopped(self, action: Callable[..., None], *arguments: Any) -> None:
        if not self._stopped.is_set():
            _logged(action, *arguments)

    def stop(self) -> None:
        self._stopped.set()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        first = current().time()
        for attempt in itertools.count():
            try:
                self._send(rule, target, event)
            except (ClientError, HTTPClientError, NoPermissionError) as error:
                pause = FIRST_RETRY_SECONDS * 2**attempt
                exhausted = _exhausted(target.get("RetryPolicy", {}), attempt, current().time() + pause - first)
                if exhausted or _reason(error):
                    self._bury(rule, target, event, error, attempt, exhausted=exhausted)
                    return
                current().sleep(pause)
            else:
                return

    def _send(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        service, text = target["Arn"].split(":")[2], target_input(target, event, rule)
        if service == "events":
            if why := obstacle(rule, target, event):
                raise NoPermissionError(why)
            self._forward(target["Arn"], event)
        elif service == "states":
            client = self._client("stepfunctions", rule.region_name, target.get("RoleArn"))
            client.start_execution(stateMachineArn=target["Arn"], input=text)
        elif service == "sqs":
            self._enqueue(rule, target, text)
        elif service == "sns":
            self._publish(rule, target["Arn"], text)
        else:
            self._invoke(rule, target, text)

    def _invoke(self, rule: Any, target: Mapping[str, Any], text: str) -> None:
        client = self._client("lambda", rule.region_name, None, rule.account_id)
        document = _function_policy(rule, target["Arn"])
        if document is not None:
            _check(document, "lambda:InvokeFunction", target["Arn"], rule)
        client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=text.encode())

    def _enqueue(self, rule: Any, target: Mapping[str, Any], text: str) -> None:
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        self._put(rule, target["Arn"], MessageBody=text, **({"MessageGroupId": group} if group else {}))

    def _put(self, rule: Any, queue: str, **message: Any) -> None:
        """Send a message if the queue's own policy lets EventBridge (its guide, "Resource-based policies")."""
        client = self._client("sqs", rule.region_name, None, rule.account_id)
        url = client.get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})
        _check(attributes.get("Policy", ""), "sqs:SendMessage", queue, rule)
        client.send_message(QueueUrl=url, **message)

    def _publish(self, rule: Any, topic: str, text: str) -> None:
        """Publish if the topic's own policy lets EventBridge (its guide, "Resource-based policies")."""
        client = self._client("sns", rule.region_name, None, rule.account_id)
        document = client.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
        _check(document, "sns:Publish", topic, rule)
        client.publish(TopicArn=topic, Message=text)

    def _bury(
        self,
        rule: Any,
        target: Mapping[str, Any],
        event: Mapping[str, Any],
        error: Exception,
        retries: int,
        *,
        exhausted: str | None,
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
        if exhausted and not _reason(error):
            told["EXHAUSTED_RETRY_CONDITION"] = exhausted
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}
        try:
            self._put(rule, queue, MessageBody=json.dumps(event), MessageAttributes=attributes)
        except (ClientError, NoPermissionError) as unreachable:
            log.warning("event %s dropped: %s; and %s", event["id"], error, unreachable)


def _logged(action: Callable[..., None], *arguments: Any) -> None:
    try:
        action(*arguments)
    except Exception:  # whatever it is, nobody else would hear of it
        log.exception("an event could not be delivered")


def _exhausted(policy: Mapping[str, Any], retries: int, age: float) -> str | None:
    """Name the limit of the target's retry policy that forbids one more try at that age, in emulated seconds."""
    if retries >= min(int(policy.get("MaximumRetryAttempts", RETRIES)), RETRIES):
        return "MaximumRetryAttempts"
    if age > float(policy.get("MaximumEventAgeInSeconds", OLDEST_SECONDS)):
        return "MaximumEventAgeInSeconds"
    return None


def _reason(error: Exception) -> str | None:
    """Tell why the target will never take it, or None where another try may help."""
    if isinstance(error, NoPermissionError):
        return "NO_PERMISSIONS"
    if isinstance(error, ClientError):
        return NOT_WORTH_A_RETRY.get(str(error.response["Error"]["Code"]))
    return None


def _check(document: str, action: str, resource: str, rule: Any) -> None:
    if not policy_allows(document, action, resource, SERVICE, rule.arn):
        raise NoPermissionError(f"{resource} has no policy that allows {action} to {rule.arn}")


def _function_policy(rule: Any, function_arn: str) -> str | None:
    """Read a function's policy; None where there is no function, which is for the invocation to say.

    Not through the API: EventBridge does not use up the account's calls to Lambda's control plane.
    """
    backend: Any = lambda_backends[rule.account_id][rule.region_name]
    try:
        return str(json.loads(backend.get_policy(function_arn))["Policy"])
    except JsonRESTError:
        return None
