"""What a probe or a hook must not leave behind: calls of the alias, weights, provisioned or reserved concurrency."""

from datetime import timedelta

from tests.workflow.targets import Target
from tests.workflow.world import World


def assert_nothing_is_left(world: World, target: Target, serving: str = "1") -> None:
    """Check that the alias counts no call and is whole, and that the function has no more than before."""
    client = world.cloud.client("lambda")
    assert target.requests(serving) == 0
    assert calls_of_the_alias(world, target) == 0
    assert target.state == (serving, {})
    assert client.list_provisioned_concurrency_configs(FunctionName=target.name)["ProvisionedConcurrencyConfigs"] == []
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName=target.name)


def calls_of_the_alias(world: World, target: Target) -> float:
    """Add up the metric of the alias, over all versions."""
    world.cloud.clock.sleep(180)  # until CloudWatch shows it
    now = world.cloud.clock.now()
    found = world.cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Invocations",
        Dimensions=[
            {"Name": "FunctionName", "Value": target.name},
            {"Name": "Resource", "Value": f"{target.name}:{target.alias}"},
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now,
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in found["Datapoints"])


def calls_about(world: World, function: Target, *actions: str) -> int:
    """Count the calls that our roles made about a function."""
    about = f":function:{function.name}"
    found = (call for call in list(world.cloud.calls) if call.caller_role and call.action in actions)
    return sum(any(about in resource for resource in call.resources) for call in found)
