"""Checks of Lambda's metrics: one minute of calls whose numbers are known, read in several ways."""

from typing import Any

from botocore.exceptions import ClientError

from tidegate.domain.schedule import DAY, MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import ALIAS, Ground

READABLE_AFTER = 90.0
"""Seconds after its end when the judge reads a minute."""

CERTAIN_AFTER = 300.0
FAST, SLOW, FAILED, BARE, THROTTLED, ASYNCHRONOUS = 6, 4, 2, 3, 4, 2
THROUGH_ALIAS = FAST + SLOW + FAILED
SLOW_SECONDS = 1.2
BETWEEN = 800
"""Milliseconds that only slow calls take."""


class Traffic:
    """One minute of calls of an alias and of the unqualified function, and when it began."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.name = ground.published("called")
        self.throttled = ground.published("throttled")
        self.late = ground.published("asynchronous")
        self.dimensions = {"FunctionName": self.name, "Resource": f"{self.name}:{ALIAS}"}
        ground.client("lambda").put_function_concurrency(FunctionName=self.throttled, ReservedConcurrentExecutions=0)
        ground.invoke(self.name, ALIAS)  # starts are over before the minute begins
        ground.invoke(self.name)
        self.minute = (ground.now() // MINUTE + 1) * MINUTE
        ground.wait_until(self.minute + 2)
        self._send()
        if ground.now() > self.minute + MINUTE:
            raise ValueError("the calls of one minute took longer than a minute")

    def _send(self) -> None:
        for _ in range(FAST):
            self._ground.invoke(self.name, ALIAS)
        for _ in range(SLOW):
            self._ground.invoke(self.name, ALIAS, seconds=SLOW_SECONDS)
        for _ in range(FAILED):
            self._ground.invoke(self.name, ALIAS, fail="on purpose")
        for _ in range(BARE):
            self._ground.invoke(self.name)
        for _ in range(ASYNCHRONOUS):
            where = {"FunctionName": self.late, "Qualifier": ALIAS, "InvocationType": "Event"}
            self._ground.client("lambda").invoke(**where, Payload="{}")
        for _ in range(THROTTLED):
            try:
                self._ground.invoke(self.throttled, ALIAS)
            except ClientError as error:
                if error.response["Error"]["Code"] != "TooManyRequestsException":
                    raise
            else:
                raise ValueError("a function without concurrency was not throttled")

    def wait(self, seconds: float) -> None:
        """Wait until so many seconds after the end of the minute."""
        self._ground.wait_until(self.minute + MINUTE + seconds)

    def values(self, metric: str, stat: str, **dimensions: str) -> list[float]:
        """Return values of the alias in the minute, or of other dimensions, once nothing is added any more."""
        self.wait(CERTAIN_AFTER)
        return self._ground.metric(metric, stat, self.minute, dimensions or self.dimensions)

    def calls_after_the_lag(self) -> list[float]:
        """Return the calls of the alias as the judge would read them; of the checks, its reader runs first."""
        self.wait(READABLE_AFTER)
        return self._ground.metric("Invocations", "Sum", self.minute, self.dimensions)


def _traffic(ground: Ground) -> Traffic:
    """Return the traffic of this run, which all checks share."""
    return ground.shared("traffic", lambda: Traffic(ground))


def _one(values: list[float]) -> float | None:
    return values[0] if len(values) == 1 else None


@check(
    "metric-lag",
    "A minute can be read 90 seconds after its end",
    expected=f"{THROUGH_ALIAS} calls after 90 seconds, {THROUGH_ALIAS} after 300",
    otherwise="the lag would have to grow",
    source="AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html",
)
def metric_lag(ground: Ground) -> Seen:
    """Read Invocations of one minute by GetMetricData 90 and 300 seconds after its end."""
    traffic = _traffic(ground)
    early = _one(traffic.calls_after_the_lag())
    late = _one(traffic.values("Invocations", "Sum"))
    seen = f"{early or 0:.0f} calls after 90 seconds, {late or 0:.0f} after 300"
    return same(f"{THROUGH_ALIAS} calls after 90 seconds, {THROUGH_ALIAS} after 300", seen)


@check(
    "slow-calls",
    "TC answers for Lambda's Duration, with whole numbers or decimals that are near them",
    expected=f"{SLOW} of {THROUGH_ALIAS}",
    otherwise="latency would be reported only, with a warning in the verdict; slow calls would be off by a part of "
    "a call",
    source="AmazonCloudWatch/latest/monitoring/Statistics-definitions.html",
)
def slow_calls(ground: Ground) -> Seen:
    """Read `TC(800:)` of a minute in which four calls slept for 1.2 seconds."""
    traffic = _traffic(ground)
    slow = _one(traffic.values("Duration", f"TC({BETWEEN}:)"))
    calls = _one(traffic.values("Duration", "SampleCount"))
    if slow is None or calls is None:
        return Seen(False, "no value")
    is_near = abs(slow - SLOW) < 0.05 and round(calls) == THROUGH_ALIAS
    return Seen(is_near, f"{slow:g} of {calls:g}")


@check(
    "throttles",
    "Throttles are told by ExecutedVersion",
    expected=f"{THROTTLED} throttles of version 1, or more where the SDK has tried again",
    otherwise="the metric `throttles` would find none",
    source="lambda/latest/dg/monitoring-metrics-types.html",
)
def throttles(ground: Ground) -> Seen:
    """Invoke an alias of a function that has a reserved concurrency of 0 four times, and read Throttles."""
    traffic = _traffic(ground)
    name = traffic.throttled
    dimensions = {"FunctionName": name, "Resource": f"{name}:{ALIAS}", "ExecutedVersion": "1"}
    count = _one(traffic.values("Throttles", "Sum", **dimensions)) or 0
    return Seen(count >= THROTTLED, f"{count:.0f} throttles of version 1")


@check(
    "alias-resource",
    "Calls of the unqualified function appear under Resource=FN, and those of the alias under Resource=FN:live",
    expected=f"bare {BARE}, alias {THROUGH_ALIAS}",
    otherwise="`tidegate doctor` would not see who goes past the alias, and calls of routed users were no data",
    source="lambda/latest/dg/monitoring-metrics-view.html",
)
def alias_resource(ground: Ground) -> Seen:
    """Read Invocations of a minute with known calls of both by Resource."""
    traffic = _traffic(ground)
    bare = _one(traffic.values("Invocations", "Sum", FunctionName=traffic.name, Resource=traffic.name))
    alias = _one(traffic.values("Invocations", "Sum"))
    return same(f"bare {BARE}, alias {THROUGH_ALIAS}", f"bare {bare or 0:.0f}, alias {alias or 0:.0f}")


@check(
    "version-calls",
    "Calls of the alias appear under the version that answered them",
    expected=f"{THROUGH_ALIAS} calls and {FAILED} errors of version 1",
    otherwise="the judge would have nothing to compare, and no drain would be announced",
    source="lambda/latest/dg/monitoring-metrics-types.html",
)
def version_calls(ground: Ground) -> Seen:
    """Read Invocations and Errors of a minute by ExecutedVersion."""
    traffic = _traffic(ground)
    dimensions = {**traffic.dimensions, "ExecutedVersion": "1"}
    calls, errors = (_one(traffic.values(metric, "Sum", **dimensions)) or 0 for metric in ("Invocations", "Errors"))
    expected = f"{THROUGH_ALIAS} calls and {FAILED} errors of version 1"
    return same(expected, f"{calls:.0f} calls and {errors:.0f} errors of version 1")


@check(
    "asynchronous",
    "AsyncEventsReceived is told for an alias",
    expected=f"{ASYNCHRONOUS} events of the alias",
    otherwise="retried events would not be allowed for, by the judge and by a drain",
    source="lambda/latest/dg/monitoring-metrics-types.html",
)
def asynchronous(ground: Ground) -> Seen:
    """Invoke an alias twice with InvocationType Event, and read AsyncEventsReceived by Resource."""
    traffic = _traffic(ground)
    dimensions = {"FunctionName": traffic.late, "Resource": f"{traffic.late}:{ALIAS}"}
    count = _one(traffic.values("AsyncEventsReceived", "Sum", **dimensions)) or 0
    return same(f"{ASYNCHRONOUS} events of the alias", f"{count:.0f} events of the alias")


@check(
    "errors-average",
    "The average of Errors is the part of the calls that failed",
    expected=f"{FAILED / THROUGH_ALIAS:.3f}",
    otherwise="that graph would be wrong; verdicts use the sums",
    source="lambda/latest/dg/monitoring-metrics-types.html",
)
def errors_average(ground: Ground) -> Seen:
    """Read Errors, with Average, of a minute in which two calls of the alias failed."""
    average = _one(_traffic(ground).values("Errors", "Average"))
    return same(f"{FAILED / THROUGH_ALIAS:.3f}", "no value" if average is None else f"{average:.3f}")


@check(
    "day-percentile",
    "A percentile of a day may be asked for with a Period of 86400 that begins at any minute",
    expected="one value, of a slow call",
    otherwise="slow would be the percentile of a part of the day",
    source="AmazonCloudWatch/latest/APIReference/API_GetMetricData.html",
)
def day_percentile(ground: Ground) -> Seen:
    """Read p95 of Duration with a Period of a day that ends ten minutes after the traffic."""
    traffic = _traffic(ground)
    traffic.wait(CERTAIN_AFTER)
    start = traffic.minute + 10 * MINUTE - DAY
    values = ground.metric("Duration", "p95", start, traffic.dimensions, minutes=DAY // MINUTE)
    if len(values) != 1:
        return Seen(False, f"{len(values)} values")
    return Seen(values[0] > BETWEEN, f"one value, {values[0]:.0f} ms")


@check(
    "search-order",
    "SEARCH finds the metrics whatever the order in which it names their dimensions",
    expected="found in both orders",
    otherwise="the graphs of the dashboard would be empty",
    source="AmazonCloudWatch/latest/monitoring/search-expression-syntax.html",
)
def search_order(ground: Ground) -> Seen:
    """Run two SEARCH expressions that name the dimensions in both orders, for up to five minutes."""
    traffic = _traffic(ground)

    def look() -> list[bool]:
        both = [_searched(ground, traffic, order) for order in ("FunctionName,Resource", "Resource,FunctionName")]
        return both if all(both) else []

    found = ground.until(look, 5 * MINUTE)
    if found:
        return Seen(True, "found in both orders")
    either = any(_searched(ground, traffic, order) for order in ("FunctionName,Resource", "Resource,FunctionName"))
    return Seen(False, "found in one order") if either else Seen(None, "not found within five minutes in any order")


def _searched(ground: Ground, traffic: Traffic, dimensions: str) -> bool:
    where = f'{{AWS/Lambda,{dimensions}}} MetricName="Invocations" FunctionName="{traffic.name}"'
    expression: dict[str, Any] = {"Id": "s", "Expression": f"SEARCH('{where}', 'Sum', 60)"}
    answer = ground.client("cloudwatch").get_metric_data(
        MetricDataQueries=[expression], StartTime=traffic.minute, EndTime=traffic.minute + MINUTE
    )
    return any(result["Values"] for result in answer["MetricDataResults"])
