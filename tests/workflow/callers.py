"""What callers with the library read and log of the users of a release, made up in advance as `Target.evidence` is."""

import json
from collections.abc import Iterator
from itertools import islice

from boto3.dynamodb.types import TypeSerializer

from tests.workflow.targets import MINUTE, Target
from tests.workflow.world import World
from tidegate.domain.analysis.user_lines import SAMPLE, position

LATER = 50.0
CARRIER = "live-canary"


def carrier(target: Target) -> Target:
    """Give the alias that carries the canary of a target."""
    return Target(target.cloud, target.name, CARRIER, target.written)


def left_by_a_release_to_users(world: World, target: Target) -> None:
    """Leave what such a release leaves behind: the second alias on version 1, and a document that it closed."""
    world.cloud.client("lambda").create_alias(FunctionName=target.name, Name=CARRIER, FunctionVersion="1")
    closed = {"canary": CARRIER, "percent": 0, "closed": True}
    item = {"pk": f"route#{target.name}", "sk": target.alias, **closed}
    world.cloud.client("dynamodb").put_item(
        TableName=world.stack.outputs["LedgerTable"],
        Item={name: TypeSerializer().serialize(value) for name, value in item.items()},
    )


def log_users(world: World, release: str, function: str, percent: float, *, seen: int, failing: tuple[int, int]) -> str:
    """Let about so many users be seen from now on, whenever the release shifts to this percentage or the later one.

    `failing` are on canary and on stable. Each has a line every few minutes, as if written by another process; the
    channels are those of the positions. Return the log group, which only this release has.
    """
    fields = {"release": release, "function": function, "percent": percent}
    calls = [
        {**fields, "user": user, "channel": channel, "failed": True}
        for channel, count in zip(("canary", "stable"), failing, strict=True)
        for user in islice(_users(release, percent, channel=channel), count)
    ]
    sampled = [*((number, percent) for number in range(seen // SAMPLE)), *((number, LATER) for number in range(20))]
    for number, share in sampled:
        user = f"{number:014x}00"
        channel = "canary" if position(release, user) < share * 100 else "stable"
        calls.append({**fields, "user": user, "channel": channel, "percent": share, "failed": False})
    group = f"/shop/{release}"
    _put(world, group, [json.dumps({"tidegate": each}) for each in calls])
    return group


def log_versions(
    world: World, release: str, group: str, edge: tuple[Target, Target], met: dict[str, dict[str, int]]
) -> None:
    """Write now which versions of the second target answered each version of the first."""
    fields = {"release": release, "function": edge[1].name, "caller": edge[0].name}
    lines = [{**fields, "version": version, "met": answered} for version, answered in met.items()]
    events = [
        {"timestamp": int(1000 * world.cloud.clock.time()), "message": json.dumps({"tidegate": each})} for each in lines
    ]
    world.cloud.client("logs").put_log_events(**_stream(world, group), logEvents=events)


def _stream(world: World, group: str) -> dict[str, str]:
    where = {"logGroupName": group, "logStreamName": "2026/01/01/[1]0a"}
    logs = world.cloud.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(**where)
    return where


def _users(release: str, percent: float, *, channel: str) -> Iterator[str]:
    """Give users on a channel, none of whom is in the sample."""
    for number in range(1, 10**6):
        user = f"{number:014x}01"
        if (position(release, user) < percent * 100) == (channel == "canary"):
            yield user


EVERY, MINUTES = 3, 40


def _put(world: World, group: str, messages: list[str]) -> None:
    """Write each of them every three minutes from now on, one after the other."""
    begins, between = world.cloud.clock.time(), EVERY * MINUTE / len(messages)
    events = [
        {"timestamp": int(1000 * (begins + minute * MINUTE + number * between)), "message": message}
        for minute in range(0, MINUTES, EVERY)
        for number, message in enumerate(messages)
    ]
    world.cloud.client("logs").put_log_events(**_stream(world, group), logEvents=events)
