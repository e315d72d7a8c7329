"""Plan itself against the local cloud, in this process: how long it takes, what it finds, what it sends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3

from localcloud import LocalCloud
from tests.builders import SETTINGS
from tidegate.domain.schedule import format_time
from tidegate.steps.plan import handler

LATENCY = 0.05
"""Seconds that each request takes longer than on the local cloud."""

LEDGER = "ledger"
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:bench"


class Planner:
    """Dry runs with all rights; `sent` are the times of requests (`time.monotonic()`)."""

    def __init__(self, cloud: LocalCloud, latency: float) -> None:
        self._cloud = cloud
        self._latency = latency
        self.sent: list[float] = []

    def send(self, **_: Any) -> None:
        self.sent.append(time.monotonic())
        time.sleep(self._latency)

    @property
    def busiest(self) -> int:
        """The most requests within one second."""
        return max(sum(start <= each < start + 1 for each in self.sent) for start in self.sent)

    def findings(self, function: str) -> list[str]:
        """Return the findings about a function and its alias `live`, each as "check: target: …"."""
        request = {"function": function, "dry_run": True}
        settings = {**SETTINGS, "preflight": "full"}
        event = {"release": "bench", "now": format_time(int(self._cloud.clock.time())), "execution": EXECUTION}
        answer = handler({**event, "request": request, "settings": settings, "attempt": 0}, None)
        return [each for each in answer["plan"]["findings"] if f": {function}:live: " in each]


@contextmanager
def planning(cloud: LocalCloud, latency: float = 0.0) -> Iterator[Planner]:
    """Have Plan use the local cloud, with a ledger of its own."""
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
    keys["POWERTOOLS_LOG_LEVEL"] = "CRITICAL"
    planner = Planner(cloud, latency)
    named = [
        {"AttributeName": name, "AttributeType": "S", "KeyType": kind}
        for name, kind in (("pk", "HASH"), ("sk", "RANGE"))
    ]
    cloud.client("dynamodb").create_table(
        TableName=LEDGER,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each["AttributeName"], "AttributeType": "S"} for each in named],
        KeySchema=[{"AttributeName": each["AttributeName"], "KeyType": each["KeyType"]} for each in named],
    )
    with patch.dict(os.environ, {**keys, "AWS_ENDPOINT_URL": cloud.endpoint, "LEDGER_TABLE": LEDGER}):
        boto3.setup_default_session()
        session: Any = boto3.DEFAULT_SESSION
        session.events.register_last("before-send", planner.send)  # after the handler that keeps the pace
        yield planner
