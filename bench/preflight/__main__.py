"""How long the preflight of one function takes in a large account, and how many requests a second it sends."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from bench.figure import Figure
from bench.preflight.account import APIS, ARN, EXTENSION, MACHINES, MAPPINGS, NAME, RULES, RUNNING, fill
from localcloud import LocalCloud, lambda_
from tests.surveys import a_survey, content
from tidegate.aws.preflight import facts, moving, of_account, of_function, packages
from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.pace import PACE
from tidegate.domain.planning.preflight import checking
from tidegate.domain.planning.preflight.survey import Partial

COMMAND = "make bench-preflight"
LATENCY = 0.05
"""Seconds that each request takes longer than on the local cloud."""


class Clients:
    """Clients of the local cloud that keep the pace; `sent` are the times of requests."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._known: set[str] = set()
        self.sent: list[float] = []

    def __call__(self, service: str) -> Any:
        client = self._cloud.client(service)
        if service not in self._known:
            self._known.add(service)
            client.meta.events.register("before-send", self._send)
        return client

    def _send(self, **_: Any) -> None:
        PACE.wait()
        self.sent.append(time.monotonic())
        time.sleep(LATENCY)

    @property
    def busiest(self) -> int:
        """The most requests within one second."""
        return max(sum(start <= each < start + 1 for each in self.sent) for start in self.sent)


@contextmanager
def reading(clients: Clients) -> Iterator[None]:
    with ExitStack() as patched:
        for module in (moving, of_function, of_account, packages):
            patched.enter_context(patch.object(module, "client", clients))
        yield


def measure() -> Iterator[Figure]:
    with LocalCloud() as cloud, lambda_.throttle.off():
        layer = fill(cloud)
        clients, severity_of = Clients(cloud), dict.fromkeys(checking.CHECKS, "warning")
        started = time.monotonic()
        with reading(clients):
            aim = Aim(NAME, "live", ARN, layers=(layer,))
            (found,) = facts.read([aim], checking.needed(severity_of), int(cloud.clock.time()), full=True)
        took = time.monotonic() - started
    note = f"{RULES} rules, {MAPPINGS} mappings, {MACHINES} state machines, {APIS} APIs; {len(clients.sent)} requests"
    yield Figure("seconds of a preflight in a large account", round(took, 1), "s", 20.0, note, command=COMMAND)
    yield Figure("most requests in a second", clients.busiest, "requests", 15, note, command=COMMAND)
    yield from _found(found, severity_of)


def _found(found: Any, severity_of: dict[Any, str]) -> Iterator[Figure]:
    usual = a_survey(latest=content("new"))
    survey = replace(usual, facts=found)
    text = "; ".join(each.sentence for each in checking.findings([survey], severity_of))
    kinds = ("rule rule-", "event source mapping", "state machine machine-", "REST API rest-", "HTTP API http-")
    named = sum(kind in text for kind in kinds)
    yield Figure("kinds of callers named", named, "kinds", len(kinds), text[:600], at_least=True, command=COMMAND)
    extension = float(f"{EXTENSION} (x86_64)" in text)
    figure = "extension for the other architecture named"
    yield Figure(figure, extension, "0 or 1", 1, EXTENSION, at_least=True, command=COMMAND)
    machines = found["machines"]
    left = int(machines.why.split()[0]) if isinstance(machines, Partial) else 0
    note = f"of {MACHINES}, within the time limit; the {RUNNING} that ran in the last two weeks come first"
    read = MACHINES - left
    yield Figure("state machines read", read, "state machines", RUNNING, note, at_least=True, command=COMMAND)


def main() -> int:
    missed = 0
    for figure in measure():
        sys.stdout.write(figure.line() + "\n")
        missed += not figure.ok
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
