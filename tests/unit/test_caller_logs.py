"""Reading the callers' logs: what is read again, what is read later, and what cannot be read."""

import json
import time
from typing import Any

import pytest

from tests.builders import NOON, a_plan
from tests.failing import refused
from tidegate.aws.cloudwatch import caller_logs, log_counts
from tidegate.aws.cloudwatch.caller_logs import AGAIN, BEHIND, MOST_CALLS, CallerLogs
from tidegate.domain.analysis.user_lines import pattern
from tidegate.domain.routing import Routing

RELEASE = "orders-live-1"
WEB, JOBS = "/aws/lambda/web", "/aws/lambda/jobs"


def event(at: float, number: int = 1, release: str = RELEASE) -> dict[str, Any]:
    """Give a line of the library so many seconds after noon."""
    fields = {"release": release, "function": "orders", "channel": "stable", "percent": 10.0, "failed": True}
    text = json.dumps({"tidegate": {**fields, "user": f"{number:016x}"}})
    return {"message": text, "timestamp": int((NOON + at) * 1000), "logStreamName": "one"}


class Logs:
    """Answers FilterLogEvents with pages of one event; `refuses` has an error code by group."""

    def __init__(self, **by_group: list[dict[str, Any]]) -> None:
        self.groups = {{"web": WEB, "jobs": JOBS}[name]: events for name, events in by_group.items()}
        self.refuses: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if code := self.refuses.get(asked["logGroupName"]):
            raise refused(code)
        events = [
            each
            for each in self.groups[asked["logGroupName"]]
            if asked["startTime"] <= each["timestamp"] <= asked["endTime"]
        ]
        place = int(asked.get("nextToken", 0))
        more = {"nextToken": str(place + 1)} if place + 1 < len(events) else {}
        return {"events": events[place : place + 1], **more}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Take the pauses without waiting."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(**by_group: list[dict[str, Any]]) -> Logs:
        logs = Logs(**by_group)
        monkeypatch.setattr(caller_logs, "logs_client", lambda: logs)
        return logs

    return use


def read(logs: Logs, minutes: float, before: CallerLogs | None = None) -> CallerLogs:
    known = before.go_on if before else {}
    return caller_logs.read(sorted(logs.groups), RELEASE, known, NOON, NOON + int(60 * minutes))


def users(found: CallerLogs) -> list[int]:
    return [int(line.user, 16) for line in found.lines]


def test_the_first_tick_reads_from_the_shift_on_all_pages_and_groups(use: Any, at_once: list[float]) -> None:
    logs = use(web=[event(-1), event(0, 2), event(40, 3)], jobs=[event(90, 4), event(150, 5)])
    found = read(logs, 2.5)
    assert sorted(users(found)) == [2, 3, 4]
    assert (found.whole_until, found.problem) == (NOON + 150, "")
    assert {each["filterPattern"] for each in logs.asked} == {pattern(RELEASE)}
    assert at_once == [caller_logs.PAUSE], "between the pages"


def test_the_next_tick_reads_on_and_the_last_minutes_again(use: Any) -> None:
    logs = use(web=[event(10, 1), event(100, 2), event(155, 3)])
    first = read(logs, 2.5)
    logs.groups[WEB].insert(2, event(140, 4))  # a line that came late
    assert users(read(logs, 3.5, first)) == [2, 4, 3]
    assert logs.asked[-1]["startTime"] == (NOON + 150 - AGAIN) * 1000


def test_lines_of_others_are_no_data(use: Any) -> None:
    assert users(read(use(web=[event(10, 1, "another"), {**event(20), "message": "hello"}]), 2.5)) == []


def test_an_event_that_is_read_twice_in_a_tick_counts_once(use: Any) -> None:
    """A search that is shortened begins again with the second that it had reached."""
    fields = {"release": RELEASE, "function": "orders", "caller": "web", "version": "7", "met": {"42": 3}}
    line = {**event(10), "message": json.dumps({"tidegate": fields})}
    found = read(use(web=[{**line, "eventId": number} for number in ("1", "1", "2")]), 2.5)
    assert [each.met for each in found.met] == [{"42": 3}, {"42": 3}]


def test_a_log_that_takes_too_many_calls_is_read_on_by_the_next_tick(use: Any) -> None:
    logs = use(web=[event(number, number) for number in range(60)])
    first = read(logs, 1.5)
    assert users(first) == [*range(MOST_CALLS)]
    assert (first.whole_until, first.problem) == (NOON + MOST_CALLS - 1, "")
    second = read(logs, 2.5, first)
    assert users(second)[0] == MOST_CALLS - 1, "the last second is read again, and no more"


def test_the_log_that_is_furthest_behind_is_read_first(use: Any) -> None:
    logs = use(web=[event(number) for number in range(60)], jobs=[event(number) for number in range(60)])
    first = read(logs, 1.5)
    read(logs, 2.5, first)
    assert [each["logGroupName"] for each in logs.asked] == [JOBS] * MOST_CALLS + [WEB] * MOST_CALLS


def test_a_log_that_is_far_behind_is_no_data(use: Any) -> None:
    logs = use(web=[event(number) for number in range(60)])
    found = read(logs, 2 + BEHIND / 60)
    assert found.problem == (
        "the log of callers /aws/lambda/web is read more than 5 minutes late: "
        "a tick takes 30 calls and 30 seconds for all logs"
    )


class Busy(Logs):
    """Answers with empty pages: it searches four seconds in one, as CloudWatch a megabyte."""

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        start = int(asked.get("nextToken", asked["startTime"]))
        end = min(start + 4000, asked["endTime"] + 1)
        found = [each for each in self.groups[asked["logGroupName"]] if start <= each["timestamp"] < end]
        return {"events": found, **({"nextToken": str(end)} if end <= asked["endTime"] else {})}


def test_a_busy_log_with_few_lines_is_read_on_tick_by_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    logs = Busy(web=[event(100, 1), event(290, 2)])
    monkeypatch.setattr(caller_logs, "logs_client", lambda: logs)
    found, seen = read(logs, 5), set[int]()
    for minutes in range(6, 12):
        seen |= {*users(found)}
        before = found
        found = read(logs, minutes, before)
        assert found.go_on[WEB] > before.go_on[WEB]
    assert seen | {*users(found)} == {1, 2}
    assert found.whole_until >= NOON + 300
    assert len(logs.asked) <= 7 * MOST_CALLS


def test_reading_ends_in_time_and_the_next_tick_goes_on(monkeypatch: pytest.MonkeyPatch, use: Any) -> None:
    """A call of CloudWatch may take ten seconds, and the step that reads has ninety."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    logs = use(web=[event(number, number) for number in range(60)], jobs=[event(5, 100)])
    whole = logs.filter_log_events

    def slow(**asked: Any) -> dict[str, Any]:
        clock[0] += 10
        found: dict[str, Any] = whole(**asked)
        return found

    logs.filter_log_events = slow
    first = read(logs, 1.5)
    assert clock[0] <= caller_logs.SECONDS + 10
    clock[0] = 0
    assert first.problem == ""
    assert users(read(logs, 2.5, first))[:2] == [100, users(first)[-1]], "the last second again, and no more"


def test_a_log_that_cannot_be_read_does_not_keep_the_others_from_being_whole(use: Any) -> None:
    logs = use(web=[event(10, 7)], jobs=[event(10, 8)])
    logs.refuses = {JOBS: "AccessDeniedException"}
    assert read(logs, 2.5).whole_until == NOON + 150
    logs.refuses = dict.fromkeys((WEB, JOBS), "AccessDeniedException")
    assert read(logs, 2.5).whole_until == NOON


def test_logs_that_cannot_be_read_are_named_once_and_the_others_are_read(use: Any) -> None:
    logs = use(web=[event(10, 7)], jobs=[event(10, 8)])
    logs.refuses = {JOBS: "AccessDeniedException"}
    found = read(logs, 2.5)
    assert users(found) == [7]
    assert found.problem.startswith("the log of callers /aws/lambda/jobs cannot be read (")
    assert "AccessDenied" in found.problem
    assert found.go_on[JOBS] == NOON, "it is read from there once it can be"
    logs.refuses = dict.fromkeys((WEB, JOBS), "ResourceNotFoundException")
    assert read(logs, 2.5).problem.count("cannot be read") == 1


def test_a_log_that_fails_halfway_keeps_what_was_read(use: Any) -> None:
    logs = use(web=[event(10, 1), event(20, 2), event(30, 3)])
    whole = logs.filter_log_events

    def failing(**asked: Any) -> dict[str, Any]:
        if asked.get("nextToken") == "2":
            raise refused("ThrottlingException")
        found: dict[str, Any] = whole(**asked)
        return found

    logs.filter_log_events = failing
    found = read(logs, 2.5)
    assert (users(found), found.go_on[WEB]) == ([1, 2], NOON + 20)
    assert found.problem


@pytest.mark.parametrize(
    ("code", "refuses"),
    [("AccessDeniedException", True), ("InvalidParameterException", True), ("ResourceNotFoundException", False)],
)
def test_plan_refuses_named_logs_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, code: str, *, refuses: bool
) -> None:
    """Otherwise some of the users would meet the new version, and nobody could tell how they fare."""
    logs = Logs(web=[])
    logs.refuses = {WEB: code}
    monkeypatch.setattr(log_counts, "logs_client", lambda: logs)
    found = caller_logs.obstacles(a_plan(routing=Routing("salt", log_groups=(WEB,))), NOON)
    assert [each.startswith(f"routing.log_groups[0]: the log group {WEB} cannot be read (") for each in found] == (
        [True] if refuses else []
    )
    assert caller_logs.obstacles(a_plan(), NOON) == []
