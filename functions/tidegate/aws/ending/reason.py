"""The recorded reason of a failed release: first the verdict, then also the logged errors of failed versions."""

import time
from typing import Any

from tidegate.aws.cloudwatch import runtime_logs
from tidegate.aws.cloudwatch.error_logs import SECONDS, explain, told
from tidegate.aws.ledger import items, records
from tidegate.aws.ledger.records import Release
from tidegate.domain.foreign_text import shortened


def write_reason(release: Release, reason: dict[str, Any] | None, now: int) -> dict[str, Any] | None:
    """Record why the release fails; or clear the reason, if only an earlier try of this tick recorded one.

    Return the reason with the logged errors of failed versions, and changes of their runtimes. The reason is recorded
    before reading the log, which may be slow.
    """
    if reason:
        records.blame(release.name, reason)
        return _explained(release, reason, now)
    if release.blame:
        records.blame(release.name, None)
    return None


def _explained(release: Release, reason: dict[str, Any], now: int) -> dict[str, Any]:
    failed = [each for each in release.plan.shifting if each.name in reason["failed"]]
    deadline = time.monotonic() + SECONDS
    errors, moved = explain(release, failed, now), runtime_logs.told(release, failed, now, deadline)
    if not errors and not moved:
        return reason
    fuller = {**reason, "cause": shortened(reason["cause"] + told(errors) + moved, records.LONGEST)}
    records.blame(release.name, fuller)
    if errors:
        items.record_errors(release.name, now, release.plan.expires, errors)
    return fuller
