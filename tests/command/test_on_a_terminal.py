"""Every command on a pseudo-terminal: what it says there, in colours where it has any."""

import re

import pytest

from tests.command.calling import Called, call, on_a_terminal, plain
from tests.workflow.targets import Target
from tests.workflow.world import World

SLOWLY = ("--strategy", "canary-10-90m")
GREEN, RED = "\x1b[32m", "\x1b[31m"


def said(done: Called, code: int = 0) -> str:
    assert done.code == code, done.out
    assert "Traceback" not in done.out
    return plain(done.out)


@pytest.fixture(scope="module")
def target(world: World) -> Target:
    return world.target().evidence()


@pytest.fixture(scope="module")
def running(world: World, target: Target) -> str:
    """Name a release of the target, which has its first traffic."""
    started = said(on_a_terminal(world, "release", target.name, *SLOWLY, "--until", "shifted"))
    assert "10 % on the new version" in started
    assert started.splitlines()[-1].split()[:2] == ["started", target.name]
    return started.split()[-1]


def test_what_only_looks_says_there_what_it_says_elsewhere(world: World, target: Target, running: str) -> None:
    """Counts go on meanwhile."""
    for arguments in (["history", target.name], ["doctor", target.name], ["plan", target.name], ["freezes"]):
        there, elsewhere = on_a_terminal(world, *arguments, NO_COLOR="1"), call(world, *arguments)
        assert _numberless(said(there, elsewhere.code)) == _numberless(elsewhere.err + elsewhere.out), arguments
    assert running in said(on_a_terminal(world, "status", target.name))
    assert f"### ● {target.full_name}: running" in said(on_a_terminal(world, "report", running, "--markdown"))


def _numberless(text: str) -> str:
    """Give the words: a terminal breaks long lines between them."""
    return " ".join(re.sub(r"\d+", "N", text).split())


def test_colours_say_there_what_is_well_and_what_is_not(world: World, target: Target) -> None:
    assert GREEN in on_a_terminal(world, "doctor", target.name).out
    assert RED in on_a_terminal(world, "doctor", "shop-none").out
    assert "\x1b" not in on_a_terminal(world, "doctor", "shop-none", "--color", "never").out


def test_what_people_decide_is_answered_there(world: World, running: str) -> None:
    assert "is held by ana" in said(on_a_terminal(world, "hold", running, USER="ana"))
    assert "there is no step at 4 %" in said(on_a_terminal(world, "promote", running, "--to", "4", USER="ana"), code=6)
    until = world.time(3600).partition(".")[0] + "Z"
    frozen = said(on_a_terminal(world, "freeze", "shop-none", "--reason", "a sale", "--until", until, USER="ana"))
    assert frozen == f"shop-none is frozen until {until} (a sale), by ana\n"
    assert said(on_a_terminal(world, "thaw", "shop-none", USER="ana")).startswith("shop-none was thawed by ana")


def test_of_several_releases_it_asks_which_one(world: World, running: str) -> None:
    other = world.target().evidence()
    call(world, "release", other.name, *SLOWLY, "--until", "shifted")
    shown = on_a_terminal(world, "watch", "--timeout", "0.1s", typed="1\n")
    listed = re.findall(r"^(\d+)  (\S+)$", plain(shown.out), re.MULTILINE)
    assert running in {name for _, name in listed}
    assert "Which one" in shown.out
    assert shown.code in {0, 3, 5, 7}, "the first one goes on, is held or is over: another test may have started it"
    assert said(shown, shown.code).split()[-1] == listed[0][1]
