"""A tick of a release whose users are routed: what it reads, judges and keeps, also if it is tried again."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.failing import refused
from tests.fakes.cloudwatch import cloudwatch
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tidegate.aws.cloudwatch import caller_logs, user_evidence
from tidegate.aws.ledger import items, known_users, records
from tidegate.domain.analysis.exposure import edge_name, observed
from tidegate.domain.analysis.user_lines import position
from tidegate.domain.analysis.users import Users
from tidegate.domain.ledger_items import release_partition
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.routing import Routing
from tidegate.domain.schedule import format_time
from tidegate.steps import compare

NAME, SALT = "checkout-live-1", "a-salt"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"
TICK = NOON + 150
GROUP = "/aws/lambda/web"
PERCENT = 10.0


def user_at(share: range) -> Iterator[str]:
    """Give pseudonyms whose positions under the salt lie in a range."""
    names = (f"{number:016x}" for number in range(1, 10**6))
    return (name for name in names if position(SALT, name) in share)


ON_CANARY, ON_STABLE = user_at(range(1_000)), user_at(range(1_000, 10_000))
CANARY = [next(ON_CANARY) for _ in range(6)]
STABLE = [next(ON_STABLE) for _ in range(3)]


def line(user: str, channel: str, *, at: int = NOON + 30, percent: float = PERCENT) -> dict[str, Any]:
    fields = {"release": NAME, "function": "checkout", "channel": channel, "user": user, "percent": percent}
    return {"timestamp": at * 1000, "message": json.dumps({"tidegate": {**fields, "failed": True}})}


EDGE = a_target(calls=("orders:live",)), a_target("orders")
LINES = [*(line(user, "canary") for user in CANARY), *(line(user, "stable") for user in STABLE)]


class Logs:
    def __init__(self) -> None:
        self.events = [*LINES]
        self.asked: list[dict[str, Any]] = []
        self.refusal = ""

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.refusal:
            raise refused(self.refusal)
        return {"events": [each for each in self.events if asked["startTime"] <= each["timestamp"] <= asked["endTime"]]}


def begin(*targets: TargetPlan, **routing: Any) -> None:
    plan: ReleasePlan = a_plan(*targets, routing=Routing(SALT, **routing))
    take_on(NAME, EXECUTION, plan)
    items.record_shift(NAME, 0, a_shift(NOON, PERCENT), plan.expires, {})


@pytest.fixture(autouse=True)
def aws() -> Iterator[SmallAws]:
    with small_aws() as aws, cloudwatch():
        aws.moved("checkout", "42", v43=0.1)
        yield aws


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch) -> Logs:
    logs = Logs()
    monkeypatch.setattr(caller_logs, "logs_client", lambda: logs)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return logs


def tick(now: int = TICK) -> user_evidence.FoundUsers:
    release = records.read_running(NAME)
    found = user_evidence.gather(release, now)
    user_evidence.keep(release, now, found)
    return found


def known() -> Users:
    return Users(known_users.kept(records.read(NAME), TICK).found.users("checkout"))


def rows() -> list[Any]:
    return [*known_users.kept(records.read(NAME), TICK).found.users(edge_name(EDGE))]


def state() -> Any:
    return sorted(known().failures(), key=str), known().seen(), known().unknown


def test_a_tick_reads_the_named_logs_and_keeps_whom_it_found(logs: Logs) -> None:
    begin(log_groups=(GROUP,))
    found = tick()
    assert {each["logGroupName"] for each in logs.asked} == {GROUP}
    assert found.evidence["checkout:live"].whole_until == TICK
    assert {each.user for each in known().failures() if each.on_canary} == {*CANARY}
    assert {each.user for each in known().failures() if not each.on_canary} == {*STABLE}


def test_without_named_logs_those_of_the_function_are_read(logs: Logs) -> None:
    begin()
    tick()
    assert {each["logGroupName"] for each in logs.asked} == {"/aws/lambda/checkout"}


def test_a_tick_that_is_tried_again_leaves_the_same_state(aws: SmallAws) -> None:
    begin(log_groups=(GROUP,))
    tick()
    once, written = state(), len(aws.partition(release_partition(NAME)))
    tick()
    assert (state(), len(aws.partition(release_partition(NAME)))) == (once, written)


def test_a_tick_whose_first_try_was_cut_off_before_it_kept_anything_finds_the_same(logs: Logs) -> None:
    begin(log_groups=(GROUP,))
    release = records.read_running(NAME)
    user_evidence.gather(release, TICK)
    tick()
    assert len(known().failures()) == len(LINES)


def test_the_next_tick_adds_to_it(logs: Logs) -> None:
    begin(log_groups=(GROUP,))
    tick()
    logs.events.append(line(next(ON_CANARY), "canary", at=TICK + 10))
    tick(TICK + 60)
    assert sum(each.on_canary for each in known().failures()) == len(CANARY) + 1


def test_users_without_a_known_chance_and_those_who_are_named_are_no_evidence(logs: Logs) -> None:
    begin(log_groups=(GROUP,), always=(CANARY[0],), never=(STABLE[0],))
    logs.events.append(line(CANARY[1], "stable", percent=20.0))
    tick()
    assert {each.user for each in known().failures()} == {*CANARY[1:], *STABLE[1:]}
    assert known().unknown == 1


def test_who_met_whom_is_kept_once_however_often_it_is_read(logs: Logs, aws: SmallAws) -> None:
    begin(*EDGE, log_groups=(GROUP,))
    fields = {"release": NAME, "function": "orders", "caller": "checkout", "version": "43"}
    calls = {"timestamp": TICK * 1000 - 1, "message": json.dumps({"tidegate": {**fields, "met": {"42": 8, "43": 2}}})}
    logs.events.append({**calls, "eventId": "1"})
    tick()
    tick()
    written = len(aws.partition(release_partition(NAME)))
    tick(TICK + 60)
    assert rows() == [[NOON + 120, 0, 0, 8, 2]]
    assert len(aws.partition(release_partition(NAME))) == written
    logs.events.append({**calls, "eventId": "2"})
    tick(TICK + 61)
    assert observed(EDGE, rows()).calls == 20, "the whole minute, with the line that came late"


def test_compare_says_that_a_log_cannot_be_read_and_does_not_call_it_healthy(logs: Logs) -> None:
    begin(log_groups=(GROUP,))
    logs.refusal = "AccessDeniedException"
    monday = compare.handler({"release": NAME, "now": format_time(TICK), "step": 0}, None)
    assert (monday["verdict"], monday["next"]) == ("no_data", "bake")
    assert monday["summary"].count(f"the log of callers {GROUP} cannot be read") == 1


def test_compare_judges_by_users(logs: Logs) -> None:
    begin(log_groups=(GROUP,))
    answer = compare.handler({"release": NAME, "now": format_time(TICK), "step": 0}, None)
    assert "6 of about 6 users failed, 42: 3 of about 3; inconclusive: the next tick must confirm" in answer["summary"]
    assert len(known().failures()) == len(LINES)
