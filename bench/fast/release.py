"""What the looks of a guarded release of one function take: calls and money, on the local cloud, with and without."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from moto.logs.models import logs_backends

from bench.cost import GIGABYTES, PRICES, measure
from bench.figure import Figure
from bench.stage import Stage
from localcloud import LocalCloud, lambda_
from localcloud.cloud import REGION
from tidegate.domain.schedule import MINUTE

ANALYSIS: dict[str, Any] = {"on_inconclusive": "promote", "max_bake": "1m", "after": {"on_worse": "ignore"}}
REQUEST: dict[str, Any] = {"strategy": "guarded", "drain": {"watch": False}}
BEFORE, AFTER = 62, 60
"""Minutes of calls."""
PER_SECOND = {"1": 20, "2": 4}
"""Calls that are logged, by version."""
LOOKS_GIGABYTES = 0.125
ACCOUNT = "123456789012"


class Called(Stage):
    """Its functions are called, by what their metrics and logs say: before a release and in it."""

    def function(self) -> str:
        name = super().function()
        now = int(self.cloud.clock.time())
        for version, rate in PER_SECOND.items():
            for minute in range(-BEFORE if version == "1" else 0, AFTER):
                self.cloud.metrics.put_invocations(
                    name,
                    "live",
                    version,
                    now + minute * MINUTE,
                    invocations=MINUTE * rate,
                    errors=0,
                    durations={5.0: MINUTE * rate},
                )
            self._log(name, version, rate, now)
        return name

    def _log(self, name: str, version: str, rate: int, now: int) -> None:
        """Write a report for each call of the next hour: not by PutLogEvents, which refuses what is to come."""
        store = logs_backends[ACCOUNT][REGION]
        store.ensure_log_group(f"/aws/lambda/{name}")
        group = store.groups[f"/aws/lambda/{name}"]
        stream = f"{datetime.fromtimestamp(now, UTC):%Y/%m/%d}/[{version}]0{'a' * 31}"
        group.create_log_stream(stream)
        lines = [
            {"timestamp": now * 1000 + 1000 * call // rate, "message": f"REPORT RequestId: {call}\tDuration: 5.00 ms\n"}
            for call in range(AFTER * MINUTE * rate)
        ]
        group.put_log_events(stream, lines)

    def release(self, *functions: str, **request: Any) -> Any:
        with self.cloud.clock.idle():
            return super().release(*functions, **request)


@contextmanager
def stage() -> Iterator[Called]:
    with TemporaryDirectory() as folder, LocalCloud(factor=None, logs_late=5) as cloud, lambda_.throttle.off():
        yield Called(cloud, Path(folder))


def extra() -> Mapping[str, float]:
    """Return what looks take: their seconds and calls of FilterLogEvents, and the dollars beyond a release without."""
    with stage() as ready:
        found = {}
        for fast in (False, True):
            before, called = len(ready.cloud.invocations), len(ready.cloud.calls)
            counts = dict(measure(ready, {**REQUEST, "analysis": {**ANALYSIS, "fast": fast}}))
            ran = list(ready.cloud.invocations)[before:]
            looks = [each.duration_ms / 1000 for each in ran if "LookAtLogs" in each.function_name]
            # Every function has GIGABYTES but this one.
            counts["GB-seconds of functions"] -= (GIGABYTES - LOOKS_GIGABYTES) * sum(looks)
            searched = sum(call.action == "FilterLogEvents" for call in list(ready.cloud.calls)[called:])
            found[fast] = {**counts, "calls": searched, "seconds": sum(looks)}
    more = {name: found[True][name] - found[False][name] for name in found[True]}
    return {**more, "dollars": sum(more[name] * price for name, price in PRICES.items())}


def figures(command: str) -> Iterator[Figure]:
    found = extra()
    rate = found["calls"] / found["seconds"]
    note = f"{found['calls']:.0f} calls of FilterLogEvents in {found['seconds']:.0f} s of looks; guarded, one function"
    yield Figure("calls a second while the logs are looked at", round(rate, 2), "a second", 1, note, command=command)
    parts = ", ".join(f"{name} {found[name]:.3g}" for name in PRICES if abs(found[name]) > 1e-9)
    dollars = float(f"{found['dollars']:.3g}")
    yield Figure("what looks at the logs cost", dollars, "$ a release", 0.001, f"the same; {parts}", command=command)
