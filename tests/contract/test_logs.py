"""FilterLogEvents: prefixes, patterns, pages, and lines that come late (CloudWatch Logs API reference)."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud, cloudwatch

GROUP = "/aws/lambda/logged"
LATE = 5.0


@pytest.fixture
def logs(cloud: LocalCloud) -> Any:
    """Give a client of Logs whose lines are late, and a new group: two streams of version 4, one of version 5."""
    before = cloudwatch.logs.appear_after(LATE)
    client = cloud.client("logs")
    client.create_log_group(logGroupName=GROUP)
    for stream in ("2026/11/30/[4]0aa", "2026/11/30/[4]1bb", "2026/11/30/[5]0cc"):
        client.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    yield client
    client.delete_log_group(logGroupName=GROUP)
    cloudwatch.logs.appear_after(before)


def put(cloud: LocalCloud, logs: Any, stream: str, *messages: str, ago: float = 0.0) -> None:
    at = int((cloud.clock.time() - ago) * 1000)
    events = [{"timestamp": at + number, "message": message} for number, message in enumerate(messages)]
    logs.put_log_events(logGroupName=GROUP, logStreamName=f"2026/11/30/{stream}", logEvents=events)


def found(logs: Any, **wanted: Any) -> list[str]:
    return [event["message"] for event in logs.filter_log_events(logGroupName=GROUP, **wanted)["events"]]


def test_a_line_appears_some_seconds_after_it_was_written(cloud: LocalCloud, logs: Any) -> None:
    put(cloud, logs, "[4]0aa", "early")
    assert found(logs) == []
    cloud.clock.sleep(LATE)
    put(cloud, logs, "[4]0aa", "late")
    assert found(logs) == ["early"]


def test_a_late_line_stands_where_its_time_is(cloud: LocalCloud, logs: Any) -> None:
    put(cloud, logs, "[4]0aa", "second")
    cloud.clock.sleep(1)
    put(cloud, logs, "[4]1bb", "first", ago=30)
    cloud.clock.sleep(LATE)

    assert found(logs) == ["first", "second"]
    end = int((cloud.clock.time() - 20) * 1000)
    assert found(logs, endTime=end) == ["first"]
    assert found(logs, startTime=end) == ["second"]


def test_a_prefix_names_a_version_and_a_part_of_its_streams(cloud: LocalCloud, logs: Any) -> None:
    for stream in ("[4]0aa", "[4]1bb", "[5]0cc"):
        put(cloud, logs, stream, stream)
    cloud.clock.sleep(LATE)

    assert sorted(found(logs, logStreamNamePrefix="2026/11/30/[4]")) == ["[4]0aa", "[4]1bb"]
    assert found(logs, logStreamNamePrefix="2026/11/30/[4]0") == ["[4]0aa"]
    assert found(logs, logStreamNamePrefix="2026/11/29/[4]") == []


def test_a_pattern_takes_one_of_its_alternatives(cloud: LocalCloud, logs: Any) -> None:
    put(cloud, logs, "[4]0aa", "START RequestId: 1", "[ERROR] KeyError", "REPORT RequestId: 1\tStatus: error")
    cloud.clock.sleep(LATE)

    assert found(logs, filterPattern='?"REPORT RequestId:" ?"[ERROR]"') == [
        "[ERROR] KeyError",
        "REPORT RequestId: 1\tStatus: error",
    ]


def test_a_pattern_of_json_looks_into_events_that_are_json(cloud: LocalCloud, logs: Any) -> None:
    inside, nested = '{"a": {"b": "x-1"}}', '{"message": {"a": {"b": "x-1"}}, "level": "INFO"}'
    put(cloud, logs, "[4]0aa", inside, nested, f"text {inside}", '{"a": {"b": "x-2"}}', '{"a": "x-1"}', '["x-1"]')
    cloud.clock.sleep(LATE)

    assert found(logs, filterPattern='{ $.a.b = "x-1" }') == [inside]
    assert found(logs, filterPattern='{ ($.a.b = "x-1") || ($.message.a.b = "x-1") }') == [inside, nested]
    with pytest.raises(ClientError, match="InvalidParameter"):
        found(logs, filterPattern="{ $.a.b > 1 }")


def test_pages_go_on_where_the_one_before_ended(cloud: LocalCloud, logs: Any) -> None:
    put(cloud, logs, "[4]0aa", *(f"line {number}" for number in range(5)))
    cloud.clock.sleep(LATE)
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, PaginationConfig={"PageSize": 2}))

    assert [len(page["events"]) for page in pages] == [2, 2, 1]
    assert [event["message"] for page in pages for event in page["events"]] == [f"line {n}" for n in range(5)]
    assert "nextToken" not in pages[-1]


def test_a_page_has_a_megabyte_at_most(cloud: LocalCloud, logs: Any) -> None:
    for _ in range(2):
        put(cloud, logs, "[4]0aa", *["x" * 200_000] * 4)
    cloud.clock.sleep(LATE)

    first = logs.filter_log_events(logGroupName=GROUP)
    assert len(first["events"]) == 5
    assert len(logs.filter_log_events(logGroupName=GROUP, nextToken=first["nextToken"])["events"]) == 3


def test_a_group_that_is_not_there_is_named_so(logs: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.filter_log_events(logGroupName="/aws/lambda/never-called")
