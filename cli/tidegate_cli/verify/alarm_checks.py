"""Checks of CloudWatch alarms."""

from typing import Any

from botocore.exceptions import ClientError

from tidegate.domain.schedule import MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import Ground

TYPES = ["MetricAlarm", "CompositeAlarm", "LogAlarm"]


def _alarm(ground: Ground) -> str:
    """Make an alarm on a metric without data; return its name."""

    def make() -> str:
        name = ground.name("alarm")
        ground.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
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
        return name

    return ground.shared("alarm", make)


@check(
    "alarm-history",
    "DescribeAlarmHistory tells each change of state, with oldState and newState in HistoryData or in words in "
    "HistorySummary",
    expected="a change to ALARM",
    otherwise="an alarm that turns red would not roll back",
    source="AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html",
)
def alarm_history(ground: Ground) -> Seen:
    """Set an alarm to ALARM, then read its history."""
    return _turned_red(ground, _alarm(ground))


@check(
    "composite-history",
    "DescribeAlarmHistory tells each change of state of a composite alarm, too",
    expected="a change to ALARM",
    otherwise="a composite alarm that turns red would not roll back",
    source="AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html",
)
def composite_history(ground: Ground) -> Seen:
    """Set a composite alarm to ALARM, then read its history."""
    name = ground.name("composite")
    ground.client("cloudwatch").put_composite_alarm(
        AlarmName=name, AlarmRule=f"ALARM({_alarm(ground)})", Tags=ground.tag_list
    )
    return _turned_red(ground, name)


def _turned_red(ground: Ground, name: str) -> Seen:
    ground.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="tidegate verify")
    told = ground.until(lambda: any(_is_change_to_red(item) for item in _history(ground, name)), MINUTE)
    return Seen(told, "a change to ALARM" if told else "no change to ALARM")


def _history(ground: Ground, name: str) -> list[dict[str, Any]]:
    answer = ground.client("cloudwatch").describe_alarm_history(
        AlarmName=name, AlarmTypes=TYPES, HistoryItemType="StateUpdate"
    )
    found: list[dict[str, Any]] = answer["AlarmHistoryItems"]
    return found


def _is_change_to_red(item: dict[str, Any]) -> bool:
    return "to ALARM" in item.get("HistorySummary", "") or '"newState":{"stateValue":"ALARM"' in "".join(
        item.get("HistoryData", "").split()
    )


@check(
    "alarm-types",
    "DescribeAlarms takes the type LogAlarm, whether the Region has log alarms or not",
    expected="the alarm",
    otherwise="Plan would refuse requests with `alarms` there: ask for the third type only where a name was not found",
    source="AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
)
def alarm_types(ground: Ground) -> Seen:
    """Call DescribeAlarms with the name of an alarm and all three types."""
    name = _alarm(ground)
    try:
        answer = ground.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=TYPES)
    except ClientError as error:
        if "AccessDenied" in str(error):
            raise
        return Seen(False, str(error))
    found = [alarm["AlarmName"] for alarm in answer.get("MetricAlarms", [])]
    return same("the alarm", "the alarm" if found == [name] else f"{len(found)} alarms")
