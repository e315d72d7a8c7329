"""template.yaml and the state machine, read as data, for the tests that look at their shape."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "template.yaml"
DEFINITION = ROOT / "statemachine/release.asl.yaml"

Document = dict[str, Any]


@cache
def template() -> Document:
    """Give the template; `!Ref X` is {"Ref": "X"}."""
    content: Document = yaml_parse(TEMPLATE.read_text())
    return content


@cache
def definition() -> Document:
    content: Document = yaml.safe_load(DEFINITION.read_text())
    return content


def resources(kind: str) -> dict[str, Document]:
    """Give the properties of each resource of a type, by logical id."""
    found = template()["Resources"].items()
    return {name: resource["Properties"] for name, resource in found if resource["Type"] == kind}


def functions() -> dict[str, Document]:
    return resources("AWS::Serverless::Function")


def statements(properties: Document) -> list[Document]:
    """Give the statements of a function's or state machine's policies, those of a condition too."""
    written = [each for policy in properties["Policies"] for each in policy["Statement"]]
    return [each["Fn::If"][1] if "Fn::If" in each else each for each in written]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def states(machine: Document | None = None) -> dict[str, Document]:
    """Give every state by name, those inside a Map too."""
    found: dict[str, Document] = {}
    for name, state in (machine or definition())["States"].items():
        found[name] = state
        if "ItemProcessor" in state:
            found |= states(state["ItemProcessor"])
    return found


def tasks() -> dict[str, Document]:
    return {name: state for name, state in states().items() if state["Type"] == "Task"}


def function_of(task: Document) -> str:
    """Give the logical id of the function whose published version a Task invokes."""
    (substitution,) = re.findall(r"^\$\{(\w+)\}$", task["Arguments"]["FunctionName"])
    reference: str = machine()["DefinitionSubstitutions"][substitution]["Ref"]
    return reference.removesuffix(".Version")


def machine() -> Document:
    (properties,) = resources("AWS::Serverless::StateMachine").values()
    return properties


def texts(value: Any) -> Iterator[str]:
    """Give every text in a document, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
