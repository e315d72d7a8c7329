"""Checks of CloudWatch alarms."""

from typing import Any

from botocore.exceptions import ClientError

from tidegate.domain.schedule import MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import Ground

TYPES = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]


def _alarms(ground: Ground) -> list[str]:
    """Make an alarm on a metric without data, and a composite alarm of it; return their names."""

    def make() -> list[str]:
        client, names = ground.client("cloudwatch"), [ground.name("alarm"), ground.name("composite")]
        client.put_metric_alarm(
            AlarmName=names[0],
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=[{"Name": "FunctionName", "Value": ground.name("nothing")}],
            Statistic="Sum",
            Period=MINUTE,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Tags=ground.tag_list,
        )
        client.put_composite_alarm(AlarmName=names[1], AlarmRule=f"ALARM({names[0]})", Tags=ground.tag_list)
        return names

    return ground.shared("alarms", make)


@check(
    "alarm-history",
    "DescribeAlarmHistory tells each change of state, of composite alarms too, with oldState and newState in "
    "HistoryData or in words in HistorySummary",
    expected="both alarms: to ALARM",
    otherwise="an alarm that turns red would not roll back",
    source="AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html",
)
def alarm_history(ground: Ground) -> Seen:
    """An alarm and a composite alarm are set to ALARM, then their histories are read."""
    client, names = ground.client("cloudwatch"), _alarms(ground)
    for name in names:
        client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="tidegate verify")

    def look() -> list[str]:
        told = [name for name in names if any(_turns_red(item) for item in _history(ground, name))]
        return told if len(told) == len(names) else []

    told = ground.until(look, MINUTE)
    if told:
        return Seen(True, "both alarms: to ALARM")
    silent = [name for name in names if not any(_turns_red(item) for item in _history(ground, name))]
    return Seen(False, f"no change to ALARM is told of {' and '.join(silent)}")


def _history(ground: Ground, name: str) -> list[dict[str, Any]]:
    answer = ground.client("cloudwatch").describe_alarm_history(
        AlarmName=name, AlarmTypes=TYPES, HistoryItemType="StateUpdate"
    )
    found: list[dict[str, Any]] = answer["AlarmHistoryItems"]
    return found


def _turns_red(item: dict[str, Any]) -> bool:
    return "to ALARM" in item.get("HistorySummary", "") or '"newState":{"stateValue":"ALARM"' in "".join(
        item.get("HistoryData", "").split()
    )


@check(
    "alarm-types",
    "DescribeAlarms takes the type LogAlarm, whether the Region has log alarms or not",
    expected="both alarms",
    otherwise="Plan would refuse requests with `alarms` there: ask for the third type only where a name was not found",
    source="AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
)
def alarm_types(ground: Ground) -> Seen:
    """DescribeAlarms is asked for two alarms by name, with all three types."""
    names = _alarms(ground)
    try:
        answer = ground.client("cloudwatch").describe_alarms(AlarmNames=names, AlarmTypes=TYPES)
    except ClientError as error:
        if "AccessDenied" in str(error):
            raise
        return Seen(False, str(error))
    found = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    return same("both alarms", "both alarms" if len(found) == len(names) else f"{len(found)} alarms")
