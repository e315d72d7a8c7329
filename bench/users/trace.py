"""Releases on a recorded trace of calls: `make bench-users TRACE=file.csv SHARE=0.5 HOURS=6`.

The columns are `time_s` (seconds, of any origin), `user` and `failed` (0 or 1). The trace is cut into stretches of so
many hours; in each of them, releases with drawn salts are judged: healthy ones, and some whose canary fails more often.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite, log
from pathlib import Path

import numpy as np

from bench.figure import Figure
from bench.users.crowd import BEFORE, MINUTE, Release, Steps, Traffic, share_at, worsened
from bench.users.judged import ALPHA, COMMAND, percent, shown

DRAWS = 8
"""Releases in each stretch."""

FEWEST = 20
"""Calls in a stretch; a stretch with fewer is left out."""

FAILED = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class TraceError(Exception):
    """The file is not what it should be; the message says where."""


def read(path: Path) -> Traffic:
    """Read a trace; raises TraceError."""
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        missing = {"time_s", "user", "failed"} - set(rows.fieldnames or ())
        if missing:
            raise TraceError(f"{path} has no column {', '.join(sorted(missing))}; it needs time_s, user and failed")
        calls = []
        for row in rows:
            try:
                calls.append(_call(row))
            except (ValueError, AttributeError) as error:
                raise TraceError(f"{path}, line {rows.line_num}: {error}") from error
    if not calls:
        raise TraceError(f"{path} has no calls")
    calls.sort(key=lambda call: call[0])
    at, names, failed = (np.array(column) for column in zip(*calls, strict=True))
    _, user = np.unique(names, return_inverse=True)
    return Traffic(at - at[0], user, failed.astype(bool))


def _call(row: dict[str, str]) -> tuple[float, str, bool]:
    at, failed = float(row["time_s"]), FAILED.get(row["failed"].strip().lower())
    if not isfinite(at) or failed is None:
        raise ValueError(
            f"time_s is a number of seconds and failed 0 or 1, not {row['time_s']!r} and {row['failed']!r}"
        )
    return at, row["user"], failed


def widening(minutes: int) -> Steps:
    return [(minutes * part / 4, share) for part, share in enumerate((0.05, 0.1, 0.25, 0.5))]


def figures(path: Path, share: float, hours: float) -> Iterator[Figure]:
    """Give the figures for a fixed share of the users, and for the usual steps; raises TraceError."""
    trace, minutes = read(path), round(60 * hours)
    stretches = [*_stretches(trace, minutes)]
    if not stretches:
        raise TraceError(
            f"{path} has {trace.at[-1] / MINUTE:.0f} minutes, and no stretch of {hours:g} hours after the first hour "
            f"with {FEWEST} calls or more; record a longer trace, or ask for fewer hours"
        )
    for name, steps in ((f"{share:g} of the users", [(0, share)]), ("widening 5, 10, 25, 50 %", widening(minutes))):
        note = f"{name}, {hours:g} hours; {len(stretches)} stretches, {DRAWS} draws of each"
        users, calls = _rolled_back(stretches, steps, minutes, 0.0)
        yield Figure(
            "healthy releases of the trace rolled back by users",
            percent(users),
            "%",
            100 * ALPHA,
            f"alpha {ALPHA}, {note}",
            command=COMMAND,
        )
        yield shown("healthy releases of the trace rolled back by calls", percent(calls), "%", note)
        for worse in (0.05, 0.2):
            users, calls = _rolled_back(stretches, steps, minutes, worse)
            text = f"by calls {percent(calls)} %; {note}"
            yield shown(f"{100 * worse:g} points found by users", percent(users), "%", text)


def _stretches(trace: Traffic, minutes: int) -> Iterator[Traffic]:
    """Yield the stretches, each with its calls from an hour before on."""
    length = minutes * MINUTE
    for begin in np.arange(BEFORE * MINUTE, trace.at[-1] - length + 1, length):
        during = (trace.at >= begin - BEFORE * MINUTE) & (trace.at < begin + length)
        part = trace.part(during)
        if (part.at >= begin).sum() >= FEWEST:
            yield replace(part, at=part.at - begin)


def _rolled_back(stretches: list[Traffic], steps: Steps, minutes: int, worse: float) -> tuple[float, float]:
    random = np.random.default_rng(1)
    found = []
    for traffic in stretches:
        for _ in range(DRAWS):
            places = random.random(int(traffic.user.max()) + 1)
            canary = places[traffic.user] < share_at(traffic.at, steps)
            release = Release(worsened(random, traffic, canary, worse), places, steps, minutes)
            found.append([evidence >= log(1 / ALPHA) for evidence in (release.by_users(), release.by_calls())])
    users, calls = np.mean(found, axis=0)
    return float(users), float(calls)
