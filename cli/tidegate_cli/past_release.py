"""Rereading the evidence of a past release from CloudWatch."""

from collections.abc import Mapping

from tidegate.aws.cloudwatch import analysis_input, version_counts
from tidegate.aws.cloudwatch.baselines import Unreadable
from tidegate.aws.cloudwatch.baselines import read as read_baselines
from tidegate.aws.ledger import analysis_state
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.errors import EvidenceGone
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.replay import KEPT
from tidegate.domain.schedule import format_time, minute_of


def read(
    release: Release, plan: ReleasePlan, until: int, *, now: int
) -> tuple[dict[str, Reading], Mapping[str, Baseline]]:
    """Return the counts from the first shift on and stable's baseline before, by target, as `plan` requires.

    Raises
    ------
    EvidenceGone
        When there is no evidence, or CloudWatch no longer has it.
    """
    if not release.shifts or not plan.shifting:
        raise EvidenceGone(f"Release {release.name} never split traffic between two versions: nothing was judged.")
    first = release.shifts[0].at
    if now - first > KEPT:
        raise EvidenceGone(
            f"Release {release.name} began to shift at {format_time(first)}, and CloudWatch keeps one-minute data for "
            "15 days."
        )
    baselines = analysis_state.kept(release).baselines
    if not baselines or plan.metrics != release.plan.metrics:
        try:
            baselines = read_baselines(plan.shifting, plan.metrics, first)
        except Unreadable as error:
            raise EvidenceGone(f"The time before release {release.name} cannot be read: {error}") from None
    readings = analysis_input.read(plan.shifting, plan.metrics, baselines, minute_of(first), until)
    return version_counts.with_logs(release, readings), baselines
