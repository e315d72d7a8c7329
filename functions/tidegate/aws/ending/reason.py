"""Why a release fails, as its record keeps it: first what a verdict says, then with what the failed versions logged."""

from typing import Any

from tidegate.aws.cloudwatch.error_logs import explain, told
from tidegate.aws.ledger import items, records
from tidegate.aws.ledger.records import Release
from tidegate.domain.foreign_text import shortened


def write_reason(release: Release, reason: dict[str, Any] | None, now: int) -> dict[str, Any] | None:
    """Write down why the release fails, if it does; or that it does not, where a first try of this tick said so.

    Give the reason back with what the failed versions logged. It is written before too, however long that takes.
    """
    if reason:
        records.blame(release.name, reason)
        return _explained(release, reason, now)
    if release.blame:
        records.blame(release.name, None)
    return None


def _explained(release: Release, reason: dict[str, Any], now: int) -> dict[str, Any]:
    errors = explain(release, [each for each in release.plan.shifting if each.name in reason["failed"]], now)
    if not errors:
        return reason
    fuller = {**reason, "cause": shortened(reason["cause"] + told(errors), records.LONGEST)}
    records.blame(release.name, fuller)
    items.record_errors(release.name, now, release.plan.expires, errors)
    return fuller
