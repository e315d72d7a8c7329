"""AWS AppConfig as a decider: the agent beside the function evaluates a flag for a user's pseudonym.

The agent (Lambda's extension) keeps the configuration, and answers on the loopback interface.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from tidegate_route.document import STABLE
from tidegate_route.router import Decider

LONGEST = 65_536
"""Bytes of an answer that are read."""
READS = 4
"""Reads at the same time: an agent that hangs never holds more threads."""

_OPENER = build_opener(ProxyHandler({}))  # the agent is on this machine, whatever proxy the environment names


def decider(
    application: str, environment: str, profile: str, *, flag: str = "{function}-channel", timeout: float = 0.1
) -> Decider:
    """Let a flag of a profile decide: its attribute `channel` is `canary` or `stable`; off means stable.

    Any other text leaves it to the document. A call waits for the agent for `timeout` seconds; where the agent does not
    answer, or not with a flag, an error is raised: the router then takes stable, and warns. The pseudonym is sent as
    Entity-Id, by which a gradual deployment chooses, and as the context's userId, for the rules of variants.
    """
    port = os.environ.get("AWS_APPCONFIG_EXTENSION_HTTP_PORT", "2772")
    path = "/".join(["applications", quote(application, ""), "environments", quote(environment, "")])
    url = f"http://localhost:{port}/{path}/configurations/{quote(profile, '')}?flag="
    pool = ThreadPoolExecutor(READS, "tidegate-appconfig")

    def read(name: str, key: str) -> Any:
        asked = Request(url + quote(name, ""), headers={"Entity-Id": key, "Context": f"userId={key}"})  # noqa: S310 - http, above
        with _OPENER.open(asked, timeout=timeout) as answer:
            return json.loads(answer.read(LONGEST))

    def decide(function: str, key: str) -> str:
        found = pool.submit(read, flag.format(function=function), key)
        try:
            value = found.result(timeout)
        finally:
            found.cancel()
        return str(value["channel"]) if value["enabled"] else STABLE

    return decide
