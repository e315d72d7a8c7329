"""`tidegate verify` in a process of its own: it asks, writes what it saw, and leaves nothing behind."""

import json
import signal
from pathlib import Path

from tests.command.calling import call, calling
from tests.workflow.releases import eventually
from tests.workflow.world import World
from tidegate_cli.verify.ground import PREFIX, TAG

AT_ONCE = "from tidegate_cli.verify import ground; ground.PASS_SECONDS = 0.0; "
OTHERWISE = (
    "from tidegate_cli.verify import checks; rows = checks.load(); row = rows['alias-weight']; "
    "rows['alias-weight'] = row._replace(look=lambda ground: checks.Seen(False, '0.12')); "
)


def left(world: World) -> list[str]:
    """Name the functions and roles that are still there."""
    functions = [each["FunctionName"] for each in world.cloud.client("lambda").list_functions()["Functions"]]
    roles = [each["RoleName"] for each in world.cloud.client("iam").list_roles()["Roles"]]
    return [name for name in (*functions, *roles) if name.startswith(PREFIX)]


def test_one_row_is_checked_written_down_and_cleaned_up(world: World, tmp_path: Path) -> None:
    output = tmp_path / "seen"
    done = call(world, "verify", "--yes", "--only", "alias-weight", "--output", str(output), first=AT_ONCE)
    assert (done.code, done.out.split()) == (0, ["ok", "alias-weight", "0.123456"])
    assert "Rows to check in us-east-1: 1" in done.err
    assert "$0.10" in done.err
    (result,) = json.loads((tmp_path / "seen.json").read_text())["results"]
    assert (result["id"], result["result"]) == ("alias-weight", "ok")
    assert "| `alias-weight` |" in (tmp_path / "seen.md").read_text()
    assert left(world) == []


def test_a_row_that_differs_makes_the_exit_code_1(world: World, tmp_path: Path) -> None:
    only = ("--yes", "--json", "--only", "alias-weight", "--output", str(tmp_path / "seen"))
    done = call(world, "verify", *only, first=OTHERWISE)
    assert (done.code, done.documents[1]["result"], done.documents[1]["seen"]) == (1, "differs", "0.12")


def test_it_asks_before_it_begins(world: World) -> None:
    done = call(world, "verify", first=AT_ONCE)
    assert (done.code, done.out) == (6, "")
    assert "tidegate verify --yes" in done.err
    assert left(world) == []


def test_a_row_that_is_not_there_is_a_wrong_call(world: World) -> None:
    done = call(world, "verify", "--yes", "--only", "gravity")
    assert (done.code, "there is no row gravity" in done.err) == (2, True)


def test_what_was_made_is_removed_when_it_is_interrupted(world: World, tmp_path: Path) -> None:
    output = ("--output", str(tmp_path / "seen"))
    with calling(world, "verify", "--yes", "--only", "metric-lag", *output, first=AT_ONCE) as process:
        eventually(lambda: len(left(world)) > 1, "its functions")
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert process.returncode == 130
    assert left(world) == []


def test_leftovers_of_a_run_that_was_killed_are_found(world: World) -> None:
    world.cloud.client("logs").create_log_group(logGroupName=f"/aws/lambda/{PREFIX}killed-plain", tags={TAG: "killed"})
    done = call(world, "verify", "--clean")
    assert (done.code, done.out.split()) == (0, ["removed", "log", "group", f"/aws/lambda/{PREFIX}killed-plain"])
    assert call(world, "verify", "--clean").out == ""
