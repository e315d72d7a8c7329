"""Why a version failed: the errors in its log, for whoever reads the verdict. It never fails a step."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tidegate.aws.cloudwatch import logs
from tidegate.aws.console import log_link
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import history
from tidegate.aws.ledger.records import Release
from tidegate.aws.log import logger
from tidegate.domain.analysis.log_errors import SeenError, distinct_errors, request_after
from tidegate.domain.plan import TargetPlan

EXPLAINED = 3
"""Most targets whose logs are looked at."""


def explain(release: Release, failed: Sequence[TargetPlan], now: int) -> list[dict[str, Any]]:
    """Give up to three distinct errors of each of the first targets that failed: type, count, request id, link."""
    return [error for target in failed[:EXPLAINED] for error in _of(release, target, now)]


def _of(release: Release, target: TargetPlan, now: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + logs.SECONDS
    try:
        group = history.probed(target.name, str(target.canary)).get("log_group") or f"/aws/lambda/{target.function}"
        lines = logs.error_lines(group, str(target.canary), release.shifts[0].at, now, deadline=deadline)
    except FAILED_CALL as error:
        logger.warning("the log of version %s of %s could not be read: %s", target.canary, target.function, error)
        return []
    return [_document(target, group, _named(group, each, deadline)) for each in distinct_errors(lines)]


def _named(log_group: str, seen: SeenError, deadline: float) -> SeenError:
    """Find the request of an error whose own line names none: that which ends next in its stream."""
    if seen.unnamed is None:
        return seen
    try:
        following = logs.lines_from(log_group, seen.unnamed, deadline=deadline)
    except FAILED_CALL as error:
        logger.warning("the log %s could not be read on: %s", log_group, error)
        return seen
    return replace(seen, request_id=request_after(seen.unnamed, following))


def _document(target: TargetPlan, log_group: str, seen: SeenError) -> dict[str, Any]:
    return {
        "target": target.name,
        "type": seen.type,
        "count": seen.count,
        "request_id": seen.request_id,
        "link": log_link(log_group, seen.request_id or seen.type),
    }


def told(errors: Sequence[dict[str, Any]]) -> str:
    """Say what was found in a sentence that follows another one; nothing where there is none."""
    if not errors:
        return ""
    each = [
        f"{error['type']} {error['count']} times in {error['target']}"
        + (f", such as request {error['request_id']}" if error["request_id"] else "")
        + f" ({error['link']})"
        for error in errors
    ]
    return f" The log has {'; '.join(each)}."
