"""Releases that route users: a second alias carries the canary, a document says who is sent there."""

from typing import Any

import pytest

from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import TWO_STEPS, Start, World
from tidegate_route import Document, Router

CARRIER = "live-canary"
USERS = [f"user-{number}" for number in range(200)]


def carrier(target: Target) -> Target:
    """Give the alias that carries the canary of a target."""
    return Target(target.cloud, target.name, CARRIER, target.written)


def document(world: World, target: Target) -> dict[str, Any]:
    (found,) = world.ledger(f"route#{target.name}")
    return found


def sent(world: World, target: Target) -> set[str]:
    """Give the users whom callers with the library send to the canary now."""
    router = Router(lambda function: document(world, target), timeout=60)
    found = set()
    for user in USERS:
        with router.serving(user):
            if router.qualifier(target.name) == CARRIER:
                found.add(user)
    return found


def good(world: World) -> Release:
    target = world.target().evidence(canary_alias=CARRIER)
    return world.release(target, strategy=TWO_STEPS, routing="users")


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    return world.start_all(good)


def test_a_good_version_is_released_to_more_and_more_users(started: dict[Start, Release], world: World) -> None:
    release = started[good].reach("Compare versions")
    target = release.target
    first = sent(world, target)
    assert document(world, target)["salt"] == release.name
    release.reach("Shift traffic", 2).reach("Compare versions", 3)
    second = sent(world, target)
    assert 0 < len(first) < len(second) < len(USERS)
    assert first < second, "a user who is in stays in"
    release.wait()
    assert release.status == "SUCCEEDED", release.cause
    assert (target.writes, carrier(target).writes) == ([("2", {})], [("2", {}), ("2", {})])
    assert (sent(world, target), document(world, target)["percent"]) == (set(), 0)
    assert Document.parse(document(world, target)).canary == CARRIER
