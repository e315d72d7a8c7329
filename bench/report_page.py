"""How large the page of a 60-minute release is, and how long it takes to make."""

from collections.abc import Iterator
from statistics import median
from time import process_time

from bench.figure import Figure
from tests.report_samples import Sample
from tidegate.report.page import page

RUNS = 40


def measure() -> Iterator[Figure]:
    sample = Sample(minutes=60)
    text, took = page(sample.report()), []
    for _ in range(RUNS):
        started = process_time()
        page(sample.report())
        took.append(process_time() - started)
    size = len(text.encode())
    yield Figure("report of a 60-minute release", size, "bytes", 100_000, "one HTML file that fetches nothing")
    yield Figure(
        "making the report",
        round(1000 * median(took), 1),
        "ms",
        50.0,
        f"CPU time, from the ledger's items; median of {RUNS}",
    )
