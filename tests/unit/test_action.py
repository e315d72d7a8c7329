"""action.yml gives the command what it takes, and hands on what it gives."""

import re
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tests.reading import ROOT
from tidegate_cli.ci import JobSummary
from tidegate_cli.commands.release import release
from tidegate_cli.commands.watch import watch
from tidegate_cli.ending import Ending
from tidegate_cli.outcome import Outcome

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEP: dict[str, Any] = ACTION["runs"]["steps"][-1]


TAKING: dict[str, Any] = ACTION["runs"]["steps"][-2]


def variables() -> dict[str, str]:
    """Give the input that each variable hands on."""
    return {
        name: re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)[1]  # type: ignore[index] # no match fails the test
        for name, value in STEP["env"].items()
    }


def test_every_input_is_handed_on_and_none_stands_in_a_script() -> None:
    of_the_role = {f"${{{{ inputs.{name} }}}}": name for name in TAKING["with"]}
    assert set(TAKING["with"].values()) == of_the_role.keys()
    assert {*variables().values(), *of_the_role.values()} == ACTION["inputs"].keys()
    assert not any("${{" in step.get("run", "") for step in ACTION["runs"]["steps"])


def test_the_role_is_taken_where_one_is_named() -> None:
    assert TAKING["if"] == "inputs.role-to-assume != ''"
    assert ACTION["inputs"]["role-to-assume"]["default"] == ""


def test_the_variables_are_those_of_options() -> None:
    own = {"FUNCTIONS", "TIDEGATE_STACK", "WATCH"}
    of_options = {
        f"TIDEGATE_{command.name}_{option.name}".upper() for command in (release, watch) for option in command.params
    }
    assert variables().keys() - of_options == own


def test_the_outputs_are_those_that_the_command_writes() -> None:
    written = JobSummary("r", Ending(Outcome.RELEASED, ""), (), "").values()
    assert ACTION["outputs"].keys() == written.keys()
    assert all(ACTION["outputs"][name]["value"] == f"${{{{ steps.release.outputs.{name} }}}}" for name in written)


@pytest.mark.parametrize(
    ("name", "value", "said"), [("TIMEOUT", "soon", "not a duration"), ("WAIT", "perhaps", "boolean")]
)
def test_the_command_reads_the_variables(name: str, value: str, said: str) -> None:
    done = CliRunner().invoke(
        release, ["checkout"], env={f"TIDEGATE_RELEASE_{name}": value}, auto_envvar_prefix="TIDEGATE_RELEASE"
    )
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_an_input_that_is_left_empty_is_as_if_it_were_not_there() -> None:
    defaults = {variable: str(ACTION["inputs"][name].get("default", "")) for variable, name in variables().items()}
    context = release.make_context("release", ["checkout"], resilient_parsing=False)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in defaults.items():
            patch.setenv(name, value)
        given = release.make_context("release", ["checkout"], auto_envvar_prefix="TIDEGATE_RELEASE")
    differing = {name for name, value in given.params.items() if value != context.params[name]}
    assert differing == {"timeout", "report"}
