"""Releases that route users: a second alias carries the canary, a document says who is sent there."""

import re
from typing import Any

import pytest

from tests.workflow.callers import GROUP, log_users
from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import TWO_STEPS, Start, World
from tidegate_route import Document, Router

CARRIER = "live-canary"
ROUTING = {"mode": "users", "log_groups": [GROUP]}
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
    target, name = world.target().evidence(canary_alias=CARRIER), world.next_name()
    log_users(world, name, target.name, 10, seen=12_800, failing=(2, 15))
    return world.release(target, name=name, strategy=TWO_STEPS, routing=ROUTING)


def failing_some_users(world: World) -> Release:
    """Call it so rarely that calls alone would prove nothing."""
    target = world.target().evidence(canary_alias=CARRIER, canary_calls=8, canary_failing=0.25)
    name = world.next_name()
    log_users(world, name, target.name, 10, seen=12_800, failing=(30, 15))
    return world.release(target, name=name, strategy=TWO_STEPS, routing=ROUTING)


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    return world.start_all(good, failing_some_users)


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


def test_a_version_that_fails_some_of_the_users_is_rolled_back(started: dict[Start, Release], world: World) -> None:
    release = started[failing_some_users].wait()
    target = release.target
    assert release.status == "FAILED"
    assert re.search(r"10 % on 2: \d+ of about \d+ users failed, 1: \d+ of about \d+; fail", release.cause)
    assert "By calls, which do not decide: errors: " in release.cause
    assert (target.writes, carrier(target).writes[-1]) == ([("1", {})], ("1", {}))
    assert (sent(world, target), document(world, target)["percent"]) == (set(), 0)
