"""Does what its event says: one function for every way in which a Task can go."""

import os
import time
from typing import Any

import boto3


class TooColdError(Exception):
    pass


def handler(event: dict[str, Any], context: Any) -> Any:
    time.sleep(event.get("sleep", 0))
    if "put" in event:
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": event["put"]}})
    if "fail_until" in event:
        _fail_until(event["fail_until"], event["counter"])
    if "raise" in event:
        raise TooColdError(event["raise"])
    return event.get("answer", event)


def _fail_until(wanted: int, counter: str) -> None:
    """Fail the first calls; the count is in the table, since each call may find another process."""
    counted = boto3.client("dynamodb").update_item(
        TableName=os.environ["TABLE"],
        Key={"pk": {"S": counter}},
        UpdateExpression="ADD calls :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    if int(counted["Attributes"]["calls"]["N"]) < wanted:
        raise TooColdError("not yet")
