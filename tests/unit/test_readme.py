"""The README is short, and names only what is there."""

import re

from tests.pages.state_machine_drawing import DRAWING
from tests.reading import ROOT, template

README = (ROOT / "README.md").read_text()


def test_the_picture_is_the_drawing_of_the_state_machine() -> None:
    """Which has every state and transition: see test_state_machine_drawing."""
    assert f"]({DRAWING.relative_to(ROOT)})" in README


def test_every_parameter_that_the_readme_names_is_there() -> None:
    (deploying,) = re.findall(r"sam deploy --guided +# (.+)", README)
    named = set(re.findall(r"(?:^|; )(\w+): ", deploying))
    assert "FunctionPattern" in named
    assert named <= template()["Parameters"].keys()


def test_the_readme_can_be_read_in_a_few_minutes() -> None:
    assert len(README.split()) <= 1200


def test_the_first_screen_says_what_has_not_run_on_aws() -> None:
    assert "not run on AWS yet" in README[: README.index("## Try it")]


def test_every_output_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"output `(\w+)`|OutputKey=='(\w+)'", README))
    outputs = {one or other for one, other in named}
    assert outputs
    assert outputs <= template()["Outputs"].keys()


def test_the_command_is_installed_before_it_is_called() -> None:
    deploying = README[README.index("## Deploy it") :]
    assert deploying.index("\npipx install .") < deploying.index("\ntidegate ")
