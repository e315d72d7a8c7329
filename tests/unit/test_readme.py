"""The README's picture and tables show the state machine as it is."""

import re

from pydantic import BaseModel

from tests.pages.state_machine_drawing import DRAWING
from tests.reading import ROOT, definition, states, template
from tidegate.domain.request.analysis import Analysis
from tidegate.domain.request.models import Probe, Request, TargetRequest

README = (ROOT / "README.md").read_text()


def test_the_picture_is_the_drawing_of_the_state_machine() -> None:
    """Which has every state and transition: see test_state_machine_drawing."""
    assert f"]({DRAWING.relative_to(ROOT)})" in README


def test_the_table_of_states_has_each_that_does_something_in_their_order() -> None:
    """Those inside of Prepare versions are in its row."""
    table = README.split("## How it works")[1].split("\n\n[")[0]
    named = re.findall(r"\*\*(.+?)\*\*", table)
    does = [name for name, state in definition()["States"].items() if state["Type"] in {"Task", "Map"}]
    assert [name for name in named if name in does] == does
    assert set(named) <= states().keys()


def test_every_parameter_that_the_readme_names_is_there() -> None:
    template = (ROOT / "template.yaml").read_text()
    for name in re.findall(r"parameter (\w+)\)", README):
        assert f"\n  {name}:\n" in template


def fields(model: type[BaseModel]) -> set[str]:
    """Name the fields of a model as requests write them."""
    return {field.alias or name for name, field in model.model_fields.items()}


def test_every_field_of_a_request_has_its_row_and_no_row_is_of_another() -> None:
    """A field whose own fields have rows needs none for itself; `code` and `configuration` list theirs in the row."""
    table = README.split("## The request")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)
    assert len(rows) == len(set(rows))
    names = fields(Request) | fields(TargetRequest)
    assert {row.partition(".")[0] for row in rows} == names
    for name, model in (("probe", Probe), ("analysis", Analysis)):
        assert {row for row in rows if row.startswith(f"{name}.")} == {f"{name}.{field}" for field in fields(model)}


def test_every_output_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"output `(\w+)`|OutputKey=='(\w+)'", README))
    outputs = {one or other for one, other in named}
    assert outputs
    assert outputs <= template()["Outputs"].keys()
