"""LaunchDarkly as a decider: the variation of a flag is the channel.

It needs launchdarkly-server-sdk, which a caller installs who wants it (`tidegate-route[launchdarkly]`).
docs/launchdarkly.md has the times that it takes in Lambda, and which of its modes to choose.
"""

from __future__ import annotations

from ldclient import Context, LDClient

from tidegate_route.document import STABLE
from tidegate_route.router import Decider


def decider(client: LDClient, *, flag: str = "{function}-channel", kind: str = "user") -> Decider:
    """Let a flag decide: its variations are `canary` and `stable`; any other text leaves it to the document.

    A flag that is missing or cannot be evaluated means stable, and so does a client that has no flags yet. The context
    has the pseudonym as its key, so that LaunchDarkly never sees a user's name.
    """

    def decide(function: str, key: str) -> str:
        found = client.variation(flag.format(function=function), Context.create(key, kind), STABLE)
        return found if isinstance(found, str) else STABLE

    return decide
