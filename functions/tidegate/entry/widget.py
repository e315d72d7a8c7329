"""Widget: show a running release on a CloudWatch dashboard, and forward its buttons. Optional.

CloudWatch invokes it with the viewer's permissions, by the protocol of custom widgets: docs/dashboard.md.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from tidegate.aws import executions
from tidegate.aws.failures import FAILED_CALL, in_our_words
from tidegate.aws.lambda_.invocations import ask_decide
from tidegate.aws.ledger import index, locks, reading, records
from tidegate.aws.ledger.index import recent
from tidegate.aws.ledger.region_items import is_lock_of_regions
from tidegate.aws.logger import logger
from tidegate.domain.control.requests import RELEASE_NAME
from tidegate.domain.errors import AwsBusy, AwsRefused, ItemUnreadable, TidegateError
from tidegate.domain.schedule import MINUTE
from tidegate.report.load import load
from tidegate.report.model import RELEASED, RELEASED_UNPROVEN, RUNNING, Report
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


VIA = "dashboard"
NOBODY = "somebody"
LONGEST_NAME = 80


@dataclass(frozen=True)
class Viewing:
    """What to show: `release` is the given name, unvalidated; `problem` says why it is invalid."""

    release: str | None = None
    problem: str | None = None
    dark: bool = False
    order: dict[str, Any] | None = None
    """A decision for Decide."""


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
    aliases = [lock for lock in held if not is_lock_of_regions(lock.target)]
    found = (_known(name, [lock.target for lock in aliases if lock.release == name]) for name in names)
    return [known for known in found if known and known.state == RUNNING]


def _past() -> list[Known]:
    found = (_known(past.name, past.targets) for past in islice(index.listed(), LAST))
    return [known for known in found if known]


def _known(name: str, targets: Sequence[str]) -> Known | None:
    record = records.record_of(name)
    return next(iter(reading.each([record], partial(_known_by, name, targets))), None) if record else None


def _known_by(name: str, targets: Sequence[str], record: reading.Item) -> Known:
    return Known(name, tuple(targets), reading.typed(record, "started", int), _state(record))


def _state(record: reading.Item) -> str:
    ended = str(record.get("ended", RUNNING))
    return RELEASED_UNPROVEN.get(record.get("proof", ""), ended) if ended == RELEASED else ended


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
    record = items.record
    if record is None:
        return None
    notes: list[str] = []
    way, cut = None, False
    try:
        way, cut = executions.ends_of_way(record["execution"])
    except FAILED_CALL as error:
        notes.append(f"The path through the state machine could not be read: {error}")
    with reading.of_record(name):
        now = max(now, items.newest, record["started"])
        return replace(load(name, items, now=now, way=way, notes=notes), way_whole=not cut)


def parse_viewing(event: Mapping[str, Any]) -> Viewing:
    """Read an event as far as possible; nothing in it is trusted."""
    context = _mapping(event.get("widgetContext"))
    dark = context.get("theme") == "dark"
    named = event.get("release")
    problem = None if named is None else _problem(named)
    release = named if isinstance(named, str) and problem is None else None
    if event.get("decision") is None:
        return Viewing(release, problem, dark)
    if "decision" in _mapping(context.get("params")):
        return Viewing(
            release, "A dashboard must not decide when it is displayed: remove decision from its widget.", dark
        )
    if release is None:
        return Viewing(None, problem or "Nothing was decided: the event names no release.", dark)
    return Viewing(release, None, dark, _order(event, release, _mapping(_mapping(context.get("forms")).get("all"))))


def _order(event: Mapping[str, Any], release: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Build the order for Decide; the name comes from the form and is marked as unverified."""
    by = str(form.get("by") or "").strip() or NOBODY
    given = {"to": event.get("to"), "reason": str(form.get("reason") or "").strip() or None}
    return {
        "release": release,
        "decision": event["decision"],
        "by": f"{by} (on the dashboard, unverified)",
        "via": VIA,
        **{name: value for name, value in given.items() if value is not None},
    }


def _problem(named: object) -> str | None:
    if isinstance(named, str) and len(named) <= LONGEST_NAME and re.fullmatch(RELEASE_NAME, named):
        return None
    shown = str(named)
    return f"Not a valid release name: {shown[:LONGEST_NAME]}{'…' if len(shown) > LONGEST_NAME else ''}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
