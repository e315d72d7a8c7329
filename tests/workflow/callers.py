"""What callers with the library log of the users of a release, made up in advance as `Target.evidence` is."""

import json
from collections.abc import Iterator
from itertools import islice

from tests.workflow.targets import MINUTE
from tests.workflow.world import World
from tidegate.domain.analysis.user_lines import SAMPLE, position

GROUP = "/shop/web"
STREAM = "2026/01/01/[1]0a"


def log_users(
    world: World, release: str, function: str, percent: float, *, seen: int, failing: tuple[int, int]
) -> None:
    """Let about so many users be seen in the first minutes from now on; `failing` are those on canary and on stable.

    Their channels are those of their positions.
    """
    fields = {"release": release, "function": function, "percent": percent}
    events = [
        {**fields, "user": user, "channel": channel, "failed": True}
        for channel, count in zip(("canary", "stable"), failing, strict=True)
        for user in islice(_users(release, percent, channel=channel), count)
    ]
    for number in range(seen // SAMPLE):
        user = f"{number:014x}00"
        channel = "canary" if position(release, user) < percent * 100 else "stable"
        events.append({**fields, "user": user, "channel": channel, "failed": False})
    _put(world, [json.dumps({"tidegate": each}) for each in events])


def _users(release: str, percent: float, *, channel: str) -> Iterator[str]:
    """Give users on a channel, none of whom is in the sample."""
    for number in range(1, 10**6):
        user = f"{number:014x}01"
        if (position(release, user) < percent * 100) == (channel == "canary"):
            yield user


def _put(world: World, messages: list[str]) -> None:
    """Spread them over five minutes from now on."""
    logs = world.cloud.client("logs")
    begins, between = world.cloud.clock.time(), 5 * MINUTE / len(messages)
    events = [
        {"timestamp": int((begins + number * between) * 1000), "message": message}
        for number, message in enumerate(messages)
    ]
    if not logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
        logs.create_log_group(logGroupName=GROUP)
        logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=events)
