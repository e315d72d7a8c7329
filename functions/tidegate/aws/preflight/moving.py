"""Facts about what may change during a release, or cannot: runtimes, and metrics of alarms."""

from tidegate.aws.cloudwatch.alarms import metric_id
from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.of_function import pages
from tidegate.aws.preflight.pace import client
from tidegate.domain.analysis.guards import MetricId


def runtime_modes(aim: Aim, _now: int) -> tuple[str, ...]:
    """Return how Lambda updates the runtimes of stable and of what is released; nothing for images."""
    versions = (aim.stable, aim.version) if aim.stable else ()
    return tuple(_mode(aim.function, each) for each in versions)


def _mode(function: str, version: str) -> str:
    """Read that of a version, or with an empty one of $LATEST, for which Lambda checks the unqualified ARN."""
    qualifier = {"Qualifier": version} if version else {}
    found = client("lambda").get_runtime_management_config(FunctionName=function, **qualifier)
    return str(found["UpdateRuntimeOn"])


def silent_metrics(aim: Aim, _now: int) -> list[MetricId]:
    """Return the metrics of alarms that have had no data for two weeks: ListMetrics does not list them."""
    return [each for each in aim.metrics if each not in {metric_id(found) for found in _listed(each)}]


def _listed(metric: MetricId) -> list[object]:
    namespace, name, dimensions = metric
    named = [{"Name": key, "Value": value} for key, value in dimensions]
    return pages("cloudwatch", "list_metrics", "Metrics", Namespace=namespace, MetricName=name, Dimensions=named)
