"""How large the page of a 60-minute release is, and how long it takes to make."""

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from bench.figure import Figure
from tests.report_samples import Sample
from tidegate.report.page import page

RUNS = 40


def measure() -> Iterator[Figure]:
    report = Sample(minutes=60).report()
    text, took = page(report), []
    for _ in range(RUNS):
        started = perf_counter()
        page(report)
        took.append(perf_counter() - started)
    size = len(text.encode())
    yield Figure("report of a 60-minute release", size, "bytes", 100_000, "one HTML file that fetches nothing")
    yield Figure("making the report", round(1000 * median(took), 1), "ms", 50.0, f"median of {RUNS}")
