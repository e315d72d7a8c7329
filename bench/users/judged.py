"""How often a healthy release to users is rolled back, and how often a regression is found, by simulation."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from math import log
from multiprocessing import Pool

import numpy as np

from bench.figure import Figure
from bench.users.crowd import KINDS, Crowd, Release, Steps, share_at, worsened

COMMAND = "make bench-users"
ALPHA = 0.05
RELEASES = 2000
BY_CALLS = 250
"""How many of them are judged by calls, too."""
SCHEDULES: dict[str, tuple[Steps, int]] = {
    "half of the users, an hour": (((0, 0.5),), 60),
    "widening 5, 10, 25, 50 % in eighteen minutes": (((0, 0.05), (3, 0.1), (8, 0.25), (13, 0.5)), 18),
    "widening in four hours": (((0, 0.05), (60, 0.1), (120, 0.25), (180, 0.5)), 240),
}
"""The steps, and after how many minutes the release ends."""

CALLS = (5, 30)
"""Calls a minute."""


@dataclass(frozen=True)
class Cell:
    """Releases of one kind; `worse` is by how much more of the canary's calls fail."""

    crowd: Crowd
    steps: Steps
    minutes: int
    worse: float = 0.0
    name: str = ""
    written: bool = False


def rolled_back(cell: Cell, releases: int = RELEASES) -> tuple[float, float]:
    """Return the part of the releases that is rolled back by users, and by calls (of the first ones)."""
    if cell.written:  # line by line, which takes long
        releases = max(1, releases // 10)
    random = np.random.default_rng([*cell.name.encode()])
    by_users = by_calls = 0
    compared = min(BY_CALLS, releases)
    for number in range(releases):
        traffic = cell.crowd.draw(random, cell.minutes)
        places = random.random(int(traffic.user.max(initial=0)) + 1)
        if cell.worse:
            canary = places[traffic.user] < share_at(traffic.at, cell.steps)
            traffic = worsened(random, traffic, canary, cell.worse)
        release = Release(traffic, places, cell.steps, cell.minutes, cell.written)
        by_users += release.by_users() >= log(1 / ALPHA)
        by_calls += number < compared and release.by_calls() >= log(1 / ALPHA)
    return by_users / releases, by_calls / compared


def healthy() -> list[Cell]:
    return [
        Cell(Crowd(calls, kind), steps, minutes, name=f"{kind}, {calls} calls a minute, {name}")
        for (name, (steps, minutes)), kind, calls in product(SCHEDULES.items(), KINDS, CALLS)
    ] + [busy()]


def busy() -> Cell:
    """Give a brown-out in which each process has more failing users than it writes lines about."""
    crowd, steps = Crowd(4_000, "brown-out of both"), ((0, 0.05), (5, 0.25))
    return Cell(crowd, steps, 8, name="brown-out of both, lines of the functions, 5 and 25 %", written=True)


NEW_USERS = 20
"""New users a minute of the regression that has to be found; two calls each."""


def regression() -> Cell:
    crowd = Crowd(2 * NEW_USERS, "users who come once")
    return Cell(crowd, ((0, 0.5),), 10, worse=0.2, name="20 points worse at half of the users, ten minutes")


def outage() -> Cell:
    crowd = Crowd(100, "the same users each minute")
    return Cell(crowd, ((0, 0.5),), 5, worse=1.0, name="every call of a fixed population fails, five minutes")


def figures(releases: int = RELEASES) -> Iterator[Figure]:
    """Give the figures of so many releases in each cell; with few, the worst cell is bad by chance."""
    cells = healthy()
    with Pool() as pool:
        judge = partial(rolled_back, releases=releases)
        *found, caught, ended = pool.map(judge, [*cells, regression(), outage()], chunksize=1)
    (users, calls), cell = max(zip(found, cells, strict=True), key=lambda pair: pair[0][0])
    most, kind = max((by_calls, cell.name) for (_, by_calls), cell in zip(found, cells, strict=True))
    yield Figure(
        "healthy releases rolled back by users, worst cell",
        percent(users),
        "%",
        1.0,
        f"alpha {ALPHA}, {len(cells)} cells of {releases} releases; {cell.name}, where by calls {percent(calls)} % are",
        command=COMMAND,
    )
    yield shown("the same releases judged by calls, worst cell", percent(most), "%", kind)
    yield Figure(
        "20 points at half of the users found, 20 new users a minute, ten minutes",
        percent(caught[0]),
        "%",
        90.0,
        f"2 % of the calls fail anyway; by calls {percent(caught[1])} %",
        at_least=True,
        command=COMMAND,
    )
    yield Figure(
        "outage of the canary found, 100 users who call each minute, half of them on it, five minutes",
        percent(ended[0]),
        "%",
        99.0,
        f"nobody else fails for the first time later; by calls {percent(ended[1])} %",
        at_least=True,
        command=COMMAND,
    )


def percent(part: float) -> float:
    return round(100 * part, 2)


def shown(name: str, value: float, unit: str, note: str) -> Figure:
    """Give a figure that is shown beside another one, and has no bar."""
    return Figure(name, value, unit, 0.0, note, at_least=True, command=COMMAND)
