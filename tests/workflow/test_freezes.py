"""Freezes: new releases are refused, running ones held; what fails is still rolled back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from localcloud.faults import Effect, Fault
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.targets import Target
from tests.workflow.world import ONE_STEP, World
from tidegate_cli.main import main

WHOLE: tuple[str, dict[str, float]] = ("1", {})
SPLIT = ("1", {"2": 0.1})
HOUR = 3600
LONG = {"steps": [{"weight": 10, "bake": "3m"}]}


@pytest.fixture(autouse=True)
def _thawed(world: World) -> Iterator[None]:
    """Leave no freeze behind: other releases of this cloud would be held."""
    yield
    for freeze in world.call("Freeze", {"list": True})["freezes"]:
        world.call("Freeze", {"thaw": freeze["pattern"], "by": "a test"})


def _freeze(world: World, target: Target, later: float = HOUR) -> str:
    """Freeze the function of a target alone; give the end."""
    until = world.time(later).partition(".")[0] + "Z"
    order = {"freeze": target.name, "reason": "Black Friday", "until": until, "by": "ana"}
    assert world.call("Freeze", order)["summary"] == f"{target.name} is frozen until {until} (Black Friday), by ana"
    return until


def _thaw(world: World, target: Target) -> None:
    assert world.call("Freeze", {"thaw": target.name, "by": "ana"})["summary"] == f"{target.name} was thawed by ana"


def _held(release: Release, until: str) -> str:
    """Wait until a tick has found the freeze; give its summary."""
    words = f"; held: frozen until {until} (Black Friday)"
    found: list[str] = eventually(
        lambda: [s for s in release.summaries if s.endswith(words)], f"{words} {release.name}"
    )
    return found[0]


def _deadline(world: World, release: Release) -> tuple[int, list[Any]]:
    record = world.record(release) or {}
    return int(record["plan"]["deadline"]), record.get("pauses", [])


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_new_release_of_a_frozen_function_is_refused_with_the_reason_the_end_and_the_way_out(
    dry_run: bool, world: World
) -> None:
    target = world.target()
    until = _freeze(world, target)
    release = world.release(target, dry_run=dry_run).wait()
    assert (release.error, release.states) == ("Frozen", ["Plan", "Refused"])
    for word in (target.name, until, "Black Friday", "by ana", f"tidegate thaw '{target.name}'"):
        assert word in release.cause
    assert (target.writes, target.versions, world.lock(target)) == ([], ["1"], None)


def test_another_function_is_released_meanwhile(world: World) -> None:
    frozen, other = world.target(), world.target().evidence()
    _freeze(world, frozen)
    assert world.release(other).wait().status == "SUCCEEDED"
    together = world.release(frozen, other).wait()
    assert (together.error, other.state) == ("Frozen", ("2", {}))


def test_a_running_release_is_held_and_goes_on_when_it_is_thawed(world: World) -> None:
    target = world.target().evidence()
    release = world.release(target, strategy=LONG).reach("Bake")
    until = _freeze(world, target)
    _held(release, until)
    deadline, pauses = _deadline(world, release)
    ticks = len(release.summaries)
    release.reach("Bake", times=ticks + 4)
    assert target.state == SPLIT, "its bake is over, and it passed"
    assert "; pass; held" in release.summaries[-1]
    _thaw(world, target)
    assert release.wait().status == "SUCCEEDED", release.cause
    assert target.writes == [SPLIT, ("2", {})]
    assert (len(pauses), deadline) == (1, _deadline(world, release)[0])
    (pause,) = _deadline(world, release)[1]
    assert 3 * 60 <= pause["until"] - pause["began"] < HOUR, "it ends with the tick that found it thawed"


def test_a_held_release_whose_version_fails_is_rolled_back_under_the_freeze(world: World) -> None:
    target = world.target()
    release = world.release(target, strategy=LONG).reach("Bake")
    until = _freeze(world, target)
    _held(release, until)
    target.evidence(canary_failing=0.3)
    release.wait()
    assert (release.error, target.state) == ("VersionFailed", WHOLE)
    assert world.lock(target) is None


def test_recover_leaves_a_held_release_its_lengthened_deadline_and_stops_it_after_that(world: World) -> None:
    target = world.target()
    release = world.release(target, strategy=LONG, analysis={"on_inconclusive": "promote"}).reach("Bake")
    _held(release, _freeze(world, target, later=20 * HOUR))
    deadline, (pause,) = _deadline(world, release)
    left = deadline - world.cloud.clock.time()
    assert left < 3 * HOUR
    assert world.recover(later=left + HOUR) == {"recovered": []}
    assert (release.status, target.state) == ("RUNNING", SPLIT)
    world.recover(later=left + float(pause["until"] - pause["began"]) + HOUR)
    release.wait()
    assert (release.status, release.error, target.state) == ("ABORTED", "DeadlinePassed", WHOLE)


@pytest.mark.parametrize(
    ("strategy", "state", "action", "role"),
    [
        (ONE_STEP, "Shift traffic", "GetAlias", "PlanFunction"),
        ("all-at-once", "Finish", "GetAlias", "PlanFunction"),
    ],
)
def test_a_release_that_a_freeze_overtakes_before_it_has_shifted_anything_is_not_started(
    strategy: Any, state: str, action: str, role: str, world: World
) -> None:
    """Plan has looked for freezes; it then waits long enough for one to come."""
    target = world.target()
    held = world.cloud.faults.add(Fault("lambda", action, Effect.HOLD, role=role, resource=target.name))
    release = world.release(target, strategy=strategy)
    assert held.waiting.wait(PATIENCE)
    _freeze(world, target)
    held.release()
    release.wait()
    assert state in release.states
    assert (release.error, target.state) == ("Frozen", WHOLE)
    assert {str(write) for write in target.writes} == {str(WHOLE)}, "the roll back writes what was there"
    remembered = {item["sk"] for item in world.ledger(f"alias#{target.full_name}")}
    assert remembered <= {"probed#2"}, "the version is not held to have failed"


def test_a_release_that_has_begun_to_shift_is_restored_under_a_freeze(world: World) -> None:
    target = world.target()
    release = world.release(target, strategy=LONG).reach("Bake")
    _held(release, _freeze(world, target))
    release.stop()
    world.recover()
    assert target.state == WHOLE
    world.recover(later=200)
    assert world.lock(target) is None


def test_freezing_again_changes_the_reason_and_the_end_and_thawing_twice_does_no_harm(world: World) -> None:
    target = world.target()
    _freeze(world, target)
    until = _freeze(world, target, later=2 * HOUR)
    (freeze,) = world.call("Freeze", {"list": True})["freezes"]
    assert (freeze["pattern"], freeze["until"], freeze["reason"]) == (target.name, until, "Black Friday")
    (item,) = world.ledger("freezes")
    assert item["ttl"] == item["until"]
    _thaw(world, target)
    answer = world.call("Freeze", {"thaw": target.name, "by": "ana"})
    assert answer == {"summary": f"{target.name} was not frozen", "freezes": []}


def _run(monkeypatch: pytest.MonkeyPatch, world: World, *arguments: str) -> Result:
    """Run the command as on a machine of its own, with a client that knows the endpoint alone."""
    variables = {"AWS_ENDPOINT_URL": world.cloud.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "USER": "ana"}
    for name, value in {**variables, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(main, arguments)


def test_the_command_freezes_lists_and_thaws(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    target, until = world.target(), world.time(HOUR).partition(".")[0] + "Z"
    done = _run(monkeypatch, world, "freeze", target.name, "--reason", "Black Friday", "--until", until)
    assert (done.exit_code, done.output) == (0, f"{target.name} is frozen until {until} (Black Friday), by ana\n")
    _run(monkeypatch, world, "freeze", "*", "--reason", "Also", "--until", until, "--by", "bob")
    listed = _run(monkeypatch, world, "freezes").output.splitlines()
    assert listed[0].startswith(f"* until {until}: Also (by bob, ")
    assert listed[1].startswith(f"{target.name} until {until}: Black Friday (by ana, ")
    thawed = _run(monkeypatch, world, "thaw", target.name).output.splitlines()
    assert thawed[0] == f"{target.name} was thawed by ana"
    assert thawed[1].startswith(f"still frozen: * until {until}")
    _, line = _run(monkeypatch, world, "freezes", "--json").output.splitlines()
    assert json.loads(line)["pattern"] == "*"
    _, line = _run(monkeypatch, world, "thaw", "*", "--json").output.splitlines()
    assert json.loads(line)["freezes"] == []
    assert _run(monkeypatch, world, "freezes").output == "no function is frozen\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["freeze", "*", "--reason", "r", "--until", "never"], 2, "'never' is not a time"),
        (["freeze", "*", "--reason", "r"], 2, "Missing option '--until'"),
        (["freezes", "--stack", "elsewhere"], 1, "elsewhere"),
    ],
)
def test_the_command_says_on_stderr_what_is_wrong(
    arguments: list[str], code: int, words: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = _run(monkeypatch, world, *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr


def test_what_cannot_be_read_is_refused_and_nothing_is_frozen(world: World) -> None:
    answer = world.call("Freeze", {"freeze": "shop-*", "until": "2026-12-01T08:00:00"})
    assert answer["errorType"] == "InvalidRequest"
    assert "reason: is missing" in answer["errorMessage"]
    assert world.ledger("freezes") == []
