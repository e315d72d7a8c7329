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
    """Return the statements of a function's or state machine's policies, those of a condition too."""
    return [unconditional(each)[0] for policy, _, _ in policies(properties) for each in policy["Statement"]]


def policies(properties: Document) -> Iterator[tuple[Document, str | None, str]]:
    """Yield each policy document, the logical id of the shared policy it is (or None), and its condition (or "")."""
    for each in properties["Policies"]:
        policy, condition = unconditional(each)
        if "Ref" in policy:
            yield resources("AWS::IAM::ManagedPolicy")[policy["Ref"]]["PolicyDocument"], policy["Ref"], condition
        else:
            yield policy, None, condition


def unconditional(written: Document) -> tuple[Document, str]:
    """Return what stands under a condition, and the condition; "" without one."""
    if "Fn::If" not in written:
        return written, ""
    condition, there, otherwise = written["Fn::If"]
    assert otherwise == {"Ref": "AWS::NoValue"}
    return there, condition


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
    """Give the states that invoke a function."""
    found = {name: state for name, state in states().items() if state["Type"] == "Task"}
    return {name: state for name, state in found.items() if state["Resource"].endswith(":lambda:invoke")}


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
