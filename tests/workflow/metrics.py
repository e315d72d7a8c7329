"""Metrics as a dashboard or an alarm of template.yaml reads them."""

from tests.contract.metrics import series
from tests.workflow.targets import Target
from tests.workflow.world import World


def gauge(world: World, name: str, target: Target) -> list[float]:
    """Give a metric of ours of a target, the largest value of each minute."""
    named = {"FunctionName": target.name, "Alias": target.alias, "service": world.stack.stack_name}
    dimensions = [{"Name": key, "Value": value} for key, value in named.items()]
    metric = {"Namespace": "Tidegate", "MetricName": name, "Dimensions": dimensions}
    return [value for _, value in sorted(series(world.cloud, metric, "Maximum").items())]


def seen_by(world: World, alarm: str) -> list[float]:
    """Give what an alarm of the template sees, minute by minute."""
    named = world.stack.resources[alarm]
    (found,) = world.cloud.client("cloudwatch").describe_alarms(AlarmNames=[named])["MetricAlarms"]
    metric = {name: found[name] for name in ("Namespace", "MetricName", "Dimensions")}
    return [value for _, value in sorted(series(world.cloud, metric, found["Statistic"]).items())]
