"""Releases of a hundred targets, whose locks do not fit one transaction: all or none, and nobody waits for another."""

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.clock import Pool
from tests.workflow.world import World
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias
from tidegate.aws.ledger import locks, table
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import AwsBusy, LockHeld
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.models import MOST_TARGETS
from tidegate.steps import plan

ROUNDS = 4
FEW = 12
"""Locks that do not fit a transaction of eight: a hundred take long when two releases are at it again and again."""
LAST = "shop-m999"
"""The last lock of the one release, in a transaction of its own, and the first of the other."""


def _overlapping(count: int) -> tuple[list[str], list[str]]:
    """Give the functions of two releases that have one alias in common."""
    one, other = ([f"shop-{letter}{number:03}" for number in range(count - 1)] for letter in "az")
    return [*one, LAST], [LAST, *other]


FIRST_ONE, OTHER_ONE = _overlapping(MOST_TARGETS)


@pytest.fixture(autouse=True)
def ledger(world: World) -> Iterator[None]:
    """Have Plan run here, with the world's ledger, and with functions that are all as they should be."""
    client = world.cloud.client("dynamodb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEDGER_TABLE", world.stack.outputs["LedgerTable"])
        patch.setattr(table, "ledger_client", lambda: client)
        patch.setattr(plan, "inspect", lambda *_, **__: Inspected({}, AliasState("1"), timeouts=(3,)))
        patch.setattr(aliases, "read", lambda function, name: Alias(function, name, AliasState("1"), "revision"))
        patch.setattr(aliases, "REQUESTS_PER_SECOND", 1_000_000)
        yield
    for lock in _locks(world):
        client.delete_item(
            TableName=world.stack.outputs["LedgerTable"], Key={"pk": {"S": lock["pk"]}, "sk": {"S": lock["sk"]}}
        )


def _plan(world: World, functions: list[str]) -> str:
    """Give the release if it got its locks, or nothing if it was refused."""
    name = world.next_name()
    event: dict[str, Any] = world.plan_event_of(functions, name, world.execution(name))
    for attempt in range(5):  # as often as the state machine tries
        try:
            plan.handler({**event, "attempt": attempt}, None)
        except AwsBusy:
            continue
        except LockHeld:
            return ""
        return name
    raise AssertionError(f"{name} was busy all the time")


def _locks(world: World) -> list[dict[str, Any]]:
    """Give the locks of this file's functions: a release of another file may still be on its way to give up its own."""
    ours = {f"{function}:live" for function in (*FIRST_ONE, *OTHER_ONE)}
    return [lock for lock in world.ledger(locks.PARTITION) if lock["sk"] in ours]


def _holders(world: World) -> dict[str, int]:
    found = [lock["release"] for lock in _locks(world)]
    return {name: found.count(name) for name in found}


@pytest.mark.parametrize("orders", [(FIRST_ONE, OTHER_ONE), (OTHER_ONE, FIRST_ONE)])
def test_whoever_comes_second_is_refused_and_holds_nothing(orders: tuple[list[str], list[str]], world: World) -> None:
    first, second = (_plan(world, functions) for functions in orders)
    assert (bool(first), second) == (True, "")
    assert _holders(world) == {first: MOST_TARGETS}


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_at_once_one_gets_all_and_the_other_nothing(
    _round: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "BATCH", 8)
    with Pool(2) as pool:
        taken = list(pool.map(lambda functions: _plan(world, functions), _overlapping(FEW)))
    (winner,) = filter(None, taken)
    assert _holders(world) == {winner: FEW}
