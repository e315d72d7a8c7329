"""What the pages have people set up: no service acts for a stranger, and nobody else speaks on Tidegate's bus."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from bench.newcomer import commands
from tests.pages.documents import blocks
from tests.reading import ROOT, listed

TEMPLATES = [ROOT / "docs/chat.yaml", *sorted(ROOT.glob("docs/*/*.yaml"))]
SOURCES = {"aws:SourceArn", "aws:SourceAccount"}
FOR_NOBODY = {"chatbot.amazonaws.com"}
"""Its role may do nothing."""


def of_services(document: Any) -> list[Any]:
    """Give the statements that let a service act, wherever they stand in a document."""
    if isinstance(document, list):
        return [found for each in document for found in of_services(each)]
    if not isinstance(document, dict):
        return []
    principal = document.get("Principal")
    own = [document] if isinstance(principal, dict) and "Service" in principal else []
    return own + [found for value in document.values() for found in of_services(value)]


def sources(statement: Any) -> set[str]:
    return {key for keys in statement.get("Condition", {}).values() for key in keys} & SOURCES


STATEMENTS = [
    (str(block), each)
    for block in blocks("json")
    if "Principal" in block.content
    for each in of_services(json.loads(block.content))
] + [(path.name, each) for path in TEMPLATES for each in of_services(yaml_parse(path.read_text()))]


@pytest.mark.parametrize(("where", "statement"), STATEMENTS)
def test_a_service_acts_for_this_account_alone(where: str, statement: Any) -> None:
    services = set(listed(statement["Principal"]["Service"]))
    assert sources(statement) or services <= FOR_NOBODY, where


def test_the_policies_of_topics_are_among_them() -> None:
    named = {service for _, each in STATEMENTS for service in listed(each["Principal"]["Service"])}
    assert named > {"events.amazonaws.com", "cloudwatch.amazonaws.com"}


def test_by_the_guide_tidegate_speaks_on_a_bus_of_its_own() -> None:
    """Whoever may put events on `default` may put there what looks like Tidegate's."""
    lines = commands("docs/deploy.md", "account")
    (made,) = (found[1] for line in lines if (found := re.match(r"aws events create-event-bus --name (\S+)", line)))
    deploying = [line for line in (ROOT / "docs/deploy.md").read_text().splitlines() if "FunctionPattern=" in line]
    assert len(deploying) > 1
    assert all(f"EventBusName={made}" in line for line in deploying)
    assert yaml_parse(Path(ROOT, "docs/chat.yaml").read_text())["Parameters"]["EventBusName"]["Default"] == made


def test_a_narrower_pattern_of_a_role_is_not_taken_for_a_limit_of_what_it_may_release() -> None:
    """StartExecution is allowed on the machine, which does not know who calls."""
    template = yaml_parse((ROOT / "docs/ci/roles.yaml").read_text())
    starting = [
        statement["Resource"]["Fn::Sub"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::ManagedPolicy"
        for statement in each["Properties"]["PolicyDocument"]["Statement"]
        if "Sid" in statement and statement["Sid"] == "Start"
    ]
    assert len(starting) == 2
    assert not any("FunctionPattern" in resource for resource in starting)
    assert "not which they may release" in template["Parameters"]["FunctionPattern"]["Description"]
    assert "One stack per trust domain" in (ROOT / "docs/deploy.md").read_text()
