"""The text of the state machine: what CloudFormation, Step Functions and JSONata each have to understand."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonata import Jsonata
from statelint.config import Config
from statelint.linter import Linter

from tests.reading import DEFINITION, definition, machine, states, tasks, texts

EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)


def expressions() -> list[str]:
    return [match.group(1).strip() for text in texts(definition()) if (match := EXPRESSION.fullmatch(text))]


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_expression_is_jsonata(expression: str) -> None:
    Jsonata(expression)


def test_an_expression_is_all_of_a_text() -> None:
    """Step Functions evaluates a text that begins and ends as one, and takes any other literally."""
    whole = sum("{%" in text for text in texts(definition()))
    assert whole == len(expressions())


def test_expressions_use_variables_that_are_assigned_somewhere() -> None:
    assigned = {name for state in states().values() for name in _assigned(state)}
    used = {name for text in expressions() for name in re.findall(r"\$([a-z_]+)\b(?!\()", text)}
    local = {name for text in expressions() for name in re.findall(r"\$([a-z_]+) :=", text)}
    assert not local & assigned
    assert used - {"states"} - local == assigned


def _assigned(state: dict[str, Any]) -> Iterator[str]:
    yield from state.get("Assign", {})
    for catch in state.get("Catch", []):
        yield from catch.get("Assign", {})


def linted(text: str) -> list[str]:
    return [str(problem) for problem in Linter.validate(text, Config(yaml=True))]


def test_the_linter_finds_only_what_it_does_not_know() -> None:
    """It takes any JSONata in a Wait, or in a time-out, for a mistake."""
    waits = {name for name, state in states().items() if state["Type"] == "Wait" or state not in tasks().values()}
    known = re.compile(
        rf"\.({'|'.join(waits)})\.(Seconds|Timestamp|TimeoutSeconds) is \"{{% .* %}}\" but should be an? "
    )
    assert [problem for problem in linted(DEFINITION.read_text()) if not known.search(problem)] == []


def test_the_linter_would_find_a_dangling_and_an_unreachable_state() -> None:
    broken = re.sub(r"(Next|Default): Released\n", "Next: Relased\n", DEFINITION.read_text())
    said = linted(broken)
    assert any('No state found named "Relased"' in problem for problem in said)
    assert any("No transition found to state State Machine.Released" in problem for problem in said)


def test_there_are_no_anchors() -> None:
    """CloudFormation does not take them."""
    kinds = {type(token) for token in yaml.scan(DEFINITION.read_text())}
    assert not kinds & {yaml.AnchorToken, yaml.AliasToken, yaml.TagToken}


def test_names_are_substituted_by_the_template() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text()))
    assert used == set(machine()["DefinitionSubstitutions"])


def test_state_names_are_what_a_watcher_can_read() -> None:
    for name in states():
        assert re.fullmatch(r"[A-Z][a-z$ ]+\??", name), name
        assert len(name) <= 80
