"""What the library for callers does to users and to calls: no AWS, and no network."""

import io
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

from bench.figure import Figure
from bench.users.judged import COMMAND, percent
from tests.reading import ROOT
from tests.unit.routing_calls import Cloud, item, router
from tidegate_route import Document, Router, incoming, pseudonym

USERS, REQUESTS = 1_000, 40
WEIGHT = 0.1
SHARED = 200_000
IMPORT = "from time import perf_counter as now; began = now(); import tidegate_route; print(now() - began)"
ROUNDS = 15
DECISIONS = 5_000


def figures() -> Iterator[Figure]:
    yield _met()
    yield _mixed()
    yield _stayed()
    yield _shared()
    yield _without_document()
    yield from _decisions()
    yield _extra_latency()
    yield _imported()


def _figure(name: str, value: float, unit: str, bar: float, note: str, *, at_least: bool = False) -> Figure:
    return Figure(name, value, unit, bar, note, at_least=at_least, command=COMMAND)


def _met() -> Figure:
    """Count the users who meet the canary at least once."""
    draws = random.Random(1)  # noqa: S311 - as an alias draws
    by_weight = sum(any(draws.random() < WEIGHT for _ in range(REQUESTS)) for _ in range(USERS)) / USERS
    made = router({"orders": item(100 * WEIGHT)})
    met = set()
    for user in range(USERS):
        for _ in range(REQUESTS):
            with made.serving(f"user-{user}"):
                if made.qualifier("orders") == "live-canary":
                    met.add(user)
    share = percent(len(met) / USERS)
    note = (
        f"{share} % of {USERS} users with {REQUESTS} requests met the canary; with a weight {percent(by_weight)} % do"
    )
    return _figure("users who met the canary at 10 %, off 10 %", round(abs(share - 10), 2), "points", 2.0, note)


CHAIN = ("orders", "stock", "billing")


def _mixed() -> Figure:
    """Let each function of a chain call the next one, while the percentage changes between their documents."""
    draws = random.Random(2)  # noqa: S311 - as an alias draws
    requests = USERS * REQUESTS // 10
    by_weight = sum(len({draws.random() < WEIGHT for _ in CHAIN}) > 1 for _ in range(requests)) / requests
    hops = [router({name: item(share) for name in CHAIN}) for share in (10, 0, 100)]
    mixed = sum(len(set(_channels(hops, f"user-{number}"))) > 1 for number in range(requests))
    note = (
        f"{requests} requests over {len(CHAIN)} functions whose caches differ; with weights {percent(by_weight)} % mix"
    )
    return _figure("requests that met mixed versions in a chain", percent(mixed / requests), "%", 0.0, note)


def _channels(hops: list[Router], user: str) -> Iterator[str]:
    event: dict[str, Any] = {}
    for made, name in zip(hops, CHAIN, strict=True):
        with made.serving(user, incoming=incoming(event, trust_header=True)):
            yield made.qualifier(name)
            event = {"headers": made.headers(*CHAIN)}


def _stayed() -> Figure:
    steps = [Document.parse(item(share)) for share in (0.01, 1, 5, 10, 25, 50, 99.99, 100)]
    keys = [pseudonym(f"user-{number}") for number in range(20_000)]
    ways = [[step.place(key)[0] for step in steps] for key in keys]
    left = sum(pair == ("canary", "stable") for way in ways for pair in pairwise(way))
    note = f"{len(keys)} users, {len(steps)} steps; a property test has any user and any steps"
    return _figure("users who left the canary while it grew", float(left), "users", 0.0, note)


def _shared() -> Figure:
    first, second = (Document.parse(item(5, salt=salt)) for salt in ("release-1", "release-2"))
    keys = [pseudonym(str(number)) for number in range(SHARED)]
    both = sum(first.place(key)[0] == second.place(key)[0] == "canary" for key in keys) / SHARED
    note = f"{percent(both)} % of {SHARED} users; 0.25 % by chance"
    return _figure("users of two releases at 5 %, off chance", round(abs(100 * both - 0.25), 3), "points", 0.05, note)


def _gone(function: str) -> Any:
    raise ConnectionError(f"the table with {function} is gone")


def _without_document() -> Figure:
    bad: list[Callable[[str], Any]] = [
        _gone,
        lambda _: None,
        lambda _: {"schema": 1},
        lambda _: item(schema=2),
        lambda _: 7,
        lambda _: item("many"),  # type: ignore[arg-type] # as somebody may have written it
    ]
    wrong = 0
    with redirect_stdout(io.StringIO()):
        for read in bad:
            cloud = Cloud()
            made = Router(read)
            client = made.instrument(cloud.client(), "orders")
            for number in range(100):
                with made.serving(f"user-{number}"):
                    client.invoke(FunctionName="orders")
            wrong += sum("Qualifier=live" not in str(each.url) or "canary" in str(each.url) for each in cloud.requests)
            wrong += 100 - len(cloud.requests)
    note = f"{len(bad)} kinds of documents that are missing, malformed or from the future, 100 calls each"
    return _figure("calls that failed or left stable without a good document", float(wrong), "calls", 0.0, note)


def _decision() -> float:
    made = router({"orders": item(10)})
    made.qualifier("orders")
    times = []
    for number in range(DECISIONS):
        with made.serving(f"user-{number}"):
            began = time.perf_counter_ns()
            made.qualifier("orders")
            times.append(time.perf_counter_ns() - began)
    return round(median(times) / 1000, 2)


def _decisions() -> Iterator[Figure]:
    """Compare with a flag of OpenFeature's provider in memory, in turns."""
    api.set_provider(InMemoryProvider({"orders": InMemoryFlag("live", {"live": "live", "canary": "live-canary"})}))
    client = api.get_client()
    pairs = [(_decision(), _evaluation(client)) for _ in range(5)]
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    yield _figure("decision in the process, median", ours, "us", 10.0, f"{DECISIONS} users, five times")
    note = f"{ours} us, and {theirs} us for a flag of openfeature-sdk's provider in memory, in turns"
    yield _figure("decision over an evaluation of OpenFeature", round(ours / theirs, 2), "ratio", 0.5, note)


def _evaluation(client: OpenFeatureClient) -> float:
    times = []
    for number in range(DECISIONS):
        context = EvaluationContext(targeting_key=f"user-{number}")
        began = time.perf_counter_ns()
        client.get_string_value("orders", "live", context)
        times.append(time.perf_counter_ns() - began)
    return round(median(times) / 1000, 2)


def _extra_latency() -> Figure:
    """Measure calls with the library and without in turns; the answer takes no time."""
    made = router({"orders": item(10)})
    plain, routed = Cloud().client(), made.instrument(Cloud().client(), "orders")
    with redirect_stdout(io.StringIO()):
        pairs = [(_timed(made, plain, number), _timed(made, routed, number)) for number in range(2_000)]
    without, with_library = (quantiles(times, n=100)[98] for times in zip(*pairs[10:], strict=True))
    note = f"p99 of {len(pairs)} calls each, answered in the process: {with_library:.2f} ms with, {without:.2f} without"
    extra = round(max(0.0, with_library - without), 3)
    return _figure("extra latency of an Invoke, p99", extra, "ms", 1.0, note)


def _timed(made: Router, client: Any, number: int) -> float:
    with made.serving(f"user-{number}"):
        began = time.perf_counter()
        client.invoke(FunctionName="orders")
        return 1000 * (time.perf_counter() - began)


def _imported() -> Figure:
    times = []
    for _ in range(ROUNDS):
        command = [sys.executable, "-S", "-c", IMPORT]
        done = subprocess.run(command, cwd=ROOT / "routing", check=True, capture_output=True, text=True)  # noqa: S603 - our own module
        times.append(1000 * float(done.stdout))
    note = f"fastest of {ROUNDS} fresh interpreters without site packages: there are no dependencies"
    return _figure("import of tidegate_route", round(min(times), 1), "ms", 30.0, note)
