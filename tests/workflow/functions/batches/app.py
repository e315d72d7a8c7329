"""Fails at records with `bad` in them: the whole batch, or by their names where REPORTS is set."""

import base64
import json
import os
from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    failed = []
    for record in event["Records"]:
        if "kinesis" in record:
            name, text = record["kinesis"]["sequenceNumber"], base64.b64decode(record["kinesis"]["data"]).decode()
        elif "dynamodb" in record:
            name, text = record["dynamodb"]["SequenceNumber"], json.dumps(record["dynamodb"])
        else:
            name, text = record["messageId"], record["body"]
        if "bad" in text:
            failed.append({"itemIdentifier": name})
    if failed and not os.environ.get("REPORTS"):
        raise RuntimeError("a bad record")
    return {"batchItemFailures": failed}
