"""What is read of the old versions of a promoted release."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.fakes.cloudwatch import CloudWatch, cloudwatch
from tidegate.aws.cloudwatch import old_versions
from tidegate.aws.cloudwatch.baselines import Unreadable
from tidegate.aws.cloudwatch.metric_data import Series
from tidegate.aws.lambda_ import aliases, provisioning
from tidegate.aws.ledger.records import Release
from tidegate.domain.rollout.drain import Remains
from tidegate.domain.schedule import HOUR, MINUTE

RELEASE = Release("checkout-7", "execution", "promoted", NOON, {}, a_plan(a_target(), drain_minutes=60), ())
OLD = {"FunctionName": "checkout", "Resource": "checkout:live", "ExecutedVersion": "42"}
NEW = {**OLD, "ExecutedVersion": "43"}


class Lambda:
    """`listed` is what each of its paginated calls answers."""

    def __init__(self) -> None:
        self.listed: dict[str, Any] = {
            "list_aliases": {"Aliases": [{"Name": "live", "FunctionVersion": "43"}]},
            "list_function_event_invoke_configs": {"FunctionEventInvokeConfigs": []},
        }

    def get_paginator(self, call: str) -> Any:
        class Pages:
            def paginate(_self, **_: Any) -> list[Any]:  # noqa: N805 - not this class's own
                return [self.listed[call]]

        return Pages()


@pytest.fixture
def metrics() -> Iterator[CloudWatch]:
    with cloudwatch() as ours:
        yield ours


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    ours = Lambda()
    monkeypatch.setattr(old_versions, "lambda_client", lambda: ours)
    monkeypatch.setattr(provisioning, "read", lambda *_: None)
    monkeypatch.setattr(aliases, "REQUESTS_PER_SECOND", 1_000_000)
    return ours


def found() -> Remains:
    (one,) = old_versions.remains(RELEASE, NOON, NOON + 10 * MINUTE)
    return one


@pytest.mark.usefixtures("functions")
def test_the_last_minute_with_a_call_or_a_throttle_counts_and_by_whom(metrics: CloudWatch) -> None:
    metrics.put("Invocations", {NOON - MINUTE: 7.0, NOON: 0.0}, **OLD)
    assert (found().last, found().through) == (NOON - MINUTE, ("checkout:live",))
    metrics.put("Throttles", {NOON + 2 * MINUTE: 1.0}, FunctionName="checkout", Resource="checkout:42")
    assert (found().last, found().through) == (NOON + 2 * MINUTE, ("checkout:42",))


def test_another_alias_on_the_old_version_keeps_it_and_its_calls_count(metrics: CloudWatch, functions: Lambda) -> None:
    beta = {"Name": "beta", "FunctionVersion": "41", "RoutingConfig": {"AdditionalVersionWeights": {"42": 0.25}}}
    functions.listed["list_aliases"]["Aliases"].append(beta)
    metrics.put("Invocations", {NOON: 1.0}, **{**OLD, "Resource": "checkout:beta"})
    assert found().kept == ("checkout:beta routes 25 % of its calls to it",)
    assert found().through == ("checkout:beta",)


@pytest.mark.usefixtures("functions", "metrics")
def test_provisioned_environments_of_the_old_version_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning, "read", lambda *named: named == ("checkout", "42"))
    assert found().kept == ("it has provisioned concurrency, whose environments Lambda starts again",)


def test_asynchronous_events_of_the_last_six_hours_may_wait_as_long_as_is_configured(
    metrics: CloudWatch, functions: Lambda
) -> None:
    assert (found().repeats, found().longest_wait) == (False, 0)
    metrics.put("AsyncEventsReceived", {NOON - 5 * HOUR: 2.0}, stat="SampleCount", FunctionName="checkout")
    assert (found().repeats, found().longest_wait) == (True, 6 * HOUR)
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:checkout:live"
    configured = [{"FunctionArn": arn, "MaximumEventAgeInSeconds": 90}]
    functions.listed["list_function_event_invoke_configs"]["FunctionEventInvokeConfigs"] = configured
    assert found().longest_wait == 90


@pytest.mark.usefixtures("functions")
def test_a_stream_repeats_and_no_event_of_it_waits(metrics: CloudWatch) -> None:
    metrics.put("IteratorAge", {NOON: 1.0}, stat="SampleCount", FunctionName="checkout", Resource="checkout:live")
    assert (found().repeats, found().longest_wait) == (True, 0)


@pytest.mark.usefixtures("functions")
def test_calls_that_are_not_told_by_version_prove_nothing(metrics: CloudWatch) -> None:
    metrics.put("Invocations", {NOON: 9.0}, FunctionName="checkout", Resource="checkout:live")
    assert found().kept == ("CloudWatch does not tell the calls of checkout:live by version",)
    metrics.put("Invocations", {NOON: 9.0}, **NEW)
    assert found().kept == ()


@pytest.mark.usefixtures("functions")
def test_an_incomplete_answer_is_not_taken_for_silence(metrics: CloudWatch) -> None:
    series = Series("AWS/Lambda", "Invocations", "Sum", tuple(OLD.items()))
    metrics.statuses[series] = "PartialData"
    with pytest.raises(Unreadable):
        found()
