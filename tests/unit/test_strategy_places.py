"""Every place that lists the names of strategies lists all of them, and no other."""

import json
import re
from collections.abc import Callable

import click
import pytest
import yaml

from tests.reading import ROOT, template
from tidegate.domain.strategy import FORMS, NAMES, strategy_named
from tidegate_cli.main import COMMANDS, main

OURS = [name for name in NAMES if name.islower()]
CODEDEPLOYS = [name for name in NAMES if not name.islower()]
LISTED = re.compile(r"\b(?:guarded|all-at-once|[a-z]+(?:-[a-z0-9]+)*-[0-9.]+-[0-9]+[hms])(?![\w-])")


def field(document: str) -> str:
    """Return the line of the field in the page that is generated from the models."""
    (line,) = re.findall(r"^\| `strategy` \|.*$", (ROOT / document).read_text(), re.MULTILINE)
    return str(line)


def option(command: str) -> str:
    found = main.get_command(click.Context(main), command)
    assert found
    (strategy,) = (each for each in found.params if each.name == "strategy")
    assert isinstance(strategy, click.Option)
    return str(strategy.help)


def in_action() -> str:
    return str(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]["strategy"]["description"])


def in_schema() -> str:
    return str(json.loads((ROOT / "docs/request.schema.json").read_text())["properties"]["strategy"]["description"])


def of_the_stack() -> str:
    (line,) = re.findall(r"^\| `DefaultStrategy` \|.*$", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE)
    return str(line)


LIST_STRATEGIES = ["plan", "release"]
PLACES: dict[str, Callable[[], str]] = {
    "answer to a wrong name": lambda: ", ".join(FORMS),
    "template.yaml": lambda: str(template()["Parameters"]["DefaultStrategy"]["Description"]),
    "docs/deploy.md": of_the_stack,
    "docs/request.schema.json": in_schema,
    "docs/request.md": lambda: field("docs/request.md"),
    "action.yml": in_action,
    **{f"tidegate {name} --help": lambda name=name: option(name) for name in LIST_STRATEGIES},  # type: ignore[misc]
}


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_lists_strategies_lists_them_all(place: str) -> None:
    text = PLACES[place]()
    assert set(LISTED.findall(text)) == set(OURS)
    assert "CodeDeploy" in text


def test_every_command_that_takes_a_strategy_is_looked_at() -> None:
    commands = {name: main.get_command(click.Context(main), name) for name in COMMANDS if name not in {"local", "try"}}
    taking = [name for name, found in commands.items() if found and any(p.name == "strategy" for p in found.params)]
    assert taking == [*LIST_STRATEGIES, "rollback"], "rollback takes what release does, and lists nothing"


def test_the_page_for_those_who_move_has_every_name_of_codedeploy() -> None:
    page = (ROOT / "docs/moving.md").read_text()
    named = set[str]()
    for line in page.splitlines():
        if found := re.match(r"\| `(\w*?)(\d+Minutes?)`", line):
            named |= {found[1] + end for end in re.findall(r"(\d+Minutes?)`", line.split("|")[1])}
        named |= set(re.findall(r"^\| `(AllAtOnce)` \|", line))
    assert "with or without `CodeDeployDefault.Lambda`" in page
    assert {f"{prefix}{name}" for name in named for prefix in ("", "Lambda", "CodeDeployDefault.")} <= set(CODEDEPLOYS)
    assert {name for name in CODEDEPLOYS if "Lambda" not in name and "." not in name} == named


@pytest.mark.parametrize("name", ["guarded", "all-at-once", "canary", "linear", "codedeploy"])
def test_there_is_an_example_of_each(name: str) -> None:
    request = json.loads((ROOT / f"docs/examples/strategy-{name}.json").read_text())
    assert strategy_named(request["strategy"]).name.lower().startswith(name.removeprefix("codedeploy"))
    assert (request["strategy"] in CODEDEPLOYS) == (name == "codedeploy")
