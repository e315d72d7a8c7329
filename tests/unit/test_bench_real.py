"""Recorded deployments, drawn and judged by the product: what is read of them, and what the table says."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from bench import real
from bench.judge.release import Release, plan_of
from bench.judge.whole import baseline, drawn
from tidegate.domain.judge import Minute


def row(number: int, kind: str = "healthy", slow: float = 1.0, **fields: Any) -> dict[str, str]:
    """Give five minutes of 150 calls whose durations are lognormal, with a median of 100 ms."""
    spread = {"latency_p50_s": 0.0, "latency_p90_s": 1.2816, "latency_p95_s": 1.6449, "latency_p99_s": 2.3263}
    durations = {name: 0.1 * slow * float(np.exp(0.5 * z)) for name, z in spread.items()}
    run = "none" if kind == "healthy" else "test-1"
    whole = {"setting": "high", "run": run, "kind": kind, "unix_time": 300 * number, "requests": 150}
    return {name: str(value) for name, value in {**whole, "availability_percent": 100, **durations, **fields}.items()}


def a_file(kind: str, **bad: Any) -> list[dict[str, str]]:
    return [row(n) for n in range(24)] + [row(n, kind) for n in range(2)] + [row(n, kind, **bad) for n in range(2, 5)]


def test_each_quarter_of_an_hour_and_each_bad_run_is_a_release() -> None:
    found = real.runs(a_file("errors", availability_percent=80))
    assert [run.kind for run in found] == ["errors", *["healthy"] * 8]
    assert [point.bad["errors"] for point in found[0].canary] == pytest.approx([0.2] * 3)
    assert len(found[0].stable) == 8
    assert found[0].limits == pytest.approx({"p95": 227.6, "p99": 320}, rel=1e-3)


def test_the_part_of_slow_calls_lies_between_the_percentiles() -> None:
    durations = [float(row(0)[name]) for name in real.QUANTILES]
    for seconds in (0.05, 0.1, 0.15, 0.2276, 0.3, 0.5):
        expected = 1 - NormalDist(0, 0.5).cdf(float(np.log(seconds / 0.1)))
        assert real._part_over(seconds, durations) == pytest.approx(expected, abs=1e-3)
    assert real._part_over(0.5, [1.0, 1.0, 1.0, 1.0]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("kind", "bad", "outcome"),
    [
        ("errors", {"availability_percent": 70}, "roll_back"),
        ("latency", {"slow": 5}, "roll_back"),
        ("latency", {}, "finish"),
    ],
)
def test_a_draw_is_judged_with_the_default_request(kind: str, bad: dict[str, Any], outcome: str) -> None:
    run = real.runs(a_file(kind, **bad))[0]
    ends = {real.ended("canary-50-15m", run, np.random.default_rng(seed))[0] for seed in range(5)}
    assert ends == {outcome}


def test_a_missed_bar_is_missed() -> None:
    assert not real.Row("guarded", "errors", 100, 97, 5.0).ok
    assert real.Row("guarded", "errors", 100, 98, 5.0).ok
    assert not real.Row("linear-10-1m", "healthy", 1000, 6, 5.0).ok
    assert real.Row("linear-10-1m", "errors", 100, 0, None).ok
    assert "MISSED" in real.line(real.Row("guarded", "latency", 100, 0, None))


def test_the_table_has_a_line_for_each_strategy() -> None:
    rows = [real.Row(strategy, kind, 400, 398, 4.0) for strategy in real.STRATEGIES for kind in real.KINDS]
    head, _, *lines = real.table(rows).splitlines()
    assert [line.count("|") for line in lines] == [head.count("|")] * len(real.STRATEGIES)
    assert lines[0] == "| `guarded` | 99.5 % (at least 98), minute 4 | 99.5 % (at least 98), minute 4 | 398 of 400 |"


def test_a_simulated_release_takes_the_minutes_of_a_real_one() -> None:
    """Bakes of 3, 5, 5 and 5 minutes, and two between the data of a minute and the shift that it causes."""
    random = np.random.default_rng(3)
    found = Release(plan_of("guarded"), drawn(random, 30, 0.0, 0.0), baseline(random, 30, 0.0)).run(60)
    assert (found.ended, found.left, found.held) == ("finish", [3, 10, 17, 24], False)
    assert [shift.weight for shift in found.shifts] == [5, 10, 25, 50]


def test_a_simulated_release_of_a_broken_version_is_rolled_back_in_its_first_minute() -> None:
    random = np.random.default_rng(3)
    found = Release(plan_of("guarded"), drawn(random, 30, 0.0, 1.0), baseline(random, 30, 0.0)).run(60)
    assert (found.ended, found.minute) == ("roll_back", 1)


def test_a_simulated_release_without_an_end_says_so() -> None:
    found = Release(plan_of("guarded"), lambda _, __: {"errors": Minute()}, baseline(np.random.default_rng(3), 1, 0.0))
    assert (found.run(40).ended, found.minute) == ("", 40)
