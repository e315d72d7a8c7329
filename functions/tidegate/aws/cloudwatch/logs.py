"""Reading what a version logged of its errors."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import logs_client
from tidegate.domain.analysis.log_errors import LogLine, request_after
from tidegate.domain.schedule import DAY

PATTERN = '?"[ERROR]" ?"Status: error" ?"Status: timeout" ?"Task timed out" ?errorType'
"""Lines that tell of errors, in both log formats."""

ENDS = f'{PATTERN} ?"END RequestId" ?"platform.report"'
"""The same lines, and those that name the request that ended."""

PAGES, LINES, SECONDS = 5, 1000, 8.0
"""Most pages, lines a page and seconds of one look: a verdict does not wait for its explanation."""

FOLLOWING = 50
"""Most lines that are read from an error on to find the end of its request."""


def error_lines(log_group: str, version: str, start: int, end: int, *, deadline: float) -> Sequence[LogLine]:
    """Read lines that tell of errors of a version, of its streams alone, oldest first; the first few thousand at most.

    Its streams are named `YYYY/MM/DD/[VERSION]…` by the day on which they began (Lambda guide, "CloudWatch Logs").
    `deadline` is a time of `time.monotonic()`.
    """
    lines: list[LogLine] = []
    for day in range(start - start % DAY - DAY, end, DAY):
        prefix = f"{datetime.fromtimestamp(day, UTC):%Y/%m/%d}/[{version}]"
        wanted = {"logStreamNamePrefix": prefix, "startTime": start * 1000, "endTime": end * 1000}
        for page in _pages(log_group, PATTERN, PAGES * LINES, wanted):
            lines += page
            if time.monotonic() > deadline:
                return lines
    return lines


def lines_from(log_group: str, line: LogLine, *, deadline: float) -> Sequence[LogLine]:
    """Read the lines of a stream from `line` on that tell of errors or of the end of a request."""
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
