"""Reading both versions' logs in few calls: pages, samples, what is read again, and what turns the looks off."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.aws.cloudwatch import log_counts
from tidegate.aws.cloudwatch.log_counts import TargetLogs, VersionLog, refusal
from tidegate.domain.analysis.log_calls import LogStyle
from tidegate.domain.analysis.looks import MOST_CALLS
from tidegate.domain.judge import Minute
from tidegate.domain.schedule import parse_time

NOON = parse_time("2026-11-30T12:00:00Z")
GROUP = "/aws/lambda/checkout"
Answer = Callable[[dict[str, Any]], dict[str, Any]]


def report(at: float, stream: str = "one", status: str = "") -> dict[str, Any]:
    text = f"REPORT RequestId: 8f5e4a3c-0000-4000-8000-000000000001\tDuration: 3 ms\t{status}\n"
    return {"logStreamName": stream, "message": text, "timestamp": int((NOON + at) * 1000)}


class Logs:
    """Answers FilterLogEvents by the version in the prefix, and remembers what it was asked for."""

    def __init__(self, **by_version: Answer) -> None:
        self.asked: list[dict[str, Any]] = []
        self._by_version = by_version

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        prefix = asked.get("logStreamNamePrefix", "")
        if not prefix.startswith("2026/11/30/"):
            return {"events": []}
        version = "canary" if "[43]" in prefix else "stable"
        return self._by_version[version](asked)


def events(*found: dict[str, Any]) -> Answer:
    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        return {"events": [each for each in found if asked["startTime"] <= each["timestamp"] <= asked["endTime"]]}

    return answer


def endless(_: dict[str, Any]) -> dict[str, Any]:
    return {"events": [], "nextToken": "more"}


def refused(code: str) -> Answer:
    def answer(_: dict[str, Any]) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": code, "Message": "as a test wants it."}}, "FilterLogEvents")

    return answer


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Logs]:
    def use(**by_version: Answer) -> Logs:
        logs = Logs(**by_version)
        monkeypatch.setattr(log_counts, "logs_client", lambda: logs)
        return logs

    return use


def opened() -> TargetLogs:
    python = LogStyle(runtime="python")
    stable, canary = (VersionLog("checkout", version, GROUP, python) for version in ("42", "43"))
    return TargetLogs(stable, canary, NOON)


def test_a_look_reads_the_slots_that_have_ended_and_the_last_ones_again(use: Callable[..., Logs]) -> None:
    logs = use(
        canary=events(report(3, status="Status: timeout"), report(14)),
        stable=events(report(4), report(9.5), report(27)),
    )
    target = opened()
    target.look(NOON + 16)
    assert target.found == {NOON: Minute(1, 1, 2, 0)}
    assert {(each["startTime"], each["endTime"]) for each in logs.asked} == {(NOON * 1000, NOON * 1000 + 9999)}

    target.look(NOON + 36)
    assert target.found == {
        NOON: Minute(1, 1, 2, 0),
        NOON + 10: Minute(1, 0, 0, 0),
        NOON + 20: Minute(0, 0, 1, 0),
    }
    target.look(NOON + 46)
    assert logs.asked[-1]["startTime"] == (NOON + 20) * 1000


def test_no_slot_counts_before_both_logs_were_read(use: Callable[..., Logs]) -> None:
    use(canary=events(report(3, status="Status: error")), stable=refused("ThrottlingException"))
    target = opened()
    target.look(NOON + 16)

    assert target.found == {}
    assert target.off == "", "it may succeed at the next one"


def test_long_logs_are_sampled_by_their_streams_of_both_versions_alike(use: Callable[..., Logs]) -> None:
    def stable(asked: dict[str, Any]) -> dict[str, Any]:
        return events(report(4))(asked) if asked["logStreamNamePrefix"].endswith("]0") else endless(asked)

    logs = use(canary=events(report(3)), stable=stable)
    target = opened()
    target.look(NOON + 16)
    assert target.found == {}
    assert sum("[42]" in each["logStreamNamePrefix"] for each in logs.asked) == MOST_CALLS

    target.look(NOON + 26)
    assert target.found == {NOON: Minute(1, 0, 1, 0)}
    assert {each["logStreamNamePrefix"][-1] for each in logs.asked[-4:]} == {"0"}


def test_logs_too_long_for_a_sample_are_given_up(use: Callable[..., Logs]) -> None:
    use(canary=events(), stable=endless)
    target = opened()
    target.look(NOON + 16)
    target.look(NOON + 26)

    assert "too long" in target.off


@pytest.mark.parametrize(
    ("code", "off"),
    [("AccessDeniedException", True), ("InvalidParameterException", True), ("ResourceNotFoundException", False)],
)
def test_a_log_that_cannot_be_read_is_given_up_and_one_that_is_not_there_yet_is_not(
    use: Callable[..., Logs], code: str, off: bool
) -> None:
    use(canary=refused(code), stable=refused(code))
    target = opened()
    target.look(NOON + 16)

    assert ("cannot be read" in target.off) == off
    assert target.found == {}


def test_plan_asks_whether_a_group_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Group:
        def __init__(self, answer: Answer) -> None:
            self._answer = answer

        def filter_log_events(self, **asked: Any) -> dict[str, Any]:
            assert asked == {"logGroupName": GROUP, "startTime": NOON * 1000, "limit": 1}
            return self._answer(asked)

    said = {}
    for name, answer in {
        "there": lambda _: {"events": []},
        "denied": refused("AccessDeniedException"),
        "new": refused("ResourceNotFoundException"),
    }.items():
        group = Group(answer)
        monkeypatch.setattr(log_counts, "logs_client", lambda group=group: group)
        said[name] = refusal(GROUP, NOON)

    assert (said["there"], said["new"]) == ("", "")
    assert GROUP in said["denied"]


def test_a_log_goes_on_where_an_earlier_look_ended(use: Callable[..., Logs]) -> None:
    logs = use(canary=events(report(21)), stable=events(report(22)))
    target = opened()
    target.go_on({NOON - 60: Minute(9, 0, 9, 0), NOON: Minute(1, 1, 2, 0), NOON + 10: Minute(1, 0, 0, 0)})
    target.look(NOON + 36)

    assert target.found == {NOON: Minute(1, 1, 2, 0), NOON + 10: Minute(1, 0, 0, 0), NOON + 20: Minute(1, 0, 1, 0)}
    assert logs.asked[0]["startTime"] == (NOON + 10) * 1000


def test_logs_of_different_styles_are_never_read(use: Callable[..., Logs]) -> None:
    logs = use()
    stable = VersionLog.of("checkout", "42", {"Runtime": "python3.13"})
    canary = VersionLog.of("checkout", "43", {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "shop"}})
    target = TargetLogs(stable, canary, NOON)
    target.look(NOON + 16)

    assert (stable.group, canary.group) == (GROUP, "shop")
    assert "different formats" in target.off
    assert logs.asked == []
