"""How long judging 60 minutes of one metric takes."""

from random import Random
from statistics import median
from time import perf_counter

from bench.figure import Figure
from tidegate.domain.judge import Minute, judge

RUNS = 200


def busy_hour() -> list[Minute]:
    """Errors in every minute: those without one cost next to nothing."""
    random = Random(60)  # noqa: S311 - made-up counts, no secret
    return [Minute(600, random.randint(1, 20), 5400, random.randint(20, 100)) for _ in range(60)]


def milliseconds() -> float:
    minutes, took = busy_hour(), []
    for _ in range(RUNS):
        started = perf_counter()
        judge(minutes)
        took.append(perf_counter() - started)
    return 1000 * median(took)


def measure() -> Figure:
    return Figure(
        "judge, 60 minutes of one metric",
        round(milliseconds(), 3),
        "ms",
        2.0,
        f"median of {RUNS} calls, errors of both versions in every minute",
    )
