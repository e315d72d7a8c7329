"""`tidegate release` while another release is under way, of the same code or of other code."""

from concurrent.futures import ThreadPoolExecutor

from tests.command.calling import call
from tests.workflow.releases import eventually
from tests.workflow.world import FUNCTIONS, World

ONE_STEP = ("--steps", "10", "--every", "1m")
SLOWLY = ("--strategy", "canary-10-600m")
AFTER_THE_LONGEST_STEP = 200


def test_while_it_runs_the_same_code_is_attached_to_and_other_code_refused(world: World) -> None:
    target = world.target()
    first = call(world, "release", target.name, *SLOWLY, "--no-wait", "--name", "a")
    assert (first.code, first.result[0], first.result[3]) == (0, "started", "-")
    name = first.result[-1]
    attached = call(world, "release", target.name, "--name", "b", "--until", "shifted")
    assert (attached.code, attached.result[-1]) == (0, name)
    status = call(world, "status", target.name)
    assert f"version 1 with 10 % on 2  release {name}" in status.out
    in_a_hurry = call(world, "release", target.name, "--emergency", "now")
    assert (in_a_hurry.code, "--on-conflict supersede" in in_a_hurry.err) == (6, True)
    world.cloud.update_code(target.name, FUNCTIONS / "marked")
    refused = call(world, "release", target.name)
    assert (refused.code, refused.out) == (6, "")
    assert f"has been locked by release {name}" in refused.err
    planned = call(world, "plan", target.name)
    assert (planned.code, name in planned.err) == (6, True)
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(
            call, world, "release", target.name, *ONE_STEP, "--wait-for-lock", "60s", "--until", "shifted"
        )
        assert call(world, "abort", name, "--reason", "the next one is ready", "--by", "a test").code == 0
        waiting = waits.result()
    assert waiting.code == 0
    assert waiting.result[-1] != name


def test_a_release_takes_the_place_of_one_that_is_told_so(world: World) -> None:
    target = world.target()
    first = ("release", target.name, "--version", target.publish(), *SLOWLY, "--name", "first-job")
    name = call(world, *first, "--until", "shifted").result[-1]
    world.cloud.update_code(target.name, FUNCTIONS / "marked")
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(call, world, "watch", name)
        after = call(world, "release", target.name, "--strategy", "all-at-once", "--on-conflict", "supersede")
        watched = watching.result()
    assert (after.code, after.result[:4]) == (0, ["released", target.name, "live", "3"])
    assert (watched.code, watched.result[:3]) == (3, ["superseded", target.name, "live"])
    again = call(world, *first)  # a late look tells what serves by now
    assert (again.code, again.result) == (3, ["superseded", target.name, "live", "3", name])
    assert target.state == ("3", {})


def test_an_aborted_release_is_watched_until_recover_has_restored_it(world: World) -> None:
    target = world.target()
    job = ("release", target.name, *SLOWLY, "--name", "the-job")
    name = call(world, *job, "--until", "shifted").result[-1]
    client = world.cloud.client("stepfunctions")
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(call, world, "watch", name)
        client.stop_execution(executionArn=world.execution(name))
        eventually(lambda: client.describe_execution(executionArn=world.execution(name))["status"] == "ABORTED", "end")
        not_yet = call(world, *job, "--timeout", "0.1s")
        world.recover()
        watched = watching.result()
    assert (not_yet.code, not_yet.result[0], not_yet.result[-1]) == (5, "unknown", name)
    again = call(world, *job)
    assert (again.code, again.result) == (watched.code, watched.result)
    assert (watched.code, watched.result[:4]) == (3, ["rolled-back", target.name, "live", "1"])
    assert "recovered" in watched.told
    world.recover(later=AFTER_THE_LONGEST_STEP)


def test_two_jobs_that_release_the_same_code_at_once_make_one_release(world: World) -> None:
    target = world.target().evidence()
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(call, world, "release", target.name, *ONE_STEP, "--name", f"job-{number}") for number in (1, 2)
        ]
    done = [each.result() for each in calls]
    assert [each.code for each in done] == [0, 0], done
    assert target.versions == ["1", "2"]
    assert target.writes == [("1", {"2": 0.1}), ("2", {})]
