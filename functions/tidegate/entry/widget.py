"""Widget: show a running release on a CloudWatch dashboard, and forward its buttons. Optional.

CloudWatch invokes it with the viewer's permissions, by the protocol of custom widgets: docs/dashboard.md.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from tidegate.aws import executions
from tidegate.aws.deciding import ask_decide
from tidegate.aws.failures import FAILED_CALL, in_our_words
from tidegate.aws.ledger import index, locks, reading, records, table
from tidegate.aws.ledger.index import recent
from tidegate.aws.logger import logger
from tidegate.domain.errors import AwsBusy, AwsRefused, ItemUnreadable, TidegateError
from tidegate.domain.schedule import MINUTE
from tidegate.entry.widget_event import Viewing, parse_viewing
from tidegate.report.load import load
from tidegate.report.model import RUNNING, Report
from tidegate.report.widget import MOST_TICKS, ButtonAnswer, Frame, Known, widget

DESCRIPTION = """
## A release of Tidegate
Shows the release that is running, the newest one if there are several, and lets it be promoted, held or aborted.

### Widget parameters
Param | Description
---|---
**release** | name of a release to show instead; optional

### Example parameters
``` yaml
release: checkout-2026-11-22-1
```
"""

LAST = 5
"""Releases that are listed while none is running."""

MOST_LISTED = 10

NONE_NAMED = "(none named)"
"""The release in log lines, if no release was requested."""


def handler(event: dict[str, Any], context: Any) -> str:
    if event.get("describe"):
        return DESCRIPTION
    viewing = parse_viewing(event)
    logger.append_keys(release=viewing.release or NONE_NAMED)
    return in_our_words(lambda: _shown(viewing, str(context.invoked_function_arn)))


def _shown(viewing: Viewing, endpoint: str) -> str:
    said = ButtonAnswer(viewing.problem) if viewing.problem else _decided(viewing)
    running = _running()
    report = _report(viewing.release) if viewing.release else None
    if viewing.release and report is None and said is None:
        said = ButtonAnswer(f"The ledger has no release {viewing.release}.")
    if report is None:
        report = next((found for known in running if (found := _readable(known.name))), None)
    others = [known for known in running if known.name != report.release] if report else _past()
    return widget(Frame(endpoint, dark=viewing.dark), report, others, said)


def _decided(viewing: Viewing) -> ButtonAnswer | None:
    """Send a button's decision to Decide."""
    if viewing.order is None:
        return None
    try:
        told = ask_decide(viewing.order)
    except (AwsBusy, AwsRefused) as error:
        return ButtonAnswer(
            f"It is unknown whether that was decided ({error}). Try again if it is not in the list of recent events."
        )
    except TidegateError as error:
        return ButtonAnswer(str(error))
    logger.info(told["summary"], extra={"accepted": told["accepted"]})
    return ButtonAnswer(told["summary"], good=told["accepted"])


def _running() -> list[Known]:
    """Find the running releases that have locked an alias, the newest first."""
    held = sorted(locks.read_all(), key=lambda lock: (-lock.since, lock.target))
    names = list(dict.fromkeys(lock.release for lock in held))[:MOST_LISTED]
    found = (_known(name, [lock.target for lock in held if lock.release == name]) for name in names)
    return [known for known in found if known and known.state == RUNNING]


def _past() -> list[Known]:
    found = (_known(item["release"], item["targets"]) for item in islice(index.listed(), LAST))
    return [known for known in found if known]


def _known(name: str, targets: Sequence[str]) -> Known | None:
    record = records.record_of(name)
    return next(iter(reading.each([record], partial(_known_by, targets=targets))), None) if record else None


def _known_by(record: reading.Item, targets: Sequence[str]) -> Known:
    name = record["pk"].partition("#")[2]
    return Known(name, tuple(targets), reading.typed(record, "started", int), record.get("ended", RUNNING))


def _readable(name: str) -> Report | None:
    """Read a release; None if its record is malformed."""
    try:
        return _report(name)
    except ItemUnreadable as error:
        logger.error(str(error))
        return None


def _report(name: str) -> Report | None:
    """Read a release; missing data from Step Functions becomes a note."""
    now = int(time.time())
    items = recent(name, now, MOST_TICKS * MINUTE)
    record = next((item for item in items if item["sk"] == "record"), None)
    if record is None:
        return None
    notes: list[str] = []
    way, cut = None, False
    try:
        way, cut = executions.ends_of_way(record["execution"])
    except FAILED_CALL as error:
        notes.append(f"The path through the state machine could not be read: {error}")
    with reading.of_item(table.of_release(name), "record"):
        now = max(now, *(item["at"] for item in items if "at" in item), record["started"])
        return replace(load(name, items, now=now, way=way, notes=notes), way_whole=not cut)
