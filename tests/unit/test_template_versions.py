"""template.yaml: what reaches the published versions of the functions reaches them by a new version, or not at all."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from localcloud.deploy.template import transformed
from tests.reading import ROOT, TEMPLATE, template

FUNCTION_PATTERN = {"FunctionPattern": "shop-*"}
NO_VALUE = {"Ref": "AWS::NoValue"}
TRUTH = {"Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or", "Condition"}


def other_value(name: str) -> str:
    """Give a value that is not the parameter's default."""
    parameter = template()["Parameters"][name]
    default = parameter.get("Default")
    allowed = [value for value in parameter.get("AllowedValues", []) if value != default]
    return str(allowed[0] if allowed else default + 1 if parameter["Type"] == "Number" else "other")


@cache
def made(name: str = "", value: str = "") -> dict[str, Any]:
    """Give what SAM makes of the template, with another value of one parameter."""
    return transformed(TEMPLATE, FUNCTION_PATTERN | ({name: value} if name else {}), "us-east-1")


class Deployed:
    """What CloudFormation deploys with another value of one parameter, as far as parameters decide it."""

    def __init__(self, name: str = "", value: str = "") -> None:
        declared = made()["Parameters"].items()
        self.values = {each: str(details.get("Default", "")) for each, details in declared} | FUNCTION_PATTERN
        self.values |= {name: value} if name else {}

    @property
    def functions(self) -> dict[str, Any]:
        found = made()["Resources"].items()
        return {name: self.given(each["Properties"]) for name, each in found if each["Type"] == "AWS::Lambda::Function"}

    def given(self, written: Any) -> Any:
        """Put parameters in place of references to them, and choose by conditions."""
        if isinstance(written, list):
            return [given for each in written if (given := self.given(each)) != NO_VALUE]
        if not isinstance(written, dict) or written == NO_VALUE:
            return written
        kind, operands = next(iter(written.items())) if len(written) == 1 else ("", [])
        if kind == "Ref":
            return self.values.get(operands, written)
        if kind == "Fn::If":
            return self.given(operands[1 if self.true({"Condition": operands[0]}) else 2])
        if kind == "Fn::Sub":
            return self.put_in(operands)
        return {name: given for name, each in written.items() if (given := self.given(each)) != NO_VALUE}

    def put_in(self, text: Any) -> Any:
        assert isinstance(text, str), "a Sub with a map of its own is not read yet"
        for name, value in self.values.items():
            text = text.replace(f"${{{name}}}", value)
        return text

    def true(self, condition: Any) -> bool:
        ((kind, operands),) = condition.items()
        assert kind in TRUTH
        if kind == "Condition":
            return self.true(made()["Conditions"][operands])
        if kind == "Fn::Equals":
            one, other = (str(self.given(each)) for each in operands)
            return one == other
        results = [self.true(each) for each in operands]
        return not results[0] if kind == "Fn::Not" else any(results) if kind == "Fn::Or" else all(results)


def versions(made_of: dict[str, Any]) -> dict[str, str]:
    """Give the logical id of the version of each function: CloudFormation publishes when it is another."""
    found = made_of["Resources"].items()
    published = {name: each["Properties"] for name, each in found if each["Type"] == "AWS::Lambda::Version"}
    return {properties["FunctionName"]["Ref"]: name for name, properties in published.items()}


@pytest.mark.parametrize("name", template()["Parameters"])
def test_no_parameter_changes_a_function_whose_version_stays(name: str) -> None:
    """A version keeps what it was published with, and the state machine invokes versions."""
    before, after = Deployed().functions, Deployed(name, other_value(name)).functions
    changed = {each for each in before if after[each] != before[each]}
    assert set(versions(made())) == set(before)
    assert len(before) > 10
    if changed:
        one, other = versions(made()), versions(made(name, other_value(name)))
        assert {each for each in changed if one[each] == other[each]} == set()


def test_a_parameter_in_a_function_is_seen() -> None:
    """So that the test above can fail: conditions, and parameters in texts, are followed."""
    written = {"Key": {"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, NO_VALUE]}, "Name": {"Fn::Sub": "${KmsKeyArn}-1"}}
    assert Deployed("KmsKeyArn", "key").given(written) == {"Key": "key", "Name": "key-1"}
    assert Deployed().given(written) == {"Name": "-1"}


def test_functions_are_given_what_they_read_and_nothing_that_a_parameter_changes() -> None:
    """A version keeps its environment, and SAM publishes none for a changed parameter."""
    code = "".join(path.read_text() for path in (ROOT / "functions/tidegate").rglob("*.py"))
    given = list(variables(template()))
    ours = {name for name, _ in given if not name.startswith("POWERTOOLS_")}
    assert set(re.findall(r'given\("(\w+)"\)', code)) == ours >= {"LEDGER_TABLE"}
    assert [name for name, value in given if changed_by_a_parameter(value)] == []


def variables(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and the value of each environment variable, wherever in the template it is given."""
    if isinstance(part, dict):
        yield from part["Variables"].items() if isinstance(part.get("Variables"), dict) else ()
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from variables(each)


def changed_by_a_parameter(value: Any) -> bool:
    """Whether a value names a parameter, or a condition or mapping that is chosen by one."""
    names = set(re.findall(r"\w+", str(value)))
    chosen = (template()["Conditions"][name] for name in names & template()["Conditions"].keys())
    return bool(names & template()["Parameters"].keys()) or any(map(changed_by_a_parameter, chosen))


def test_a_variable_that_a_parameter_changes_would_be_found() -> None:
    by_condition = {"Fn::If": ["AllowsLayers", "yes", "no"]}
    by_name = {"Fn::Sub": "${DefaultAlias}-1"}
    resource = {"Properties": {"Environment": {"Variables": {"ONE": by_condition, "TWO": [by_name], "STACK": "x"}}}}
    found = dict(variables({"Resources": {"Another": [resource]}}))
    assert {name for name, value in found.items() if changed_by_a_parameter(value)} == {"ONE", "TWO"}
