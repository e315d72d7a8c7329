"""docs/regions/role.yaml: it trusts who assumes it, and names what template.yaml makes."""

import re
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from tests.reading import ROOT, functions, listed, machine, resources, statements

ROLE: dict[str, Any] = yaml_parse(Path(ROOT, "docs/regions/role.yaml").read_text())["Resources"]["Role"]["Properties"]
(TRUST,) = ROLE["AssumeRolePolicyDocument"]["Statement"]
ALLOWED = {each["Sid"]: each for each in ROLE["Policies"][0]["PolicyDocument"]["Statement"] if "Sid" in each}


def test_it_trusts_the_functions_that_may_assume_it_and_no_other_role() -> None:
    patterns = [each["Fn::Sub"] for each in TRUST["Condition"]["ArnLike"]["aws:PrincipalArn"]]
    trusted = [re.search(r"role/\$\{ParentStack\}-(\w+)Role-\*$", each) for each in patterns]
    assuming = {
        name for name, each in functions().items() if any(one["Sid"] == "AssumeRegionsRole" for one in statements(each))
    }
    assert {found[1] for found in trusted if found} == assuming
    assert len(patterns) == len(assuming) == 2


def test_it_reaches_the_state_machine_and_the_ledger_of_the_stack_by_their_names() -> None:
    assert machine()["Name"] == {"Fn::Sub": "${AWS::StackName}-release"}
    assert ALLOWED["Start"]["Resource"]["Fn::Sub"].endswith(":stateMachine:${StackName}-release")
    assert ALLOWED["Follow"]["Resource"]["Fn::Sub"].endswith(":execution:${StackName}-release:*")
    assert "Ledger" in resources("AWS::DynamoDB::Table"), "CloudFormation names it STACK-LOGICALID-SUFFIX"
    assert ALLOWED["ReadRecords"]["Resource"]["Fn::Sub"].endswith(":table/${StackName}-Ledger-*")


def test_it_writes_nothing() -> None:
    actions = [action for each in ALLOWED.values() for action in listed(each["Action"])]
    changing = [action for action in actions if not re.search(r":(Describe|Get|BatchGet)", action)]
    assert changing == ["states:StartExecution", "states:StopExecution"]
