"""Real deployments that went bad, by the product's own judge: `make bench-real DATA=file.csv`.

The file has five-minute points of one function: healthy days, and runs in which a bad version replaced the good one
after the second point. How calls divide over versions and minutes is drawn; counts and rates are those of the file.
Exit status 1 if a bar is missed.
"""

import argparse
import csv
import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby
from math import log
from multiprocessing import Pool
from pathlib import Path
from statistics import NormalDist, median

import numpy as np

from bench.judge.document import PAGE, filled
from bench.judge.release import Release, plan_of
from bench.judge.table import percent
from tests.arguments import at_least_one
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.judge import Calls, Minute, dispersion

STRATEGIES = ("guarded", "canary-10-15m", "canary-50-15m", "canary-10-5m", "linear-10-1m")
CAUGHT = {"guarded": 0.98, "canary-10-15m": 0.95}
"""Least part of the draws of bad deployments to be rolled back."""
FALSE = 0.005
"""Largest part of healthy releases to be rolled back."""
MOST = 120
"""Minutes after which a release that is still on its way is not followed any more."""
PER_POINT, BEFORE = 5, 60
"""Minutes of a point, and of stable alone before a release."""
QUANTILES = {"latency_p50_s": 0.5, "latency_p90_s": 0.9, "latency_p95_s": 0.95, "latency_p99_s": 0.99}
NORMAL = NormalDist()
LIMITS = {"p95": "latency_p95_s", "p99": "latency_p99_s"}
KINDS = {"errors": "deployments with errors", "latency": "deployments that are slow", "healthy": "healthy days"}


@dataclass(frozen=True)
class Point:
    """Five minutes: calls, and the part of them that is bad by measure."""

    calls: int
    bad: Mapping[str, float]


Stretch = tuple[Sequence[Point], Sequence[Point]]
"""Good points up to a moment, and those after it."""


@dataclass(frozen=True)
class Run:
    """One release to be drawn: `stable` is drawn from one of the stretches; without `canary` both are alike.

    `limits` are those of slow calls, in milliseconds.
    """

    kind: str
    stable: Sequence[Stretch]
    canary: Sequence[Point]
    limits: Mapping[str, float]


def runs(rows: Iterable[Mapping[str, str]]) -> list[Run]:
    """Read the file: the bad points of each run, and each quarter of an hour of the healthy days against itself.

    Stable is a stretch of the healthy days for all of them: in two of the runs, the slow calls begin before the third
    point, so that the points before are not those of a good version. The limits are the median p95 and p99 of these
    days.
    """
    groups = [sorted(found, key=_time) for _, found in groupby(rows, key=lambda row: (row["setting"], row["run"]))]
    days = [group for group in groups if group[0]["kind"] == "healthy"]
    limits = {name: median(float(row[column]) for day in days for row in day) for name, column in LIMITS.items()}
    stretches = [each for day in days for each in _stretches([_point(row, limits) for row in day])]
    bad = [(group[0]["kind"], [_point(row, limits) for row in group[2:]]) for group in groups if group not in days]
    told = {name: 1000 * limit for name, limit in limits.items()}
    return [
        *(Run(kind, stretches, points, told) for kind, points in bad),
        *(Run("healthy", [stretch], (), told) for stretch in stretches),
    ]


def _time(row: Mapping[str, str]) -> int:
    return int(row["unix_time"])


def _stretches(day: Sequence[Point]) -> list[Stretch]:
    hour, quarter = BEFORE // PER_POINT, 3
    return [(day[max(0, k - hour) : k] or day[:hour], day[k:]) for k in range(0, len(day) - quarter + 1, quarter)]


def _point(row: Mapping[str, str], limits: Mapping[str, float]) -> Point:
    durations = [float(row[column]) for column in QUANTILES]
    slow = {f"latency-{name}": _part_over(limit, durations) for name, limit in limits.items()}
    return Point(int(float(row["requests"])), {"errors": 1 - float(row["availability_percent"]) / 100, **slow})


def _part_over(limit: float, durations: Sequence[float]) -> float:
    """Give the part of calls that took longer than a limit: between the quantiles, logs are taken as normal."""
    known = [NORMAL.inv_cdf(part) for part in QUANTILES.values()]
    at = list(accumulate((log(each) for each in durations), max))
    place = min(max(1, bisect_left(at, log(limit))), len(at) - 1)
    slope = max(at[place] - at[place - 1], 1e-6) / (known[place] - known[place - 1])
    return 1 - NORMAL.cdf(known[place] + (log(limit) - at[place]) / slope)


class Drawn:
    """The minutes of one draw."""

    def __init__(self, random: np.random.Generator, run: Run) -> None:
        self._random = random
        before, self._stable = run.stable[int(random.integers(len(run.stable)))]
        self._canary = run.canary or self._stable
        minutes = [self._of(before, before, k, 0.0) for k in range(BEFORE)]
        calls = {
            name: {60 * k: Calls(each[name].stable_total, each[name].stable_bad) for k, each in enumerate(minutes)}
            for name in minutes[0]
        }
        restless = {name: dispersion(of) for name, of in calls.items()}
        self.baseline = Baseline(run.limits, restless, calls["errors"], counts_slow=True)

    def draw(self, minute: int, weight: float) -> dict[str, Minute]:
        return self._of(self._stable, self._canary, minute, weight)

    def _of(self, stable: Sequence[Point], canary: Sequence[Point], minute: int, weight: float) -> dict[str, Minute]:
        """Draw one minute with the calls of the canary's points; they repeat where a release takes longer."""
        old, new = (points[minute // PER_POINT % len(points)] for points in (stable, canary))
        total = int(self._random.poisson(new.calls / PER_POINT))
        n1 = int(self._random.binomial(total, weight))
        return {
            name: Minute(n1, self._drawn(n1, new.bad[name]), total - n1, self._drawn(total - n1, old.bad[name]))
            for name in new.bad
        }

    def _drawn(self, calls: int, part: float) -> int:
        return int(self._random.binomial(calls, part))


_RUNS: list[Run] = []
"""Those of a process of the pool."""


def _ended(strategy: str, number: int, seed: int) -> tuple[str, int]:
    return ended(strategy, _RUNS[number], np.random.default_rng([number, seed]))


def ended(strategy: str, run: Run, random: np.random.Generator) -> tuple[str, int]:
    """Give how a draw of a release ended (empty: it did not), and in which minute."""
    drawn = Drawn(random, run)
    found = Release(plan_of(strategy), drawn.draw, drawn.baseline).run(MOST)
    return found.ended, found.minute


@dataclass(frozen=True)
class Row:
    """All draws of one strategy and kind; `minutes` is the median time to the roll back, None if there was none."""

    strategy: str
    kind: str
    draws: int
    rolled_back: int
    minutes: float | None

    @property
    def part(self) -> float:
        return self.rolled_back / self.draws

    @property
    def bar(self) -> float | None:
        return FALSE if self.kind == "healthy" else CAUGHT.get(self.strategy)

    @property
    def ok(self) -> bool:
        if self.bar is None:
            return True
        return self.part <= self.bar if self.kind == "healthy" else self.part >= self.bar


def measure(found: Sequence[Run], draws: int) -> list[Row]:
    """Draw each bad deployment so many times for each strategy, and each healthy quarter of an hour once."""
    rows = []
    with Pool(initializer=_RUNS.extend, initargs=(found,)) as pool:
        for strategy in STRATEGIES:
            for kind in KINDS:
                planned = [
                    (number, seed)
                    for number, run in enumerate(found)
                    if run.kind == kind
                    for seed in range(1 if kind == "healthy" else draws)
                ]
                found_ends = pool.starmap(partial(_ended, strategy), planned, chunksize=8)
                back = [minute for how, minute in found_ends if how == "roll_back"]
                rows.append(Row(strategy, kind, len(planned), len(back), median(back) if back else None))
                sys.stdout.write(line(rows[-1]) + "\n")
                sys.stdout.flush()
    return rows


def line(row: Row) -> str:
    bar = "" if row.bar is None else f", {'at most' if row.kind == 'healthy' else 'at least'} {percent(row.bar)}"
    when = "" if row.minutes is None else f", median minute {row.minutes:g}"
    missed = "" if row.ok else "  MISSED"
    return f"{row.strategy:<15} {KINDS[row.kind]}: {row.rolled_back} of {row.draws} rolled back{bar}{when}{missed}"


def table(rows: Sequence[Row]) -> str:
    head = ["strategy", *KINDS.values()]
    lines = [head, ["---"] * len(head)]
    for strategy in STRATEGIES:
        of = {row.kind: row for row in rows if row.strategy == strategy}
        lines.append([f"`{strategy}`", *(_cell(of[kind]) for kind in KINDS)])
    return "\n".join(f"| {' | '.join(each)} |" for each in lines)


def _cell(row: Row) -> str:
    """Write `99 % (at least 98), minute 4`; where nothing is rolled back, the count."""
    if row.kind == "healthy":
        return f"{row.rolled_back} of {row.draws}"
    when = "" if row.minutes is None else f", minute {row.minutes:g}"
    bar = "" if row.bar is None else f" (at least {100 * row.bar:g})"
    return f"{percent(row.part)}{bar}{when}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the CSV file")
    parser.add_argument("--draws", type=at_least_one, default=40, help="draws of each bad deployment (default: 40)")
    given = parser.parse_args(arguments)
    if not given.data.is_file():
        parser.error(f"{given.data} is no file; example: make bench-real DATA=deployments.csv")
    with given.data.open(newline="") as file:
        found = runs(csv.DictReader(file))
    rows = measure(found, given.draws)
    PAGE.write_text(filled(PAGE.read_text(), "real", table(rows)))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
