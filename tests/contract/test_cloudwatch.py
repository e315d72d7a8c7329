"""Lambda's metrics: by minute, alias and version, and late, as on AWS."""

import time
from pathlib import Path
from typing import Any

from localcloud import LocalCloud
from localcloud.lambda_ import Invocation
from tests.contract.metrics import Series, lambda_metric, minutes_ago, series

HEALTHY = Path("tests/functions/healthy")


def eventually(cloud: LocalCloud, metric: dict[str, Any], real_seconds: float = 30.0) -> Series:
    deadline = time.monotonic() + real_seconds
    while not (seen := series(cloud, metric)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def invocation(function: str, started: float, seconds: float = 1.0, **rest: Any) -> Invocation:
    fields: dict[str, Any] = {
        "function_name": function,
        "alias": "live",
        "qualifier": "live",
        "executed_version": "7",
        "started": started,
        "ended": started + seconds,
        "duration_ms": 12.0,
        "init_ms": None,
        "request_id": f"{function}-{started}",
        "error_type": None,
        "throttled": False,
        "role_arn": "arn:aws:iam::123456789012:role/r",
        "caller": None,
    }
    return Invocation(**fields | rest)


def test_an_invocation_through_an_alias_appears_under_function_resource_and_executed_version(
    cloud: LocalCloud,
) -> None:
    cloud.create_function("metrics-alias", HEALTHY, alias="live")
    cloud.client("lambda").invoke(FunctionName="metrics-alias", Qualifier="live")
    assert sum(eventually(cloud, lambda_metric("metrics-alias", "Invocations", "live", "1")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-alias", "Invocations", "live")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-alias", "Invocations")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-alias", "Errors", "live", "1")).values()) == 0
    (duration,) = series(cloud, lambda_metric("metrics-alias", "Duration", "live", "1"), "Average").values()
    assert 0 < duration < 3000


def test_a_probe_of_a_version_is_counted_for_the_function_and_not_for_the_alias(cloud: LocalCloud) -> None:
    cloud.create_function("metrics-probe", HEALTHY, alias="live")
    cloud.client("lambda").invoke(FunctionName="metrics-probe", Qualifier="1")
    assert sum(eventually(cloud, lambda_metric("metrics-probe", "Invocations", "1")).values()) == 1
    assert sum(series(cloud, lambda_metric("metrics-probe", "Invocations")).values()) == 1
    assert series(cloud, lambda_metric("metrics-probe", "Invocations", "live")) == {}
    assert series(cloud, lambda_metric("metrics-probe", "Invocations", "1", "1")) == {}


def test_points_become_visible_only_some_time_after_the_invocation_ended(cloud: LocalCloud) -> None:
    now = cloud.clock.time()
    metric = lambda_metric("metrics-late", "Invocations", "live", "7")
    cloud.metrics.observe(invocation("metrics-late", started=now - 10, seconds=10))
    assert series(cloud, metric) == {}
    seen = eventually(cloud, metric)
    waited = cloud.clock.time() - now
    assert sum(seen.values()) == 1
    assert cloud.metrics.publish_lag - cloud.metrics.publish_jitter <= waited


def test_a_point_carries_the_minute_in_which_the_invocation_began(cloud: LocalCloud) -> None:
    began = minutes_ago(cloud, 20)
    cloud.metrics.observe(invocation("metrics-start", started=began + 59, seconds=600))
    assert list(series(cloud, lambda_metric("metrics-start", "Invocations", "live"))) == [began]


def test_errors_are_zero_where_there_were_invocations_and_absent_elsewhere(cloud: LocalCloud) -> None:
    first = minutes_ago(cloud, 30)
    cloud.metrics.observe(invocation("metrics-errors", first))
    cloud.metrics.observe(invocation("metrics-errors", first + 120, error_type="ValueError"))
    cloud.metrics.observe(invocation("metrics-errors", first + 121))
    errors = series(cloud, lambda_metric("metrics-errors", "Errors", "live", "7"))
    assert errors == {first: 0.0, first + 120: 1.0}


def test_a_throttled_call_is_neither_an_invocation_nor_an_error(cloud: LocalCloud) -> None:
    at = minutes_ago(cloud, 30)
    cloud.metrics.observe(invocation("metrics-throttled", at, throttled=True, error_type="TooManyRequests"))
    assert series(cloud, lambda_metric("metrics-throttled", "Throttles", "live", "7")) == {at: 1.0}
    for absent in ("Invocations", "Errors", "Duration"):
        assert series(cloud, lambda_metric("metrics-throttled", absent, "live", "7")) == {}


def test_concurrent_executions_count_those_that_overlap(cloud: LocalCloud) -> None:
    at = minutes_ago(cloud, 30)
    cloud.metrics.observe(invocation("metrics-together", at, seconds=10))
    cloud.metrics.observe(invocation("metrics-together", at + 5, seconds=10))
    cloud.metrics.observe(invocation("metrics-together", at + 30, seconds=10))
    metric = lambda_metric("metrics-together", "ConcurrentExecutions", "live", "7")
    assert series(cloud, metric, "Maximum") == {at: 2.0}
