"""What a test began ends with it: what is left would hold an alias, be listed, or be recovered in another test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.workflow.world import World

WORLD = pytest.StashKey["World"]()
"""Of the session, once it has been deployed."""
IN_FLIGHT = 1.0
"""Seconds after which what a stopped execution had called has been answered."""


@contextmanager
def releases_end(session: pytest.Session) -> Iterator[None]:
    """Stop what runs of all that was begun within, and free the locks; `World.next_name` begins a release, too."""
    world = session.stash.get(WORLD, None)
    before = len(world.begun) if world else 0
    yield
    world = session.stash.get(WORLD, None)
    if world and (begun := set(world.begun[before:])):
        _stop(world, begun)
        _unlock(world, begun)


def _stop(world: "World", begun: set[str]) -> None:
    running = [arn for name, arn in list(world.running.items()) if name in begun]
    for arn in running:
        world.cloud.client("stepfunctions").stop_execution(executionArn=arn, cause="its test is over")
    if running:
        world.cloud.clock.sleep(IN_FLIGHT)


def _unlock(world: "World", begun: set[str]) -> None:
    for lock in world.ledger("locks"):
        if lock["release"] in begun:
            world.cloud.client("dynamodb").delete_item(
                TableName=world.stack.outputs["LedgerTable"],
                Key={"pk": {"S": lock["pk"]}, "sk": {"S": lock["sk"]}},
            )
