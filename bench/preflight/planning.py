"""Plan itself against the local cloud, in this process: how long it takes, what it finds, what it sends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3

from bench.stage import TEMPLATE
from localcloud import LocalCloud
from tests.builders import SETTINGS
from tidegate.aws import preflight
from tidegate.aws.logger import logger
from tidegate.domain.schedule import format_time
from tidegate.steps.plan import handler

READ = preflight.facts.read
LATENCY = 0.05
"""Seconds that each request takes longer than on the local cloud."""

EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:bench"


class Planner:
    """Dry runs with all rights; `sent` are the times of requests (`time.monotonic()`)."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self.latency = 0.0
        self.sent: list[float] = []
        self.of_preflight: list[float] = []

    def send(self, **_: Any) -> None:
        self.sent.append(time.monotonic())
        time.sleep(self.latency)

    def read(self, *arguments: Any, **named: Any) -> Any:
        """Read the facts of the preflight, and note when: before and after, Plan makes calls of its own."""
        began = time.monotonic()
        found = READ(*arguments, **named)
        self.of_preflight = [each for each in self.sent if each >= began]
        return found

    def findings(self, function: str) -> list[str]:
        """Return the findings about a function and its alias `live`, each as "check: target: …"."""
        request = {"function": function, "dry_run": True}
        settings = {**SETTINGS, "preflight": "full"}
        event = {"release": "bench", "now": format_time(int(self._cloud.clock.time())), "execution": EXECUTION}
        answer = handler({**event, "request": request, "settings": settings, "attempt": 0}, None)
        return [each for each in answer["plan"]["findings"] if f": {function}:live: " in each]


@contextmanager
def planning(cloud: LocalCloud) -> Iterator[Planner]:
    """Have Plan use the local cloud, with the ledger of a stack."""
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    planner, ledger = Planner(cloud), cloud.deploy(TEMPLATE, {"FunctionPattern": "*"}).outputs["LedgerTable"]
    logger.setLevel("CRITICAL")  # the figures are lines of JSON, too
    with patch.dict(os.environ, {**keys, "AWS_ENDPOINT_URL": cloud.endpoint, "LEDGER_TABLE": ledger}):
        boto3.setup_default_session()
        session: Any = boto3.DEFAULT_SESSION
        session.events.register_last("before-send", planner.send)  # after the handler that keeps the pace
        with patch.object(preflight.facts, "read", planner.read):
            yield planner


def busiest(sent: list[float]) -> int:
    """Return the most requests within one second."""
    return max(sum(start <= each < start + 1 for each in sent) for start in sent)
