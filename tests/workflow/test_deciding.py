"""`tidegate hold`, `promote` and `abort` against a cloud, from outside."""

import json
import re
from collections.abc import Callable
from functools import partial

import pytest
from click.testing import CliRunner, Result

from tests.workflow.people import accepted, baking, held_for
from tests.workflow.releases import Release, eventually
from tests.workflow.world import World
from tidegate_cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give the command as on a machine of its own, with a client that knows the endpoint alone."""
    variables = {"AWS_ENDPOINT_URL": world.cloud.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "USER": "ana"}
    for name, value in {**variables, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def _aborted(run: Run, release: Release) -> bool:
    return run("abort", release.name, "--reason", "enough").exit_code == 0


def test_the_command_holds_promotes_and_aborts_the_release_that_is_running(world: World, run: Run) -> None:
    release = baking(world)
    held = run("hold")
    assert held.exit_code == 0
    assert held.stdout.startswith(f"{release.name} is held by ana. It stops shifting ")
    # The look may have come between the two.
    again = run("hold", release.name)
    assert re.match(r"Already held by ana( at \S+Z\. It stops shifting|, until \S+Z at most\.$)", again.stdout), again
    held_for(release, "held: held by ana")
    other = baking(world)
    several = run("promote")
    assert (several.exit_code, several.stderr) == (
        6,
        f"Error: 2 releases are running; name one: {', '.join(sorted([release.name, other.name]))}\n",
    )
    _, line = run("promote", other.name, "--to", "50", "--json").stdout.splitlines()
    told = json.loads(line)
    assert (told["accepted"], told["to"]) == (True, 50)
    assert run("abort").exit_code == 2, "it wants a reason"
    for each in (release, other):
        eventually(partial(_aborted, run, each), "taken", every=20)
        assert each.wait().error == "Aborted"
    late = run("abort", release.name, "--reason", "enough")
    assert late.exit_code == 6
    assert late.stderr.startswith(f"Error: Too late: release {release.name} is over (rolled-back).")
    assert (run("hold").exit_code, run("hold").stderr) == (6, "Error: No release is running.\n")


def test_promoting_to_a_weight_that_is_none_says_which_there_are(world: World, run: Run) -> None:
    release = baking(world)
    result = run("promote", release.name, "--to", "60")
    assert (result.exit_code, result.stdout) == (6, "")
    assert "there is no step at 60 %; the weights are 10, 50 and 100, or any weight between 10 and 50" in result.stderr
    accepted(world, release, "abort")
    release.wait()
