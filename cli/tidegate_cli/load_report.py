"""All data about a release, for its report: from the ledger, Step Functions and CloudWatch."""

from collections.abc import Sequence

from tidegate.aws import executions
from tidegate.aws.cloudwatch import baselines
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import history, index
from tidegate.aws.ledger import items as in_ledger
from tidegate.domain.analysis.baseline import Observation
from tidegate.domain.execution import Passage
from tidegate.domain.function_name import FunctionName
from tidegate.domain.ledger_items import ReleaseItems
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import MINUTE
from tidegate.report.load import load
from tidegate.report.model import Report
from tidegate_cli import time_at_aws
from tidegate_cli.command import Shared
from tidegate_cli.error_sentences import told
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.targets import newest, release_meant, written

AROUND = 6 * MINUTE
"""How long before the first shift and after the end to read."""

MOST_TARGETS = 20
"""Most targets to read from CloudWatch: the page draws fewer."""


def gather(shared: Shared, named: FunctionName | str | None) -> Report:
    """Read a release: the one named, the newest one of the function named, or the newest one of all.

    The ledger must be readable; missing data from Step Functions or CloudWatch becomes a note.

    Raises
    ------
    Stop
        When there is no such release.
    """
    arn = shared.stack.execution
    release = _newest_of_all() if named is None else newest(shared, named)
    items = in_ledger.everything(release) if release else ReleaseItems()
    execution = executions.describe(arn(release)) if release else None
    if execution is None and not items:
        what = (
            f"There is no release {written(release_meant(shared, named))}, and no release of a function with that name."
            if named
            else "There is no release."
        )
        raise Stop(Outcome.FAILED, f"{what} Past releases: {shared.line('history', 'FUNCTION')}")
    now = max(int(time_at_aws.now()), items.newest)
    notes: list[str] = []
    way = _way(execution.arn, notes) if execution else None
    seen = _seen(items, now, notes)
    starts = {target.name: history.starts(target.name) for target in _targets(items)}
    return load(release, items, now=now, execution=execution, way=way, seen=seen, starts=starts, notes=notes)


def _newest_of_all() -> str:
    return next((past.name for past in index.listed()), "")


def _way(execution: str, notes: list[str]) -> tuple[Passage, ...] | None:
    try:
        return executions.way(execution)
    except FAILED_CALL as error:
        notes.append(f"The path through the state machine could not be read: {told(error)}.")
        return None


def _seen(items: ReleaseItems, now: int, notes: list[str]) -> dict[str, Observation]:
    record, shifts = items.record, items.shifts
    if record is None or not shifts:
        return {}
    start, end = shifts[0].at - AROUND, record.get("ended_at", now) + AROUND
    if now - start > baselines.KEPT:
        notes.append(
            "CloudWatch keeps one-minute data for 15 days: durations are not shown, and counts come from the ledger."
        )
        return {}
    return _observed(_targets(items), start, min(end, now), notes)


def _targets(items: ReleaseItems) -> tuple[TargetPlan, ...]:
    """Return the targets to read, with their published versions."""
    return items.plan.shifting[:MOST_TARGETS] if items.plan else ()


def _observed(targets: Sequence[TargetPlan], start: int, end: int, notes: list[str]) -> dict[str, Observation]:
    try:
        seen, problem = baselines.observe(targets, start, end)
    except FAILED_CALL as error:
        notes.append(f"CloudWatch could not be read: {told(error)}.")
        return {}
    if problem:
        notes.append(f"CloudWatch could be read only in part: {problem}.")
    return seen
