"""The project file: where it is found, what it may contain, which value wins, where Tidegate is."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.fakes.stack import STACK
from tests.without_aws import without_aws
from tidegate_cli.command import Shared
from tidegate_cli.commands import plan as planning
from tidegate_cli.ending import Ending
from tidegate_cli.main import main
from tidegate_cli.outcome import Outcome
from tidegate_cli.project_file import NAME, find

FILE = """
    stack: gate
    region: eu-west-1
    defaults:
      labels: {team: shop, tier: "2"}
      analysis: {max_bake: 10m}
    functions:
      checkout:
        strategy: canary-10-5m
        region: eu-north-1
        probe: {payload: {ping: true}}
      check*:
        strategy: linear-10-1m
        labels: {tier: "1"}
        analysis: {metrics: [{name: errors}, {name: latency, over_ms: 800}]}
        approvals: [before_finish]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the project file, two levels above the current one."""
    inner = tmp_path / "services" / "checkout"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "TIDEGATE_STACK", "TIDEGATE_REGION"):
        monkeypatch.delenv(name, raising=False)
    write(tmp_path, FILE)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / NAME).write_text(dedent(text))
    return folder / NAME


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give what calls of `plan` ask for, each with where it looks for Tidegate."""
    found: list[Any] = []
    without_aws(monkeypatch, STACK)

    def dry_run(shared: Shared, wanted: Any, _poll: float) -> Any:
        found.append((shared, wanted))
        return Ending(Outcome.DONE, "It would."), wanted, None

    monkeypatch.setattr(planning, "_dry_run", dry_run)
    return found


def call(*arguments: str, content: Any = None) -> Result:
    return CliRunner().invoke(main, arguments, input=None if content is None else json.dumps(content))


@pytest.mark.usefixtures("folder")
def test_the_name_of_a_function_wins_over_patterns_and_patterns_over_the_defaults(asked: list[Any]) -> None:
    done = call("plan", "checkout")
    assert done.exit_code == 0, done.output
    ((shared, wanted),) = asked
    assert wanted.request == {
        "function": "checkout",
        "alias": "live",
        "strategy": "canary-10-5m",
        "approvals": ["before_finish"],
        "probe": {"payload": {"ping": True}},
        "labels": {"team": "shop", "tier": "1"},
        "analysis": {"max_bake": "10m", "metrics": [{"name": "errors"}, {"name": "latency", "over_ms": 800}]},
    }
    assert wanted.origin["labels.team"] == "tidegate.yaml, defaults"
    assert wanted.origin["labels.tier"] == "tidegate.yaml, functions.check*"
    assert wanted.origin["strategy"] == "tidegate.yaml, functions.checkout"
    assert (shared.stack_name, shared.region) == ("gate", "eu-north-1")


@pytest.mark.usefixtures("folder")
def test_options_and_requests_win_over_the_file(asked: list[Any]) -> None:
    call("plan", "checkout", "--strategy", "guarded", "--label", "tier=0", "--stack", "mine", "--region", "us-east-1")
    content = {"function": "checkout", "strategy": "canary-10-9m", "analysis": {"max_bake": "7m"}}
    call("plan", "--request", "-", "--region", "eu-north-1", content=content)
    (by_option, by_request) = asked
    assert by_option[1].request["strategy"] == "guarded"
    assert by_option[1].request["labels"] == {"team": "shop", "tier": "0"}
    assert (by_option[0].stack_name, by_option[0].region) == ("mine", "us-east-1")
    assert by_request[1].request["strategy"] == "canary-10-9m"
    assert by_request[1].request["analysis"]["max_bake"] == "7m"
    assert by_request[1].request["probe"] == {"payload": {"ping": True}}


@pytest.mark.usefixtures("folder")
def test_the_environment_wins_over_the_file(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEGATE_STACK", "other")
    call("plan", "cart")
    assert (asked[0][0].stack_name, asked[0][0].region) == ("other", "eu-west-1")


@pytest.mark.usefixtures("folder")
def test_plan_shows_where_each_value_came_from(asked: list[Any]) -> None:
    *_, document = map(json.loads, call("plan", "checkout", "--label", "commit=4f2c", "--json").stdout.splitlines())
    sources = {each["path"]: each["source"] for each in document["values"]}
    assert sources == {
        "stack": "tidegate.yaml",
        "region": "tidegate.yaml, functions.checkout",
        "alias": "stack (DefaultAlias)",
        "analysis.max_bake": "tidegate.yaml, defaults",
        "analysis.metrics": "tidegate.yaml, functions.check*",
        "approvals": "tidegate.yaml, functions.check*",
        "labels.commit": "option",
        "labels.team": "tidegate.yaml, defaults",
        "labels.tier": "tidegate.yaml, functions.check*",
        "probe": "tidegate.yaml, functions.checkout",
        "strategy": "tidegate.yaml, functions.checkout",
    }
    assert asked


@pytest.mark.usefixtures("folder")
def test_an_emergency_waits_for_no_approval_of_the_file(asked: list[Any]) -> None:
    call("plan", "checkout", "--emergency", "it burns")
    assert "approvals" not in asked[0][1].request
    assert asked[0][1].request["strategy"] == "all-at-once"


HOOKED = """
    stack: gate
    defaults:
      hooks: {before_traffic: release-check, after_promotion: release-done}
      probe: {payload: {ping: true}}
    functions:
      checkout: {probe: {kind: function, function: release-check}}
"""


def test_an_emergency_asks_no_function_of_the_file(folder: Path, asked: list[Any]) -> None:
    write(folder, HOOKED)
    call("plan", "checkout")
    call("plan", "checkout", "--emergency", "it burns")
    usual, urgent = (wanted.request for _, wanted in asked)
    assert (usual["hooks"]["before_traffic"], usual["probe"]["kind"]) == ("release-check", "function")
    assert "hooks" not in urgent
    assert urgent["probe"] == {"payload": {"ping": True}}, "that of the defaults invokes the version"


def test_what_a_request_says_is_done_in_an_emergency_too(folder: Path, asked: list[Any]) -> None:
    write(folder, HOOKED)
    own = {"function": "checkout", "hooks": {"before_step": "mine"}, "labels": {"emergency": "it burns"}}
    call("plan", "--request", "-", "--emergency", "it burns", content=own)
    assert asked[0][1].request["hooks"] == {"before_step": "mine"}


@pytest.mark.usefixtures("folder", "asked")
@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (["checkout", "checkbook"], None, "different stacks or Regions"),
        (
            ["--request", "-"],
            {"function": "checkout"},
            "Tidegate is elsewhere for these functions: add --region eu-north",
        ),
        (["cart", "checkbook"], None, "different values of analysis, approvals, strategy"),
    ],
)
def test_functions_that_do_not_go_together_are_named(arguments: list[str], content: Any, said: str) -> None:
    done = call("plan", *arguments, content=content)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_the_file_is_found_upwards_to_the_root_of_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "services"
    inner.mkdir(parents=True)
    file = write(tmp_path, FILE)
    assert find(inner) == file
    (tmp_path / "repository" / ".git").mkdir()
    assert find(inner) is None
    assert find(tmp_path / "repository") is None
    assert find(write(tmp_path / "repository", FILE).parent / "services") == tmp_path / "repository" / NAME


@pytest.mark.usefixtures("folder")
def test_no_file_is_read_where_none_is_wanted(asked: list[Any]) -> None:
    call("plan", "checkout", "--project", "")
    assert asked[0][1].request == {"function": "checkout", "alias": "live"}


def test_labels_of_functions_that_are_released_together_are_joined(folder: Path, asked: list[Any]) -> None:
    write(folder, "functions: {a: {labels: {team: x, tier: '1'}}, b: {labels: {team: y, tier: '1', of: b}}}")
    assert call("plan", "a", "b").exit_code == 0
    assert asked[0][1].request["labels"] == {"team": "x, y", "tier": "1", "of": "b"}


FLEET = """
    defaults: {waves: lockstep}
    functions:
      orders: {wave: 2}
    fleets:
      shop: [orders, mail]
"""


def test_a_fleet_of_the_file_is_released_in_its_waves(folder: Path, asked: list[Any]) -> None:
    write(folder, FLEET)
    assert call("plan", "--fleet", "shop").exit_code == 0
    ((_, wanted),) = asked
    assert [(each["function"], each.get("wave", 1)) for each in wanted.request["targets"]] == [
        ("orders", 2),
        ("mail", 1),
    ]
    assert wanted.request["waves"] == "lockstep"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fleet", "shp"], "has no fleet 'shp'; fleets: shop"),
        (["--fleet", "shop", "orders"], "give no FUNCTION and no --request with it"),
        (["--fleet", "shop", "--project", ""], "--fleet needs a project file"),
    ],
)
def test_a_fleet_that_cannot_be_meant_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    write(folder, FLEET)
    done = call("plan", *arguments)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
