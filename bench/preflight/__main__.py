"""How long Plan takes in a large account and what it sends; and what it finds in templates of usual shapes."""

import re
import sys
import time
from collections.abc import Iterator

from bench.figure import Figure, printed
from bench.preflight import samples
from bench.preflight.account import APIS, EXTENSION, MACHINES, MAPPINGS, NAME, RULES, RUNNING, fill
from bench.preflight.planning import LATENCY, busiest, planning
from localcloud import LocalCloud, lambda_

COMMAND = samples.COMMAND
KINDS = ("rule rule-", "event source mapping", "state machine machine-", "REST API rest-", "HTTP API http-")


def measure() -> Iterator[Figure]:
    with LocalCloud() as cloud, lambda_.throttle.off(), planning(cloud) as planner:
        yield from samples.measure(cloud, planner)
        fill(cloud)
        planner.sent.clear()
        planner.latency = LATENCY
        started = time.monotonic()
        found = "; ".join(planner.findings(NAME))
        took = time.monotonic() - started
    note = f"{RULES} rules, {MAPPINGS} mappings, {MACHINES} state machines, {APIS} APIs; {len(planner.sent)} requests"
    yield Figure("seconds of a whole plan in a large account", round(took, 1), "s", 20.0, note, command=COMMAND)
    most, whole = busiest(planner.of_preflight), busiest(planner.sent)
    note = f"of the preflight, all services together; {whole} in the whole plan, whose own calls have other quotas"
    yield Figure("most requests in a second", most, "requests", 15, note, command=COMMAND)
    yield from _found(found)


def _found(text: str) -> Iterator[Figure]:
    named = sum(kind in text for kind in KINDS)
    yield Figure("kinds of callers named", named, "kinds", len(KINDS), text[:600], at_least=True, command=COMMAND)
    extension = float(f"{EXTENSION} (x86_64)" in text)
    figure = "extension for the other architecture named"
    yield Figure(figure, extension, "0 or 1", 1, EXTENSION, at_least=True, command=COMMAND)
    left = re.search(r"machines: (\d+) of \d+ were not read", text)
    note = f"of {MACHINES}, within the time limit; the {RUNNING} that ran in the last two weeks come first"
    read = MACHINES - int(left[1]) if left else MACHINES
    yield Figure("state machines read", read, "state machines", RUNNING, note, at_least=True, command=COMMAND)


def main() -> int:
    return printed(measure())


if __name__ == "__main__":
    sys.exit(main())
