"""What a release costs: counted on the local cloud, priced with AWS's public prices; the tables of docs/cost.md."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import prices
from bench.stage import TEMPLATE, Events, Stage, entered, stage
from localcloud import LocalCloud
from localcloud.api.call import ApiCall
from localcloud.front import gate

PAGE = Path(__file__).parents[1] / "docs/cost.md"
PLACE = re.compile(r"(<!-- cost: (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)
ALARM = re.compile(r"^    Type: AWS::CloudWatch::Alarm$", re.MULTILINE)

PRICES = {name: price.dollars / 1e6 for name, price in prices.COUNTED.items()}
"""Dollars each."""

STRATEGIES: dict[str, dict[str, Any]] = {
    "all-at-once": {"strategy": "all-at-once"},
    "canary-10-5m": {"strategy": "canary-10-5m"},
    # Nobody calls the function, so there is nothing to judge by: it is promoted all the same.
    "guarded": {"strategy": "guarded", "analysis": {"on_inconclusive": "promote", "max_bake": "1m"}},
}
MINUTES = 10
"""So many more at one weight are measured for what one takes."""
GIGABYTES = 0.5
MINUTES_A_MONTH = 730 * 60
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
READS = {"GetItem", "BatchGetItem", "Query"}

Counts = Mapping[str, float]


@contextmanager
def listening() -> Iterator[list[ApiCall]]:
    """Note every call of a function's role with its parameters."""
    heard: list[ApiCall] = []
    door: Any = gate
    demands = door.demands_of

    def listen(call: ApiCall) -> Any:
        if not call.caller.is_administrator:
            heard.append(call)
        return demands(call)

    door.demands_of = listen
    try:
        yield heard
    finally:
        door.demands_of = demands


def measure(ready: Stage, request: Mapping[str, Any]) -> Counts:
    """Count what one release of one function takes, Recover's rounds left out."""
    function, before = ready.function(), len(ready.cloud.invocations)
    with listening() as heard:
        history = ready.release(function, **request)
    return taken(ready.cloud, heard, history, before)


def taken(cloud: LocalCloud, heard: list[ApiCall], history: Events, before: int) -> Counts:
    """Count what a release took: its history, calls that were heard, and invocations after those `before`."""
    ran = [each for each in list(cloud.invocations)[before:] if each.function_name.startswith("tidegate-")]
    steps = [each for each in ran if "RecoverFunction" not in each.function_name]
    ours = [call for call in heard if "RecoverFunction" not in (call.caller.role_arn or "")]
    return {
        "state transitions": transitions(history),
        "invocations": len(steps),
        "GB-seconds of functions": GIGABYTES * sum(each.duration_ms + (each.init_ms or 0) for each in steps) / 1000,
        "metrics read": sum(
            len(call.parameters["MetricDataQueries"]) for call in ours if call.action == "GetMetricData"
        ),
        "units written to the ledger": sum(_written(call) for call in ours if call.action in WRITES),
        "units read from the ledger": sum(call.action in READS for call in ours),
        "events": sum(len(call.parameters["Entries"]) for call in ours if call.action == "PutEvents"),
    }


def measure_a_minute(ready: Stage) -> Counts:
    """Count what a minute of baking takes: that of a release with more of them, less that of one with fewer."""
    short, long = (measure(ready, _baking(minutes)) for minutes in (1, 1 + MINUTES))
    return {name: (long[name] - short[name]) / MINUTES for name in PRICES}


def _baking(minutes: int) -> dict[str, Any]:
    analysis = {"on_inconclusive": "promote", "max_bake": f"{minutes}m"}
    return {"strategy": {"steps": [{"weight": 10, "bake": f"{minutes}m"}]}, "analysis": analysis}


def transitions(history: Events) -> int:
    """Count the start, every state entered, and every further try of a Task."""
    kinds = Counter(event["type"] for event in history)
    return 1 + len(entered(history)) + kinds["TaskScheduled"] - kinds["TaskStateEntered"]


def _written(call: ApiCall) -> int:
    """Give the write units of a call: one for each KiB begun of what it sends, two in a transaction."""
    if call.action == "TransactWriteItems":
        return sum(2 * _units(each) for each in call.parameters["TransactItems"])
    return _units(call.parameters)


def _units(written: Any) -> int:
    return math.ceil(len(json.dumps(written, default=str)) / 1024)


def dollars(counts: Counts) -> float:
    return sum(PRICES[name] * number for name, number in counts.items())


def release_table(measured: Mapping[str, Counts]) -> str:
    """Write what releases take, a column each, and what that comes to."""
    lines = [f"| | {' | '.join(measured)} | price of a million |", f"|---|{'---|' * (len(measured) + 1)}"]
    for name, price in PRICES.items():
        numbers = (three_digits(counts[name]) for counts in measured.values())
        lines.append(f"| {name} | {' | '.join(numbers)} | ${price * 1e6:g} |")
    sums = " | ".join(f"**${dollars(counts):.2g}**" for counts in measured.values())
    return "\n".join([*lines, f"| **together** | {sums} | |"])


def three_digits(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def idle_table(seconds: float) -> str:
    """Write what being there comes to in a month in which nothing is released: Recover's rounds, what watches it."""
    each = {name: price.dollars for name, price in prices.OTHERS.items()}
    counts = {
        "invocations": (MINUTES_A_MONTH, PRICES["invocations"]),
        "GB-seconds of functions": (MINUTES_A_MONTH * seconds * GIGABYTES, PRICES["GB-seconds of functions"]),
        "units read from the ledger": (MINUTES_A_MONTH, PRICES["units read from the ledger"]),
        "alarms": (len(ALARM.findall(TEMPLATE.read_text())), each["an alarm"]),
        "the metric LocksLeft": (1, each["a custom metric"]),
    }
    lines = ["| | a month | |", "|---|---|---|"]
    lines += [f"| {name} | {number:.0f} | ${number * price:.3f} |" for name, (number, price) in counts.items()]
    return "\n".join(
        [*lines, f"| **together** | | **${sum(number * price for number, price in counts.values()):.2f}** |"]
    )


def main() -> None:
    with stage() as ready:
        ready.release(ready.function(), **STRATEGIES["canary-10-5m"])
        measured = {name: measure(ready, request) for name, request in STRATEGIES.items()}
        measured["a minute more at a weight"] = measure_a_minute(ready)
        rounds = [each.duration_ms for each in ready.cloud.invocations if "RecoverFunction" in each.function_name]
    tables = {
        "releases": release_table(measured),
        "idle": idle_table(sum(rounds) / len(rounds) / 1000),
        "prices": prices.table(),
    }
    text = PLACE.sub(
        lambda place: f"{place[1]}\n{tables[place[2]]}\n{place[3]}" if place[2] in tables else place[0],
        PAGE.read_text(),
    )
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
