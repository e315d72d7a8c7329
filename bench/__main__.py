"""Every figure, one JSON line each; exit status 1 if one of them misses its bar."""

import sys
from collections.abc import Iterator

from bench import (
    command_start,
    import_time,
    judge_speed,
    local_clock,
    package_size,
    report_page,
    skew,
    tick,
    transitions,
    widget_page,
)
from bench.figure import Figure, printed
from bench.stage import stage


def figures() -> Iterator[Figure]:
    yield judge_speed.measure()
    yield judge_speed.measure_metrics()
    yield from tick.measure()
    yield command_start.measure()
    yield from report_page.measure()
    yield from widget_page.measure()
    yield import_time.measure()
    yield package_size.measure()
    with stage() as ready:
        yield transitions.measure(ready)
        yield local_clock.measure(ready)
        yield skew.measure(ready)


def main() -> int:
    return printed(figures())


if __name__ == "__main__":
    sys.exit(main())
