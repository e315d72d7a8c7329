"""The README's picture and tables show the state machine as it is."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from tests.reading import ROOT, definition, template
from tidegate.domain.request import Analysis, Probe, Request, TargetRequest

README = (ROOT / "README.md").read_text()


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def transitions() -> set[tuple[str, str]]:
    found = set()
    for name, state in states(definition()):
        following = [state.get("Next"), state.get("Default")]
        following += [each["Next"] for each in (*state.get("Choices", []), *state.get("Catch", []))]
        found |= {(name, each) for each in following if each}
    return found


def drawn() -> tuple[set[str], set[tuple[str, str]]]:
    """Read the picture: labels by node, then the arrows between labels. Nodes without a label are named so."""
    (picture,) = re.findall(r"```mermaid\n(.*?)```", README, re.DOTALL)
    labels: dict[str, str] = dict(re.findall(r"(\w+) ?[\[({]+([^\[\](){}]+)[\])}]+", picture))
    arrows: set[tuple[str, str]] = set()
    for line in picture.splitlines():
        nodes: list[str] = re.split(r" --(?:>| [^-]+ -->) ", re.sub(r"[\[({]+[^\[\](){}]+[\])}]+", "", line.strip()))
        arrows |= {(labels.get(a, a), labels.get(b, b)) for a, b in pairwise(nodes)}
    return {label for arrow in arrows for label in arrow}, arrows


def test_the_picture_has_every_state_and_no_other() -> None:
    assert drawn()[0] == {name for name, _ in states(definition())}


def test_the_picture_has_every_transition_and_no_other() -> None:
    assert drawn()[1] == transitions()


def test_every_state_is_explained() -> None:
    table = README.split("## What each state does")[1].split("\n## ")[0]
    named = {name.strip(" ·") for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) for name in row.split(",")}
    assert {name for name, _ in states(definition())} <= named


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
