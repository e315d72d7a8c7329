"""How long judging 60 minutes of one metric takes, and of five."""

from collections.abc import Callable
from random import Random
from statistics import median
from time import process_time

from bench.figure import Figure
from tidegate.domain.judge import Metric, Minute, judge_metrics

RUNS = 200


def busy_hour() -> list[Minute]:
    """Errors in every minute: those without one cost next to nothing."""
    random = Random(60)  # noqa: S311 - made-up counts, no secret
    return [Minute(600, random.randint(1, 20), 5400, random.randint(20, 100)) for _ in range(60)]


def milliseconds(judged: Callable[[], object]) -> float:
    took = []
    for _ in range(RUNS):
        started = process_time()
        judged()
        took.append(process_time() - started)
    return 1000 * median(took)


def metrics(count: int) -> list[Metric]:
    minutes = {60 * k: minute for k, minute in enumerate(busy_hour())}
    return [Metric(f"metric {number}", minutes) for number in range(count)]


def measure() -> Figure:
    judged = metrics(1)
    return Figure(
        "judge, 60 minutes of one metric",
        round(milliseconds(lambda: judge_metrics(judged, alpha=0.05)), 3),
        "ms",
        2.0,
        f"CPU time, median of {RUNS} calls, errors of both versions in every minute, interval and sentence too",
    )


def measure_metrics(command: str = "make bench") -> Figure:
    judged = metrics(5)
    return Figure(
        "judge, 60 minutes of five metrics together",
        round(milliseconds(lambda: judge_metrics(judged, alpha=0.05)), 3),
        "ms",
        10.0,
        f"CPU time, median of {RUNS} calls, bad calls of both versions in every minute, interval and sentence too",
        command=command,
    )
