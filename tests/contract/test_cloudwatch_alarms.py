"""Alarms whose state a test sets, and how it changed."""

import json
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend

from localcloud import LocalCloud
from tests.alarms import put_alarm


def an_alarm(cloud: LocalCloud, name: str, *states: str) -> Any:
    client = cloud.client("cloudwatch")
    put_alarm(client, name, *states)
    return client


def changes(client: Any, name: str, **options: Any) -> list[tuple[str, str]]:
    items = client.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate", **options)["AlarmHistoryItems"]
    data = [json.loads(item["HistoryData"]) for item in items]
    return [(each["oldState"]["stateValue"], each["newState"]["stateValue"]) for each in data]


def test_the_history_has_each_change_of_state_the_newest_first(cloud: LocalCloud) -> None:
    client = an_alarm(cloud, "history", "OK", "ALARM", "ALARM", "OK")
    newest_first = [("ALARM", "OK"), ("OK", "ALARM"), ("INSUFFICIENT_DATA", "OK")]
    assert changes(client, "history") == newest_first
    assert changes(client, "history", ScanBy="TimestampAscending") == newest_first[::-1]


def test_a_new_alarm_has_no_data_and_an_update_leaves_its_state_as_it_is(cloud: LocalCloud) -> None:
    """A recording of AWS has the first (localstack, test_put_metric_alarm); PutMetricAlarm's page says the second."""
    client = an_alarm(cloud, "new")
    states = [client.describe_alarms(AlarmNames=["new"])["MetricAlarms"][0]["StateValue"]]
    put_alarm(client, "new", "ALARM")
    put_alarm(client, "new")
    states.append(client.describe_alarms(AlarmNames=["new"])["MetricAlarms"][0]["StateValue"])
    assert states == ["INSUFFICIENT_DATA", "ALARM"]
    assert changes(client, "new") == [("INSUFFICIENT_DATA", "ALARM")]


def test_nothing_mutes_an_alarm(cloud: LocalCloud) -> None:
    assert cloud.client("cloudwatch").list_alarm_mute_rules(AlarmName="new")["AlarmMuteRuleSummaries"] == []


def test_the_history_can_be_asked_from_a_time_on(cloud: LocalCloud) -> None:
    client = an_alarm(cloud, "later", "ALARM")
    now = datetime.fromtimestamp(cloud.clock.time(), UTC)
    assert changes(client, "later", StartDate=now + timedelta(hours=1)) == []
    assert changes(client, "later", StartDate=now - timedelta(hours=1)) == [("INSUFFICIENT_DATA", "ALARM")]


def test_the_history_comes_in_pages(cloud: LocalCloud) -> None:
    client = an_alarm(cloud, "pages", *["ALARM", "OK"] * 3)
    pages = client.get_paginator("describe_alarm_history").paginate(AlarmName="pages", PaginationConfig={"PageSize": 4})
    assert [len(page["AlarmHistoryItems"]) for page in pages] == [4, 2]


def test_what_is_told_of_an_alarm_says_when_its_state_changed(cloud: LocalCloud) -> None:
    client = an_alarm(cloud, "told", "ALARM")
    (alarm,) = client.describe_alarms(AlarmNames=["told", "of-nothing"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    assert abs(alarm["StateUpdatedTimestamp"].timestamp() - cloud.clock.time()) < 600


def test_moto_itself_still_has_no_history_of_alarms() -> None:
    """When this fails, moto has closed the gap: see whether its call can take the place of ours."""
    assert not {"describe_alarm_history", "list_alarm_mute_rules"} & set(dir(CloudWatchBackend))


def test_moto_itself_still_takes_a_new_alarm_for_ok() -> None:
    """When this fails, moto has closed the gap, and ours can go."""
    values: dict[str, Any] = dict.fromkeys(signature(Alarm).parameters)
    assert Alarm(**{**values, "dimensions": [], "region_name": "us-east-1", "name": "new"}).state_value == "OK"
