"""Prune: delete old versions of functions after a release. Exists if KeepVersions is set.

Starts when an execution has succeeded. Safe to repeat; the next release compensates a lost run.
"""

import time
from typing import Any

from tidegate.aws.announcements import tell_event
from tidegate.aws.failures import in_our_words
from tidegate.aws.lambda_ import pruning
from tidegate.aws.lambda_.aliases import Pacer
from tidegate.aws.lambda_.pruning import superfluous
from tidegate.aws.ledger import records
from tidegate.aws.ledger.records import PROMOTED, Release
from tidegate.aws.logger import logger
from tidegate.domain.errors import ReleaseUnknown

AT_MOST = 20
"""Deletions of one run."""

PER_SECOND = 3.0
"""A share of Lambda's 15 requests a second that leaves enough for releases."""

Versions = list[tuple[str, str]]
"""Functions with a version."""


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    name = event["detail"]["name"]
    logger.append_keys(release=name)
    # Its own clock, not the event's `time`: by that the age of versions is counted, and the young ones stay.
    return {"deleted": in_our_words(lambda: _prune(name, int(time.time())))}


def _prune(name: str, now: int) -> list[str]:
    try:
        release = records.read(name)
    except ReleaseUnknown:  # a dry run
        return []
    if release.status != PROMOTED:
        return []
    old = _superfluous(release, now)[:AT_MOST]
    deleted, left = list[str](), list[str]()
    try:
        _delete(old, deleted, left)
    finally:  # what was deleted before a call failed is not to be found out otherwise
        if deleted or left:
            _write_down(release, now, deleted, left)
    return deleted


def _superfluous(release: Release, now: int) -> Versions:
    """Return the versions to delete of every function of the release.

    The largest `keep` of a function's targets counts.
    """
    keep: dict[str, int] = {}
    for target in release.plan.targets:
        keep[target.function] = max(target.keep, keep.get(target.function, 0))
    return [
        (function, version)
        for function, count in keep.items()
        if count
        for version in superfluous(pruning.versions(function), keep=count, in_use=pruning.in_use(function), now=now)
    ]


def _delete(versions: Versions, deleted: list[str], left: list[str]) -> None:
    """Delete versions one by one, and record which were deleted and which were not."""
    pacer = Pacer(PER_SECOND)
    for function, version in versions:
        pacer.wait()
        gone = pruning.delete(function, version)
        (deleted if gone else left).append(f"{function}:{version}")


def _write_down(release: Release, now: int, deleted: list[str], left: list[str]) -> None:
    summary = f"deleted {', '.join(deleted) or 'no version'}"
    summary += f"; left {', '.join(left)}, which an alias now uses" if left else ""
    logger.info(summary)
    details = {"summary": summary, "deleted": deleted, "left": left}
    tell_event(release.name, now, "pruned", release.plan.expires, details)
