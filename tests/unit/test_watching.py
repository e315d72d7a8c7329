"""What template.yaml has for whoever watches releases: alarms, and what they are told by."""

import re

import pytest

from tests.reading import ROOT, functions, resources, template
from tidegate.aws.gauges import NAMESPACE
from tidegate.domain import gauge

ALARMS = resources("AWS::CloudWatch::Alarm")
DOCUMENT = (ROOT / "docs/dashboard.md").read_text()

each_alarm = pytest.mark.parametrize("name", ALARMS)


@each_alarm
def test_an_alarm_tells_the_topic_that_it_went_off_and_that_it_is_over(name: str) -> None:
    told = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert ALARMS[name]["AlarmActions"] == ALARMS[name]["OKActions"] == told


@each_alarm
def test_an_alarm_is_explained_with_what_to_do(name: str) -> None:
    assert "docs/dashboard.md" in ALARMS[name]["AlarmDescription"]
    assert f"\n| `{name}` |" in DOCUMENT


def test_an_alarm_hears_of_errors_of_recover_and_does_not_mind_minutes_in_which_it_had_nothing_to_do() -> None:
    alarm = ALARMS["RollBackAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "RecoverFunction"}}]
    assert "RecoverFunction" in functions()
    assert alarm["TreatMissingData"] == "notBreaching"


def test_an_alarm_hears_of_locks_and_takes_silence_for_one() -> None:
    alarm = ALARMS["LockAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (NAMESPACE, gauge.LOCKS_LEFT)
    service = template()["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": service}]
    assert alarm["TreatMissingData"] == "breaching"
    minutes = alarm["EvaluationPeriods"] * alarm["Period"] // 60
    assert minutes > 5, "Recover frees a lock only when no late step can be in flight any more"


def test_every_metric_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| (?:`service`|the same)", DOCUMENT, re.MULTILINE)) == set(gauge.UNITS)
