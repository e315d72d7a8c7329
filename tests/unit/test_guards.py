"""What Plan says of the alarms that guard a release: what each can see, and what it cannot."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import NOON, a_plan
from tests.failing import refused
from tests.fakes.cloudwatch import cloudwatch
from tidegate.aws.cloudwatch.expected_traffic import look_ahead
from tidegate.domain.analysis.guards import Guard

NO_DATA = "it has no data; a change from INSUFFICIENT_DATA to ALARM also rolls the release back"
WARMING = "its warm-up lasts until 2027-01-15T12:20:00Z at most; it detects nothing before that"
QUIET_FOR = "so it does not block this release; it counts after it has been out of ALARM for 15 minutes"
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


def a_guard(found: tuple[str, dict[str, Any]], muted: tuple[str, ...] = ()) -> Guard:
    with cloudwatch() as ours:
        ours.alarms, ours.muted = [found], muted
        (guard,) = look_ahead(a_plan(alarms=(found[1]["AlarmName"],)), NOON).alarms
    return guard


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
        (composite(), "health (composite alarm) is OK."),
        (
            of_logs(),
            "errors (log alarm) is OK, its query runs at rate(5 minutes), so it detects a fault with that delay.",
        ),
    ],
)
def test_plan_says_what_an_alarm_can_see(found: tuple[str, dict[str, Any]], said: str) -> None:
    assert told(found) == said


@pytest.mark.parametrize(
    ("found", "muted", "fault"),
    [
        (metric(ActionsEnabled=False), (), "its actions are disabled"),
        (metric(), ("stopped",), "a mute rule mutes its actions"),
        (metric(EvaluationState="EVALUATION_ERROR"), (), "CloudWatch reports EVALUATION_ERROR"),
        (
            composite(ActionsSuppressedBy="Alarm", ActionsSuppressor="maintenance"),
            (),
            "its actions are suppressed by maintenance",
        ),
    ],
)
def test_what_keeps_an_alarm_from_warning_is_told(
    found: tuple[str, dict[str, Any]], muted: tuple[str, ...], fault: str
) -> None:
    (told,) = a_guard(found, muted).faults(())
    assert fault in told


def test_an_alarm_that_works_has_no_fault() -> None:
    assert a_guard(metric(), ("another",)).faults(()) == []


def test_the_metrics_of_an_alarm_are_known_also_those_of_math_in_this_account() -> None:
    stat: dict[str, Any] = {
        "Metric": {"Namespace": "Shop", "MetricName": "Orders", "Dimensions": [{"Name": "a", "Value": "1"}]}
    }
    queries = [{"MetricStat": stat}, {"MetricStat": stat, "AccountId": "210987654321"}, {"Expression": "m1 * 2"}]
    orders = ("Shop", "Orders", (("a", "1"),))
    assert a_guard(metric(Metrics=queries)).metrics == (orders,)
    assert a_guard(metric(**stat["Metric"])).metrics == (orders,)
    assert orders[1] in a_guard(metric(**stat["Metric"])).faults([orders])[0]


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
