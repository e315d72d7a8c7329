"""What Plan says of the alarms that guard a release: what each can see, and what it cannot."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import NOON, a_plan
from tests.failing import refused
from tests.fakes.cloudwatch import cloudwatch
from tidegate.aws.cloudwatch.expected_traffic import look_ahead

NO_DATA = "it has no data; a change from INSUFFICIENT_DATA to ALARM also rolls the release back"
WARMING = "its warm-up lasts until 2027-01-15T12:20:00Z at most; it detects nothing before that"
QUIET_FOR = "so it does not block this release; it counts after it has been out of ALARM for 15 minutes"
NOBODY = "so nobody is notified; a change to ALARM still rolls the release back"
BEFORE = datetime.fromtimestamp(NOON - 600, UTC)


def metric(name: str = "stopped", state: str = "OK", **more: Any) -> tuple[str, dict[str, Any]]:
    return "MetricAlarms", {"AlarmName": name, "StateValue": state, "ActionsEnabled": True, **more}


def composite(**more: Any) -> tuple[str, dict[str, Any]]:
    return "CompositeAlarms", metric("health")[1] | more


def of_logs(**more: Any) -> tuple[str, dict[str, Any]]:
    query = {"ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)"}}
    return "LogAlarms", metric("errors")[1] | {"ScheduledQueryConfiguration": query} | more


def warming(minutes: int) -> dict[str, Any]:
    settings = {"WarmUpPeriodDurationInMinutes": minutes}
    return {"AlarmConfigurationUpdatedTimestamp": BEFORE, "WarmUpConfiguration": settings}


def told(*found: tuple[str, dict[str, Any]], muted: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> str:
    """Give what Plan says of these alarms in a release that nobody calls."""
    with cloudwatch() as ours:
        ours.alarms, ours.muted = list(found), muted
        plan = a_plan(alarms=names or tuple(alarm["AlarmName"] for _, alarm in found))
        return look_ahead(plan, NOON).sentence.partition("Alarms: ")[2]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (metric(), "stopped is OK."),
        (metric(state="ALARM"), f"stopped is ALARM, {QUIET_FOR}."),
        (
            metric(state="INSUFFICIENT_DATA"),
            f"stopped is INSUFFICIENT_DATA, {NO_DATA}.",
        ),
        (metric(state="INSUFFICIENT_DATA", **warming(30)), f"stopped is INSUFFICIENT_DATA, {WARMING}."),
        (
            metric(state="INSUFFICIENT_DATA", **warming(5)),
            f"stopped is INSUFFICIENT_DATA, {NO_DATA}.",
        ),
        (metric(**warming(30)), "stopped is OK."),
        (metric(ActionsEnabled=False), f"stopped is OK, its actions are disabled, {NOBODY}."),
        (
            metric(EvaluationState="EVALUATION_ERROR"),
            "stopped is OK, CloudWatch reports EVALUATION_ERROR for its evaluation, so it may detect nothing.",
        ),
        (composite(), "health (composite alarm) is OK."),
        (
            composite(ActionsSuppressedBy="Alarm", ActionsSuppressor="maintenance"),
            f"health (composite alarm) is OK, its actions are suppressed by maintenance, {NOBODY}.",
        ),
        (
            of_logs(),
            "errors (log alarm) is OK, its query runs at rate(5 minutes), so it detects a fault with that delay.",
        ),
    ],
)
def test_plan_says_what_an_alarm_can_see(found: tuple[str, dict[str, Any]], said: str) -> None:
    assert told(found) == said


def test_a_mute_rule_is_said_and_only_while_it_is_active() -> None:
    assert told(metric(), muted=("stopped",)) == f"stopped is OK, a mute rule mutes its actions, {NOBODY}."
    assert told(metric(), muted=("another",)) == "stopped is OK."


def test_alarms_are_told_in_the_order_of_the_request_and_the_record_has_all_of_them() -> None:
    found = [metric(name) for name in "edcba"]
    assert told(*found, names=tuple("abcde")) == "a is OK; b is OK; c is OK; and 2 more."
    with cloudwatch() as ours:
        ours.alarms = found
        assert look_ahead(a_plan(alarms=tuple("abcde")), NOON).guards == tuple(f"{name} is OK" for name in "abcde")


def test_without_alarms_nothing_is_said_of_them() -> None:
    assert told() == ""


def test_alarms_that_cannot_be_read_keep_no_release_from_starting() -> None:
    with cloudwatch() as ours:
        ours.alarms, ours.alarms_refusal = [metric()], refused("InternalFailure", 500)
        said = look_ahead(a_plan(alarms=("stopped",)), NOON).sentence
    assert "no calls are expected" in said
    assert "Alarms: not known, CloudWatch could not be read (" in said


def test_mute_rules_that_cannot_be_read_leave_the_rest() -> None:
    with cloudwatch() as ours:
        ours.alarms, ours.rules_refusal = [metric(state="ALARM")], refused("AccessDenied", 403)
        said = look_ahead(a_plan(alarms=("stopped",)), NOON).sentence
    assert said.endswith(f"Alarms: stopped is ALARM, {QUIET_FOR}.")
