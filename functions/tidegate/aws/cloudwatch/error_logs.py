"""Finding a failed version's errors in its log."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import logs_client, region
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import history
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.analysis.log_errors import LogLine, SeenError, distinct_errors, request_after
from tidegate.domain.partition import log_link
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import DAY

PATTERN = '?"[ERROR]" ?"Status: error" ?"Status: timeout" ?"Task timed out" ?errorType'
"""Lines with errors, in both log formats."""

ENDS = f'{PATTERN} ?"END RequestId" ?"platform.report"'
"""The same lines, and lines with the id of an ended request."""

PAGES, LINES, SECONDS = 5, 1000, 8.0
"""Most pages, lines per page and seconds of one search: a verdict does not wait for its explanation."""

FOLLOWING = 50
"""Most lines that are read after an error to find the end of its request."""


def default_group(function: str) -> str:
    """Return the log group of a function that names none in its LoggingConfig."""
    return f"/aws/lambda/{function}"


def prefixes(log_group: str, function: str, version: str, start: int, end: int) -> Iterator[str]:
    """Yield the prefixes of the streams of a version between two times (seconds since 1970).

    Its streams are named `YYYY/MM/DD/[VERSION]…` by the day on which they began, and `YYYY/MM/DD/NAME[VERSION]…` in a
    log group that is not the function's default (Lambda guide, "Configuring CloudWatch log groups").
    """
    name = "" if log_group == default_group(function) else function
    for day in range(start - start % DAY - DAY, end, DAY):
        yield f"{datetime.fromtimestamp(day, UTC):%Y/%m/%d}/{name}[{version}]"


def error_lines(
    log_group: str, function: str, version: str, start: int, end: int, *, deadline: float, pattern: str = PATTERN
) -> Sequence[LogLine]:
    """Read lines of a version, by default with errors, only from its streams, oldest first; at most a few thousand.

    `deadline` is a time of `time.monotonic()`.
    """
    lines: list[LogLine] = []
    for prefix in prefixes(log_group, function, version, start, end):
        wanted = {"logStreamNamePrefix": prefix, "startTime": start * 1000, "endTime": end * 1000}
        for page in _pages(log_group, pattern, PAGES * LINES, wanted):
            lines += page
            if time.monotonic() > deadline:
                return lines
    return lines


def lines_from(log_group: str, line: LogLine, *, deadline: float) -> Sequence[LogLine]:
    """Read the lines of a stream from `line` on that show errors or the end of a request."""
    lines: list[LogLine] = []
    if time.monotonic() < deadline:
        wanted = {"logStreamNames": [line.stream], "startTime": line.at}
        for page in _pages(log_group, ENDS, FOLLOWING, wanted):
            lines += page
            if request_after(line, lines) or time.monotonic() > deadline:
                break
    return lines


def _pages(log_group: str, pattern: str, most: int, wanted: dict[str, Any]) -> Iterator[list[LogLine]]:
    pages = (
        logs_client()
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=log_group,
            filterPattern=pattern,
            PaginationConfig={"PageSize": min(LINES, most), "MaxItems": most},
            **wanted,
        )
    )
    for page in pages:
        yield [LogLine(each["logStreamName"], each["message"], each["timestamp"]) for each in page["events"]]


EXPLAINED = 3
"""Most targets whose logs are read."""


def explain(release: Release, failed: Sequence[TargetPlan], now: int) -> list[dict[str, Any]]:
    """Return up to three distinct errors of each of the first targets that failed: type, count, request id, link."""
    return [error for target in failed[:EXPLAINED] for error in _of(release, target, now)]


def _of(release: Release, target: TargetPlan, now: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + SECONDS
    try:
        group = history.probed(target.name, str(target.canary)).get("log_group") or default_group(target.function)
        lines = error_lines(group, target.function, str(target.canary), release.shifts[0].at, now, deadline=deadline)
    except FAILED_CALL as error:
        logger.warning("the log of version %s of %s could not be read: %s", target.canary, target.function, error)
        return []
    return [_document(target, group, _named(group, each, deadline)) for each in distinct_errors(lines)]


def _named(log_group: str, seen: SeenError, deadline: float) -> SeenError:
    """Find the request of an error whose line does not name it: the next request that ends in its stream."""
    if seen.unnamed is None:
        return seen
    try:
        following = lines_from(log_group, seen.unnamed, deadline=deadline)
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
        "link": log_link(region(), log_group, seen.request_id or seen.type),
    }


def told(errors: Sequence[dict[str, Any]]) -> str:
    """Describe the errors in a sentence that follows another one; empty without errors."""
    if not errors:
        return ""
    each = [
        f"{error['type']} {error['count']} times in {error['target']}"
        + (f", for example request {error['request_id']}" if error["request_id"] else "")
        + f" ({error['link']})"
        for error in errors
    ]
    return f" The log contains {'; '.join(each)}."
