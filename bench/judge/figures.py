"""The figures that the judge has to reach, from the cells and from what is measured apart."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bench.figure import Figure
from bench.judge import exact, latency, outside, special, whole
from bench.judge.latency import Latency
from bench.judge.rules import OURS, RULES
from bench.judge.schedules import CANARY, LINEAR
from bench.judge.table import Results, at, worst
from bench.judge_speed import measure_metrics

STEP_RPS = (0.5, 1, 2, 5)
LOADS = {
    "steady": Latency(),
    "load jumps by 5 %": Latency(load=0.05),
    "load jumps by 10 %": Latency(load=0.10),
    "load drifts by 10 %": Latency(load=0.10, drift=0.95),
}
"""How much the load moves all durations from minute to minute; a drift is ten percent over many minutes."""

SLOW_RPS, QUIET_RPS, FIX_RPS = (0.5, 1, 3, 10), (0.1, 0.3, 1), (1, 3)
HEALTHY = (0.005, 0.05)

APART: dict[str, Callable[[], Any]] = {
    "many": special.any_of_many,
    "days": special.after_three_days,
    "looks": special.type_one_error,
    "hang": special.minutes_to_find_a_hang,
    "no hang": special.healthy_but_taken_for_hanging,
    "sticky": special.a_fix_with_sticky_retries,
    "factors": exact.factors,
    "splits": exact.splits,
    **{f"step at {rps}": partial(special.leaves_the_first_step, rps) for rps in STEP_RPS},
    "brown-out": outside.notices_a_brown_out,
    **{f"{times} times": partial(outside.alerts, times) for times in (2, 5)},
    **{f"calm, {name}": partial(latency.fired, case, 10, 1000) for name, case in LOADS.items()},
    **{f"warm-up at {rps}": partial(whole.rolled_back_by_warm_up, rps) for rps in whole.RPS},
    **{f"three times as slow at {rps}": partial(whole.slow_is_caught, rps) for rps in SLOW_RPS},
    **{f"first step at {rps}": partial(whole.first_step, rps, with_latency=True) for rps in QUIET_RPS},
    **{f"errors alone at {rps}": partial(whole.first_step, rps, with_latency=False) for rps in QUIET_RPS},
    **{f"fix at {rps}": partial(whole.fixes, rps) for rps in FIX_RPS},
    "fresh fix": partial(whole.fixes, 3, since=20),
    **{f"hastened at {rate}": partial(whole.hastened, rate, 10) for rate in HEALTHY},
    "hastened, better": partial(whole.hastened, 0.05, 30, better=0.02),
    **{f"slower, {name}": partial(latency.fired, replace(case, slower=0.3), 10, 300) for name, case in LOADS.items()},
}
"""What is measured apart, by name; each may run in a process of its own."""


def figures(results: Results, apart: Mapping[str, Any]) -> Iterator[Figure]:
    yield from _false_alarms(results)
    yield from _promises(apart)
    yield from _power(results, apart)
    yield from _latency(apart)
    yield from _gross(apart)
    yield from _better(apart)
    yield from _traffic(apart)
    yield from _outside(apart)
    yield measure_metrics(COMMAND)
    yield _figure(
        "single-theta factors against scipy's binomial", apart["factors"], "relative", 1e-9, "absolute below 1"
    )
    yield _figure("traffic check against scipy's betaln", apart["splits"], "relative", 1e-9, "absolute below 1")


COMMAND = "make bench-judge"


def _figure(name: str, value: float, unit: str, bar: float, note: str, *, at_least: bool = False) -> Figure:
    return Figure(name, float(f"{value:.3g}"), unit, bar, note, at_least, COMMAND)


def _false_alarms(results: Results) -> Iterator[Figure]:
    def worst_of(*kinds: str) -> float:
        return 100 * max(worst(results, schedule, kind, OURS.name) for schedule in (CANARY, LINEAR) for kind in kinds)

    note = "worst cell of canary-10-5m and linear-10-1m, 1 to 1000 rps"
    yield _figure(
        "healthy releases rolled back", worst_of("healthy", "brown-out"), "%", 1, f"{note}, 0 to 5 % or a brown-out"
    )
    yield _figure("healthy releases rolled back, errors in bursts of ten", worst_of("bursts"), "%", 3, note)
    note = "canary-10-5m and linear-10-1m, 200 and 1000 rps, 20 to 120 s"
    yield _figure(
        "healthy releases rolled back, brown-out beside a shift within the minute", worst_of("shift"), "%", 1, note
    )


def _promises(apart: Mapping[str, Any]) -> Iterator[Figure]:
    yield _figure(
        "releases of 100 healthy targets, any rolled back",
        100 * apart["many"],
        "%",
        5,
        "worst of 1, 10 and 100 rps each",
    )
    note = "p and q change each minute; 2000 releases, e-value alone"
    yield _figure("type I error over 300 looks", 100 * apart["looks"], "%", 5, note)


def _power(results: Results, apart: Mapping[str, Any]) -> Iterator[Figure]:
    note = "at 50 %, 100 rps; the slowest of 8 releases; minutes of data"
    yield _figure("+5 points after three days of baking", max(apart["days"]), "minutes", 3, note)
    found = at(results, CANARY, "+2 points", 100, OURS.name)
    yield _figure("+2 points at 100 rps, missed", 100 * (1 - found.rolled_back), "%", 0, CANARY)
    note = f"{CANARY}; with data one minute old"
    yield _figure("+2 points at 100 rps, median time to the roll back", found.minutes or np.inf, "minutes", 2, note)
    left = {rps: apart[f"step at {rps}"] for rps in STEP_RPS}
    lowest = next((rps for rps in STEP_RPS if left[rps] >= 0.99), np.inf)
    each = ", ".join(f"{rps:g} rps {100 * part:.3g} %" for rps, part in left.items())
    yield _figure("step 1 of guarded left without holding, from", lowest, "rps", 1, f"99 % of releases do; {each}")
    yield _figure(
        "all requests fail: later than the fastest rule", _later(results), "minutes", 0, "worst of 1 to 1000 rps"
    )


def _later(results: Results) -> float:
    """Compare the median times to the roll back."""

    def minutes(rps: float, rule: str) -> float:
        return at(results, CANARY, "all fail", rps, rule).minutes or np.inf

    return max(minutes(rps, OURS.name) - min(minutes(rps, rule.name) for rule in RULES) for rps in (1, 10, 100, 1000))


def _latency(apart: Mapping[str, Any]) -> Iterator[Figure]:
    note = f"lognormal, sigma {latency.SIGMA}; 10 rps, ten minutes at 10 %; errors, p95 and p99 together"
    calm, slower = ({name: 100 * apart[f"{kind}, {name}"] for name in LOADS} for kind in ("calm", "slower"))

    yield _figure("latency, healthy but noisy: rolled back", max(calm.values()), "%", 0.5, f"{note}; {_listed(calm)}")
    caught = slower.pop("steady")
    yield _figure("latency, 30 % slower: caught", caught, "%", 85, f"{note}; {_listed(slower)}", at_least=True)


def _listed(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g} %" for name, value in found.items())


def _gross(apart: Mapping[str, Any]) -> Iterator[Figure]:
    warm = {rps: apart[f"warm-up at {rps}"] for rps in whole.RPS}
    back = {f"{rps:g} rps": 100 * found[0] for rps, found in warm.items()}
    told = max(100 * found[1] for found in warm.values())
    shown = f"{_listed(back)}; told as slower: {told:.3g} % at most"
    note = f"{whole.FIRST_CALLS}; guarded from 5 %, medians of 0.1 and 2 s; {shown}"
    yield _figure("slow first calls of fresh sandboxes: rolled back", max(back.values()), "%", 1, note)
    caught = {f"{rps:g} rps": 100 * apart[f"three times as slow at {rps}"] for rps in SLOW_RPS}
    note = f"guarded, {whole.MOST} minutes at most; {_listed(caught)}"
    yield _figure("calls take three times as long: caught", min(caught.values()), "%", 95, note, at_least=True)
    pairs = {rps: (apart[f"first step at {rps}"], apart[f"errors alone at {rps}"]) for rps in QUIET_RPS}
    longer = max(100 * (both / alone - 1) for both, alone in pairs.values())
    each = ", ".join(f"{rps:g} rps {both:.3g} and {alone:.3g} minutes" for rps, (both, alone) in pairs.items())
    yield _figure("step 1 of guarded takes longer because latency decides too", longer, "%", 5, f"mean; {each}")


def _better(apart: Mapping[str, Any]) -> Iterator[Figure]:
    fixed = {f"{rps:g} rps": apart[f"fix at {rps}"] for rps in FIX_RPS} | {
        "3 rps, burning for 20 minutes": apart["fresh fix"]
    }
    each = ", ".join(f"{name} {100 * part:.3g} % in minute {minute:g}" for name, (part, minute) in fixed.items())
    note = f"30 % of stable's calls fail, 0.5 % of the canary's; {each}"
    yield _figure("a fix goes through guarded without a hold", 100 * fixed["3 rps"][0], "%", 95, note, at_least=True)
    healthy = [100 * apart[f"hastened at {rate}"] for rate in HEALTHY]
    note = "guarded, 10 rps, 0.5 and 5 % failing on both; 30 rps, 5 % on stable and 3 % on the canary"
    yield _figure(
        "healthy releases with a step shorter than its bake",
        max(*healthy, 100 * apart["hastened, better"]),
        "%",
        0,
        note,
    )


def _traffic(apart: Mapping[str, Any]) -> Iterator[Figure]:
    note = "10 rps at 10 %; the slowest of 1000; minutes that the check may read"
    yield _figure("a canary that hangs", max(apart["hang"]), "minutes", 2, note)
    note = "worst of 1, 10 and 1000 rps; linear-10-1m"
    yield _figure("healthy releases taken for hanging", 100 * apart["no hang"], "%", 0.1, note)
    ours, plain = apart["sticky"]
    note = f"stable's 30 % come back to stable twice; any share below the weight would fail {100 * plain:.3g} %"
    yield _figure("a fix taken for hanging beside sticky retries", 100 * ours, "%", 0.1, note)


def _outside(apart: Mapping[str, Any]) -> Iterator[Figure]:
    note = "0.5 to 30 %, 10 rps at 10 %, within its two minutes"
    yield _figure(
        "a brown-out of both that freezes the weights", 100 * apart["brown-out"], "%", 95, note, at_least=True
    )
    note = f"10 rps, {outside.BAKE} minutes; one that fails five times as often: {100 * apart['5 times']:.3g} %"
    yield _figure("promoted versions twice as bad that alert", 100 * apart["2 times"], "%", 5, note)
