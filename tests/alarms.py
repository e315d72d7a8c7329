"""An alarm of the local cloud, which a test turns itself: no metric is behind it."""

from typing import Any


def put_alarm(client: Any, name: str, *states: str) -> None:
    """Make the alarm (`client` is CloudWatch's), and give it each state in turn."""
    client.put_metric_alarm(
        AlarmName=name,
        Namespace="Shop",
        MetricName="Orders",
        ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=1,
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    for state in states:
        client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="as a test wants it")
