"""Queues in which tests catch what services send."""

import json
from typing import Any

from tests.workflow.world import World


def make_queue(world: World, name: str, service: str) -> tuple[str, str]:
    """Create a queue that a service may send to; give its ARN and URL."""
    queues = world.cloud.client("sqs")
    url = str(queues.create_queue(QueueName=name)["QueueUrl"])
    arn = str(queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return arn, url


def take_all(world: World, url: str) -> list[dict[str, Any]]:
    """Take the messages that are in a queue now, with their attributes."""
    queues = world.cloud.client("sqs")
    taken: list[dict[str, Any]] = []
    more = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
    while messages := queues.receive_message(QueueUrl=url, **more).get("Messages", []):
        for message in messages:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        taken += messages
    return taken
