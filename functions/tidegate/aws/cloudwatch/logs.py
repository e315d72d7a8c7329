"""Reading what a version logged of its errors."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.aws.clients import logs_client
from tidegate.domain.comparing.explanation import LogLine
from tidegate.domain.schedule import DAY

PATTERN = '?"[ERROR]" ?"Status: error" ?"Status: timeout" ?"Task timed out" ?errorType'
"""Lines that tell of errors, in both log formats."""

PAGES, LINES, SECONDS = 5, 1000, 8.0
"""Most pages, lines a page and seconds of one look: a verdict does not wait for its explanation."""


def error_lines(log_group: str, version: str, start: int, end: int) -> Sequence[LogLine]:
    """Read lines that tell of errors of a version, of its streams alone, oldest first; the first few thousand at most.

    Its streams are named `YYYY/MM/DD/[VERSION]…` by the day on which they began (Lambda guide, "CloudWatch Logs").
    """
    deadline = time.monotonic() + SECONDS
    lines: list[LogLine] = []
    for day in range(start - start % DAY - DAY, end, DAY):
        prefix = f"{datetime.fromtimestamp(day, UTC):%Y/%m/%d}/[{version}]"
        for page in _pages(log_group, prefix, start, end):
            lines += [LogLine(each["logStreamName"], each["message"]) for each in page["events"]]
            if time.monotonic() > deadline:
                return lines
    return lines


def _pages(log_group: str, prefix: str, start: int, end: int) -> Iterator[Any]:
    yield from (
        logs_client()
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=log_group,
            logStreamNamePrefix=prefix,
            startTime=start * 1000,
            endTime=end * 1000,
            filterPattern=PATTERN,
            PaginationConfig={"PageSize": LINES, "MaxItems": PAGES * LINES},
        )
    )
