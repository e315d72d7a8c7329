"""Records as functions get them (Lambda guide, "Example Amazon SQS message event", and those of the streams)."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Record = dict[str, Any]


def of_message(message: Mapping[str, Any], arn: str) -> Record:
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {_camel(key): _plain(value) for key, value in attribute.items()}
            for name, attribute in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        **_origin("sqs", arn),
    }
    if "MD5OfMessageAttributes" in message:
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record


def of_kinesis(record: Mapping[str, Any], arn: str, shard: str, role: str) -> Record:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": _plain(record["Data"]),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
        "eventVersion": "1.0",
        "eventID": f"{shard}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        **_origin("kinesis", arn),
    }


def of_table(record: Mapping[str, Any], arn: str) -> Record:
    change = {name: _plain(value) for name, value in record["dynamodb"].items()}
    return {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": "1.1",
        "dynamodb": change,
        **_origin("dynamodb", arn),
    }


def identifier(record: Record) -> str:
    """Give what a function names the record by when it reports that it failed."""
    if "messageId" in record:
        return str(record["messageId"])
    return str(record["kinesis"]["sequenceNumber"] if "kinesis" in record else record["dynamodb"]["SequenceNumber"])


def arrived(record: Record) -> float:
    """Give when a stream took the record, in seconds since 1970."""
    if "kinesis" in record:
        return float(record["kinesis"]["approximateArrivalTimestamp"])
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def _origin(service: str, arn: str) -> Record:
    return {"eventSource": f"aws:{service}", "eventSourceARN": arn, "awsRegion": arn.split(":")[3]}


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _plain(value: Any) -> Any:
    """Write bytes in base64 and moments as seconds, wherever they are."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple | set) else value
