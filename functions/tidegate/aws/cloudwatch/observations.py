"""What CloudWatch shows of both versions, minute by minute, for people to look at; nothing is decided by it."""

from collections.abc import Mapping, Sequence

from tidegate.aws.cloudwatch import metric_data
from tidegate.aws.cloudwatch.metric_data import MetricData
from tidegate.aws.cloudwatch.series import LAMBDA, Series, lambda_dimensions
from tidegate.domain.analysis import baseline
from tidegate.domain.analysis.baseline import Observation
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import DAY, MINUTE, minute_of

KEPT = 15 * DAY
"""How long CloudWatch keeps points of one minute (CloudWatch user guide, "Metrics retention")."""

STATISTICS = {
    baseline.CALLS: ("Invocations", "Sum"),
    baseline.ERRORS: ("Errors", "Sum"),
    **{name: ("Duration", name) for name in baseline.PERCENTILES},
}


def observe(targets: Sequence[TargetPlan], start: int, end: int) -> tuple[dict[str, Observation], str | None]:
    """Read the minutes from `start` up to `end` by target name; the second says why some are missing, if they are."""
    wanted = {(target.name, role): _series(target, role) for target in targets for role in ("stable", "canary")}
    every = [series for of_version in wanted.values() for series in of_version.values()]
    data = metric_data.read(every, minute_of(start), minute_of(end) + MINUTE)
    seen = {
        target.name: Observation(*(_points(wanted[target.name, role], data) for role in ("stable", "canary")))
        for target in targets
    }
    return seen, data.problem(every)


def _series(target: TargetPlan, role: str) -> dict[str, Series]:
    version = dict(zip(("stable", "canary"), target.versions(), strict=True))[role]
    return {name: Series(LAMBDA, *what, lambda_dimensions(target, version)) for name, what in STATISTICS.items()}


def _points(series: Mapping[str, Series], data: MetricData) -> dict[str, Mapping[int, float]]:
    found = {name: dict(sorted(data.of(one).items())) for name, one in series.items()}
    return {name: points for name, points in found.items() if points}
