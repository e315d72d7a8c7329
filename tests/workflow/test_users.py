"""Releases that route users: a second alias carries the canary, a document says who is sent there."""

import re
from typing import Any

import pytest

from localcloud.traffic import Traffic
from tests.workflow.callers import CARRIER, carrier, log_users, log_versions
from tests.workflow.people import accepted
from tests.workflow.releases import Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import TWO_STEPS, Start, World
from tidegate.domain.ledger_items import ReleaseItems
from tidegate_route import Router

TESTER = "c733865ee7d0b49a"
USERS = [f"user-{number}" for number in range(200)]
HOUR_LONG: dict[str, Any] = {"steps": [{"weight": 50, "bake": "1h"}]}
OLD: tuple[str, dict[str, float]] = ("1", {})
NEW: tuple[str, dict[str, float]] = ("2", {})


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
    logs = log_users(world, name, target.name, 10, seen=12_800, failing=(2, 15))
    return world.release(
        target, name=name, strategy=TWO_STEPS, routing={"mode": "users", "log_groups": [logs], "always": [TESTER]}
    )


def failing_some_users(world: World) -> Release:
    """Call it so rarely that calls alone would prove nothing."""
    target = world.target().evidence(canary_alias=CARRIER, canary_calls=8, canary_failing=0.25)
    name = world.next_name()
    logs = log_users(world, name, target.name, 10, seen=12_800, failing=(100, 15))
    return world.release(target, name=name, strategy=TWO_STEPS, routing={"mode": "users", "log_groups": [logs]})


def rolled_back(world: World) -> Release:
    first, second = world.target(), world.target()
    request = {
        "targets": [{"function": first.name, "calls": [second.name]}, {"function": second.name}],
        "strategy": HOUR_LONG,
        "routing": {"mode": "users", "cohort": "shop", "log_groups": [f"/shop/{first.name}"]},
    }
    return world.start(request, (first, second))


def aborted(world: World) -> Release:
    return world.release(world.target(), strategy=HOUR_LONG, routing="users")


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    return world.start_all(good, failing_some_users, rolled_back, aborted)


def test_a_good_version_is_released_to_more_and_more_users(started: dict[Start, Release], world: World) -> None:
    release = started[good].wait()
    assert release.status == "SUCCEEDED", release.cause
    target = release.target
    assert (target.writes, carrier(target).writes) == ([NEW], [NEW, NEW])
    shown = [result["summary"] for result in release.results("Shift traffic")]
    assert shown == [f"{share} % of the users on the new version of {target.full_name}" for share in (10, 50)]
    last = document(world, target)
    assert (last["percent"], last["always"], last["salt"], last["canary"]) == (0, [], release.name, CARRIER)
    assert sent(world, target) == set()


def test_a_version_that_fails_some_of_the_users_is_rolled_back(started: dict[Start, Release], world: World) -> None:
    release = started[failing_some_users].wait()
    target = release.target
    assert release.status == "FAILED"
    assert re.search(r"(10|50) % on 2: \d+ of about \d+ users failed, 1: \d+ of about \d+; fail", release.cause)
    assert "By calls, which do not decide: errors: " in release.cause
    assert (target.writes, carrier(target).writes[-1]) == ([OLD], OLD)
    assert (sent(world, target), document(world, target)["percent"]) == (set(), 0)


def test_users_stay_in_and_a_roll_back_reaches_all_whatever_they_have_cached(
    started: dict[Start, Release], world: World
) -> None:
    release = started[rolled_back].reach("Bake")
    first, second = release.targets
    assert document(world, first)["salt"] == document(world, second)["salt"] == "cohort:shop"
    users = sent(world, first)
    assert 60 < len(users) < 140
    assert sent(world, second) == users, "a user meets both new versions, or none"
    log_versions(world, release.name, f"/shop/{first.name}", (first, second), {"1": {"1": 90, "2": 4}, "2": {"2": 106}})
    edge = f"{first.full_name} → {second.full_name}"
    eventually(
        lambda: list(ReleaseItems(world.ledger(f"release#{release.name}")).users(edge)), "a tick that reads them"
    )
    # A caller that never reads the document again.
    with Traffic(world.cloud.client("lambda"), world.cloud.clock, f"{first.name}:{CARRIER}", per_second=0.5) as stale:
        eventually(lambda: stale.by_version().get("2"), "a call of the canary")
        accepted(world, release, "abort")
        release.wait()
        back = carrier(first).written_at[-1]
        eventually(lambda: len(stale.between(back)) > 3, "calls after the roll back")
    assert set(stale.by_version(back)) == {"1"}
    for target in release.targets:
        assert (target.state, carrier(target).state, document(world, target)["percent"]) == (OLD, OLD, 0)
        assert (world.lock(target), world.lock(carrier(target))) == (None, None)
    rows = ReleaseItems(world.ledger(f"release#{release.name}")).users(edge)
    assert [[int(calls) for calls in row[1:]] for row in rows] == [[90, 4, 0, 106]], "who met whom, for the report"


def test_an_aborted_execution_leaves_nobody_on_the_canary(started: dict[Start, Release], world: World) -> None:
    release = started[aborted].reach("Bake")
    target = release.target
    assert (target.state, carrier(target).state, document(world, target)["percent"]) == (OLD, NEW, 50)
    with world.recovering():
        release.stop()
        world.unlocked(target)
        world.unlocked(carrier(target))
    assert (target.state, carrier(target).state, document(world, target)["percent"]) == (OLD, OLD, 0)
    assert (world.record(release) or {})["ended"] == "recovered"
