"""Where an event goes that an asynchronous invocation failed with for the last time."""

import json
import logging
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.outcome import Outcome

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 1024
"""Characters of the error that go with the event (Lambda guide, "Adding a dead-letter queue")."""

Client = Callable[[str, str, str | None], Any]


class DeadLetters:
    """Brings events to the queue of the function's version, in the function's role."""

    def __init__(self) -> None:
        self._client: Client | None = None

    def reach_by(self, client: Client) -> None:
        """Say how: `client(service, region, role_arn)` gives the AWS to reach queues by."""
        self._client = client

    def bury(self, executable: Executable, event: bytes, request_id: str, outcome: Outcome) -> None:
        """Send the event to the version's queue, if it has one; what that refuses is lost, as on AWS."""
        queue = executable.definition.settings.get("DeadLetterConfig", {}).get("TargetArn", "")
        if not queue.startswith("arn:aws:sqs:") or self._client is None:
            return
        region = queue.split(":")[3]
        url = self._client("sqs", region, None).get_queue_url(QueueName=queue.rsplit(":", 1)[-1])["QueueUrl"]
        told = {
            "RequestID": ("String", request_id),
            "ErrorCode": ("Number", "200"),
            "ErrorMessage": ("String", _message(outcome)),
        }
        try:
            self._client("sqs", region, executable.role).send_message(
                QueueUrl=url,
                MessageBody=event.decode(),
                MessageAttributes={
                    name: {"DataType": kind, "StringValue": value} for name, (kind, value) in told.items()
                },
            )
        except ClientError as error:
            log.warning("an event of %s is lost: %s", executable.function_arn, error)


def _message(outcome: Outcome) -> str:
    try:
        message = json.loads(outcome.payload).get("errorMessage", "")
    except (ValueError, AttributeError):
        message = ""
    return str(message)[:LONGEST_MESSAGE] or "no message"


dead_letters = DeadLetters()
"""Those of this process."""
