"""The users of a release in the ledger: added by each tick, never overwritten, in items that DynamoDB takes."""

import json
from collections.abc import Iterator

import pytest

from tests.builders import NOON, a_plan, a_shift
from tests.fakes.ledger import Ledger, ledger
from tidegate.aws.ledger import known_users
from tidegate.aws.ledger.records import RUNNING, Release
from tidegate.domain.analysis.user_lines import UserLine
from tidegate.domain.analysis.users import Row, Users

RELEASE = Release("a-1", "arn", RUNNING, NOON, {}, a_plan(), (a_shift(NOON, 10),))
TICK = NOON + 150


@pytest.fixture(autouse=True)
def table() -> Iterator[Ledger]:
    with ledger() as ours:
        yield ours


def rows(*users: int, minute: int = 0) -> list[Row]:
    at = NOON + 60 * minute
    return Users().add(UserLine(at, "orders", f"{user:016x}", 10.0, on_canary=False, failed=True) for user in users)


def keep(now: int, found: dict[str, list[Row]]) -> None:
    known_users.keep(RELEASE, now, known_users.kept(RELEASE, now), found, {"/aws/lambda/web": now})


def failing(function: str = "orders") -> set[int]:
    kept = known_users.kept(RELEASE, TICK)
    return {int(each.user, 16) for each in Users(kept.found.users(function)).failures()}


def test_a_tick_adds_its_users_to_those_of_earlier_ticks() -> None:
    keep(TICK, {"orders": rows(1, 2), "billing": rows(9)})
    keep(TICK + 60, {"orders": rows(3, minute=1)})
    assert (failing(), failing("billing"), failing("web")) == ({1, 2, 3}, {9}, set())
    assert known_users.kept(RELEASE, TICK).go_on == {"/aws/lambda/web": TICK + 60}


def test_a_repeated_tick_loses_nothing_of_its_earlier_try() -> None:
    keep(TICK, {"orders": rows(1, 2)})
    keep(TICK, {"orders": rows(3)})
    keep(TICK, {})
    assert failing() == {1, 2, 3}


def test_users_of_an_earlier_release_of_this_name_do_not_count() -> None:
    keep(NOON - 600, {"orders": rows(1)})
    assert failing() == set()
    assert known_users.kept(RELEASE, TICK).go_on == {}


def test_many_rows_of_few_users_are_divided_by_what_they_take(table: Ledger) -> None:
    """A row with one user is five times as long as the user."""
    found = {"orders": [row for number in range(9_000) for row in rows(number, minute=number)]}
    keep(TICK, found)
    assert not [item for item in table.values() if "left_out" in item]
    assert len(failing()) == 9_000


def test_many_users_are_divided_into_items_that_fit(table: Ledger) -> None:
    found = {f"function-{number}": rows(*range(number * 16_000, (number + 1) * 16_000)) for number in range(5)}
    keep(TICK, found)
    assert max(len(json.dumps(item)) for item in table.values()) < 300_000
    assert sum(len(failing(name)) for name in found) == 80_000
