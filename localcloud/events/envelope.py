"""Events as a target receives them."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.clock import current
from localcloud.stepfunctions import LocalExecution

LARGEST_INCLUDED = 248 * 1024
"""Bytes of input or output that a status event carries (Step Functions guide, "Automating event delivery")."""


def envelope(
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    *,
    account: str,
    region: str,
    resources: list[str],
) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": _time(current().time()),
        "region": region,
        "resources": resources,
        "detail": dict(detail),
    }


def from_moto(event: Mapping[str, Any]) -> dict[str, Any]:
    """Give an event of PutEvents as AWS sends it; moto keeps notes of its own in it."""
    wanted = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
    given = {name: event[name] for name in wanted if name in event}
    time = given.get("time", current().time())
    return {**given, "time": time if isinstance(time, str) else _time(float(time))}


def for_moto(event: Mapping[str, Any]) -> dict[str, Any]:
    """Give an event as moto keeps it on the way: with times as numbers."""
    now = current().time()
    return {**event, "time": now, "ingestion-time": now}


def _time(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def status_event(execution: LocalExecution) -> dict[str, Any]:
    """Step Functions Execution Status Change: for RUNNING and for each way to end (same page of the guide)."""
    detail = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        **_data("input", execution.execution_input),
        **_data("output", _output(execution)),
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": execution.redrive_count,
        "redriveDate": _milliseconds(execution.redrive_date),
        "redriveStatus": execution.redrive_status,
        "redriveStatusReason": execution.redrive_status_reason,
        "error": execution.error,
        "cause": execution.cause,
    }
    return envelope(
        "aws.states",
        "Step Functions Execution Status Change",
        detail,
        account=execution.account_id,
        region=execution.region_name,
        resources=[execution.execution_arn],
    )


def scheduled_event(rule_arn: str, account: str, region: str) -> dict[str, Any]:
    return envelope("aws.events", "Scheduled Event", {}, account=account, region=region, resources=[rule_arn])


def _milliseconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp() * 1000) if moment else None


def _output(execution: LocalExecution) -> str | None:
    return json.dumps(execution.output, separators=(",", ":")) if execution.status == "SUCCEEDED" else None


def _data(name: str, text: str | None) -> dict[str, Any]:
    if text is None:
        return {name: None, f"{name}Details": None}
    included = len(text.encode()) <= LARGEST_INCLUDED
    return {name: text if included else None, f"{name}Details": {"included": included}}
