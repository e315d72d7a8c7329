"""action.yml gives the command what it takes, and hands on what it gives."""

import re
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.reading import ROOT
from tidegate_cli.ci import Report
from tidegate_cli.commands.release import release
from tidegate_cli.ending import Ending
from tidegate_cli.outcome import Outcome

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEP: dict[str, Any] = ACTION["runs"]["steps"][-1]


def variables() -> dict[str, str]:
    """Give the variable that each input is handed on as."""
    return {
        re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)[1]: name  # type: ignore[index]
        for name, value in STEP["env"].items()
    }


def test_every_input_is_handed_on_and_none_stands_in_a_script() -> None:
    assert variables().keys() == ACTION["inputs"].keys()
    assert not any("${{" in step["run"] for step in ACTION["runs"]["steps"])


def test_the_variables_are_those_of_options() -> None:
    options = {each.name for each in release.params}
    own = {name for name in variables().values() if name.startswith("TIDEGATE_RELEASE_")}
    assert {name.removeprefix("TIDEGATE_RELEASE_").lower() for name in own} <= options
    assert set(variables().values()) - own == {"FUNCTIONS", "TIDEGATE_STACK"}


def test_the_outputs_are_those_that_the_command_writes() -> None:
    written = Report("r", Ending(Outcome.RELEASED, ""), (), "").values()
    assert ACTION["outputs"].keys() == written.keys()
    assert all(ACTION["outputs"][name]["value"] == f"${{{{ steps.release.outputs.{name} }}}}" for name in written)


@pytest.mark.parametrize(
    ("name", "value", "said"), [("TIMEOUT", "soon", "no duration"), ("WAIT", "perhaps", "boolean")]
)
def test_the_command_reads_the_variables(name: str, value: str, said: str) -> None:
    done = CliRunner().invoke(
        release, ["checkout"], env={f"TIDEGATE_RELEASE_{name}": value}, auto_envvar_prefix="TIDEGATE_RELEASE"
    )
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_an_input_that_is_left_empty_is_as_if_it_were_not_there() -> None:
    defaults = {variable: str(ACTION["inputs"][name].get("default", "")) for name, variable in variables().items()}
    context = release.make_context("release", ["checkout"], resilient_parsing=False)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in defaults.items():
            patch.setenv(name, value)
        given = release.make_context("release", ["checkout"], auto_envvar_prefix="TIDEGATE_RELEASE")
    differing = {name for name, value in given.params.items() if value != context.params[name]}
    assert differing == {"timeout", "report"}
