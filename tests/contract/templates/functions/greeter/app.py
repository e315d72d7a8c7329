"""What the template's functions do."""

import json
import os
from typing import Any

import boto3


def greet(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {"greeting": f"{os.environ['GREETING']} {event['name']}", "version": context.function_version}


def note(event: dict[str, Any], context: Any) -> None:
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    key = event.get("id", context.aws_request_id)
    table.put_item(Item={"pk": event.get("detail-type", "plain"), "sk": key, "event": json.dumps(event)})
