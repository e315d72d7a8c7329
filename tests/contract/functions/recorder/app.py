"""Puts every event that it is given into a table."""

import json
import os
from typing import Any

import boto3


def handler(event: Any, context: Any) -> None:
    item = {"pk": {"S": context.aws_request_id}, "event": {"S": json.dumps(event)}}
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
