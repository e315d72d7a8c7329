"""The ledger is gone in the middle of a release: what its execution carries makes the aliases whole."""

from localcloud.faults import Effect, Fault, Injected
from tests.workflow.releases import Release
from tests.workflow.targets import Target
from tests.workflow.world import World

WHOLE: tuple[str, dict[str, float]] = ("1", {})
SPLIT = ("1", {"2": 0.1})
AFTER_THE_LONGEST_STEP = 200


def _baking(world: World, *targets: Target) -> Release:
    return world.release(*targets, strategy="canary-10-5m").reach("Bake")


def _gone(world: World, about: str) -> Injected:
    """Have no function find anything of a release in the ledger."""
    return world.cloud.faults.add(Fault("dynamodb", "*", Effect.GONE, role="Function", body=about, times=None))


def test_a_release_whose_ledger_is_gone_rolls_back_by_what_its_execution_carries(world: World) -> None:
    release = _baking(world, world.target(), world.target())
    gone = _gone(world, release.name)
    release.wait()
    world.cloud.faults.remove(gone)
    assert (release.error, release.states[-1]) == ("AwsRefused", "Rolled back")
    assert "The ledger could not be used, so this roll back is not recorded" in release.cause
    assert [target.state for target in release.targets] == [WHOLE, WHOLE]
    for later in (0, AFTER_THE_LONGEST_STEP):
        world.recover(later=later)
    assert [world.lock(target) for target in release.targets] == [None, None]


def test_recover_finds_in_the_execution_what_it_is_told_of_where_the_ledger_is_gone(world: World) -> None:
    release = _baking(world, world.target())
    release.stop()
    release.wait()
    gone = _gone(world, release.name)
    table, key = world.stack.outputs["LedgerTable"], {"pk": {"S": "locks"}, "sk": {"S": release.target.full_name}}
    world.cloud.client("dynamodb").delete_item(TableName=table, Key=key)
    told = world.call("Recover", {"detail": {"name": release.name, "executionArn": release.arn, "status": "ABORTED"}})
    world.cloud.faults.remove(gone)
    assert told == {"recovered": [f"{release.name}: {release.target.full_name} is 100 % on version 1 again"]}
    assert release.target.writes == [SPLIT, WHOLE]
