"""Every partition of AWS: its name stands in ARNs, its domain in names of hosts, and neither is written out."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from localcloud.deploy.template import transformed
from tests.reading import ROOT, TEMPLATE, Document, states, texts
from tests.source_files import nodes
from tidegate.domain.partition import PARTITIONS, Partition

REGIONS = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1"}
PRINCIPALS = {"chatbot", "codebuild", "codepipeline", "events", "lambda", "scheduler", "states"}
"""Services whose principal ends in amazonaws.com in every partition, as that of every service should.

Sources: awslabs/cfn-ecr-aws-soci-index-builder pull request 34 for `events` and `lambda` in China and GovCloud;
hashicorp/terraform-provider-aws, data source aws_service_principal, for the rule. See docs/not-verified.md.
"""

VERIFY = "tidegate_cli/verify/"
"""Where it is checked on AWS that principals end so everywhere."""

AUDIENCE = "sts.amazonaws.com"
"""A name that the token of a CI system carries and the role's trust asks for: both files of a recipe have the same."""

RECIPES = sorted(
    path
    for pattern in ("docs/ci/*", "docs/starting/*", "docs/chat.yaml", ".github/workflows/*", "action.yml")
    for path in ROOT.glob(pattern)
)
CODE = sorted([*(ROOT / "functions/tidegate").rglob("*.py"), *(ROOT / "cli").rglob("*.py")])

each_partition = pytest.mark.parametrize("partition", PARTITIONS[:-1], ids=lambda partition: partition.name)


def rendered(value: Any, known: dict[str, str]) -> Any:
    """Give a value with what CloudFormation would know before it makes a resource put in."""
    if isinstance(value, list):
        return [rendered(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"} and value["Ref"] in known:
        return known[value["Ref"]]
    if set(value) == {"Fn::Sub"}:
        text = value["Fn::Sub"] if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"][0]
        return re.sub(r"\$\{([^}]+)\}", lambda found: known.get(found[1], found[0]), text)
    if set(value) == {"Fn::Join"} and all(isinstance(each, str) for each in value["Fn::Join"][1]):
        return value["Fn::Join"][0].join(value["Fn::Join"][1])
    return {name: rendered(each, known) for name, each in value.items()}


@cache
def deployed(partition: Partition) -> Document:
    """Give what CloudFormation makes of the template in a partition: its resources and outputs."""
    region = REGIONS[partition.name]
    known = {
        "AWS::Partition": partition.name,
        "AWS::URLSuffix": partition.domain,
        "AWS::Region": region,
        "AWS::AccountId": "123456789012",
        "AWS::StackName": "tidegate",
    }
    template = transformed(TEMPLATE, {"FunctionPattern": "shop-*"}, region)
    result: Document = rendered({name: template[name] for name in ("Resources", "Outputs")}, known)
    return result


def definition_in(template: Document) -> Document:
    properties = template["Resources"]["ReleaseStateMachine"]["Properties"]
    text = "\n".join(listed) if isinstance(listed := _joined(properties["DefinitionString"]), list) else listed
    given = properties["DefinitionSubstitutions"]
    filled = re.sub(r"\$\{(\w+)\}", lambda found: str(given[found[1]]).replace('"', "'"), text)
    content: Document = json.loads(filled)
    return content


def _joined(value: Any) -> Any:
    return value["Fn::Join"][1] if isinstance(value, dict) else value


@each_partition
def test_every_arn_of_the_template_is_of_the_partition_that_it_is_deployed_in(partition: Partition) -> None:
    template = deployed(partition)
    named = {name for text in texts(template) for name in re.findall(r"\barn:(aws[a-z-]*):", text)}
    assert named == {partition.name}
    hosts = {host for text in texts(template) for host in re.findall(r"(?<=[\w.-])\.(amazonaws\.[\w.]+)", text)}
    assert hosts <= {"amazonaws.com", partition.domain}, "amazonaws.com is that of every partition's principals"


@each_partition
def test_a_task_invokes_its_function_by_the_arn_of_the_partition(partition: Partition) -> None:
    """Step Functions guide, "Integrating services": an ARN of another partition fails the execution, uncaught."""
    resources = {
        state["Resource"] for state in states(definition_in(deployed(partition))).values() if "Resource" in state
    }
    wait = f"arn:{partition.name}:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken"
    assert resources == {f"arn:{partition.name}:states:::lambda:invoke", wait}


def written_out(path: Path) -> Iterator[str]:
    """Give ARNs and hosts that name a partition; of code those alone that are no example of a field."""
    for text in _constants(path) if path.suffix == ".py" else [path.read_text()]:
        yield from re.findall(r"\barn:aws:\S+", text)
        yield from re.findall(r"[\w.-]*amazonaws\.[\w.-]+", text)


def _constants(path: Path) -> Iterator[str]:
    keywords = [node for node in nodes(path) if isinstance(node, ast.keyword) and node.arg == "examples"]
    examples = {id(each) for keyword in keywords for each in ast.walk(keyword)}
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in examples:
            yield node.value


def test_code_names_no_partition_but_in_the_table_of_them() -> None:
    found = {path.relative_to(ROOT).as_posix(): list(written_out(path)) for path in CODE}
    principals = {f"{service}.amazonaws.com" for service in PRINCIPALS} | {"amazonaws.com"}
    named = {path for path, names in found.items() if set(names) - (principals if VERIFY in path else set())}
    assert named == {"functions/tidegate/domain/partition.py"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_names_no_partition(path: Path) -> None:
    allowed = {AUDIENCE, *(f"{service}.amazonaws.com" for service in PRINCIPALS)}
    assert set(written_out(path)) <= allowed
