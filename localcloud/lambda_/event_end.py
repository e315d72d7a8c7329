"""Where it is told what an asynchronous invocation came to: a dead-letter queue, and a destination for a record.

Lambda guide, "Adding a dead-letter queue" and "Capturing records of Lambda asynchronous invocations".
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localcloud.clock import current
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.outcome import Outcome

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 1024
"""Characters of the error that go with a dead letter."""

Client = Callable[[str, str, str | None], Any]


@dataclass(frozen=True)
class Ended:
    """The end of an event. `outcome` is that of the last run; None if the last thing was a throttle."""

    condition: str
    executable: Executable
    event: bytes
    request_id: str
    runs: int
    qualifier: str
    outcome: Outcome | None


class Ends:
    """Tells of them in the function's role; what refuses to be told is logged, and lost as on AWS."""

    def __init__(self) -> None:
        self._client: Client | None = None

    def client(self, service: str, region: str, role: str | None) -> Any:
        """Give the AWS that is reached in that role."""
        if self._client is None:
            raise RuntimeError("nobody has said how AWS is reached")
        return self._client(service, region, role)

    def reach_by(self, client: Client) -> None:
        """Say how: `client(service, region, role_arn)` gives the AWS to reach the places by."""
        self._client = client

    def tell(self, ended: Ended, destination: str | None) -> None:
        """Send a record to the destination, and the event to the version's dead-letter queue if it failed."""
        letter = ended.executable.definition.settings.get("DeadLetterConfig", {}).get("TargetArn")
        if letter and ended.condition != "Success":
            self._send(ended, letter, ended.event.decode(), _attributes(ended))
        if destination:
            self._send(ended, destination, json.dumps(record(ended)), {})

    def _send(self, ended: Ended, arn: str, text: str, attributes: Mapping[str, Any]) -> None:
        if self._client is None:
            return
        service, region = arn.split(":")[2:4]
        acting = self._client(service, region, ended.executable.role)
        try:
            if service in ("sqs", "sns"):
                self.deliver(ended.executable.role, arn, text, attributes)
            elif service == "lambda":
                acting.invoke(FunctionName=arn, InvocationType="Event", Payload=text)
            elif service == "events":
                acting.put_events(Entries=[_entry(ended, arn, text)])
            else:
                log.warning("the local cloud sends no records to %s", arn)
        except ClientError as error:
            log.warning("an event of %s is lost: %s", ended.executable.function_arn, error)

    def deliver(self, role: str, arn: str, text: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Send to a queue or a topic. Raises ClientError."""
        service, region = arn.split(":")[2:4]
        acting = self.client(service, region, role)
        if service == "sqs":
            url = self.client("sqs", region, None).get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
            acting.send_message(QueueUrl=url, MessageBody=text, MessageAttributes=attributes or {})
        elif service == "sns":
            acting.publish(TopicArn=arn, Message=text, MessageAttributes=attributes or {})
        else:
            log.warning("the local cloud sends no records to %s", arn)


def record(ended: Ended) -> dict[str, Any]:
    """Give the invocation record; without an answer to tell of, there is none in it."""
    written: dict[str, Any] = {
        "version": "1.0",
        "timestamp": current().now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": ended.request_id,
            "functionArn": f"{ended.executable.function_arn}:{ended.qualifier}",
            "condition": ended.condition,
            "approximateInvokeCount": ended.runs,
        },
        "requestPayload": json.loads(ended.event),
    }
    if ended.outcome:
        answered: dict[str, Any] = {"statusCode": 200, "executedVersion": ended.executable.version}
        failed = {"functionError": "Unhandled"} if ended.outcome.error_type else {}
        written["responseContext"] = {**answered, **failed}
        written["responsePayload"] = _read(ended.outcome.payload)
    return written


def _entry(ended: Ended, bus: str, text: str) -> dict[str, Any]:
    result = "Success" if ended.condition == "Success" else "Failure"
    return {
        "EventBusName": bus,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {result}",
        "Resources": [bus, f"{ended.executable.function_arn}:{ended.qualifier}"],
        "Detail": text,
    }


def _attributes(ended: Ended) -> dict[str, Any]:
    code, message = ("200", _message(ended.outcome)) if ended.outcome else ("429", "Rate Exceeded.")
    return {
        "RequestID": {"DataType": "String", "StringValue": ended.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": code},
        "ErrorMessage": {"DataType": "String", "StringValue": message},
    }


def _message(outcome: Outcome) -> str:
    answer = _read(outcome.payload)
    message = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
    return str(message)[:LONGEST_MESSAGE] or "no message"


def _read(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")


ends = Ends()
"""Those of this process."""
