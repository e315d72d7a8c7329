"""docs/moving.md names what there is: CodeDeploy's strategies by their names."""

import re
from typing import Any

import boto3
import yaml
from samtranslator.yaml_helper import yaml_parse

from localcloud.deploy.template import translated
from tests.pages.documents import blocks
from tests.reading import ROOT
from tidegate.domain.strategy import NAMES

PAGE = (ROOT / "docs/moving.md").read_text()


def test_every_name_of_codedeploy_is_in_the_table_and_works() -> None:
    named = set()
    for row in re.findall(r"^\| (`(?:Canary|Linear|AllAtOnce).*?) \|", PAGE, re.MULTILINE):
        first, *rest = re.findall(r"`(.+?)`", row)
        named |= {first, *(re.sub(r"\d+Minutes?$", "", first) + each.removeprefix("…") for each in rest)}
    assert named == {name for name in NAMES if re.match(r"Canary|Linear|AllAtOnce", name)}


def test_an_alias_that_a_plugin_made_keeps_its_logical_id() -> None:
    """Which ends in its name as written (serverless-plugin-canary-deployments, buildFunctionAlias)."""
    written = [yaml.safe_load(block.content) for block in blocks("yaml") if block.content.startswith("resources:")]
    (resources,) = (each["resources"]["Resources"] for each in written)
    ((logical_id, alias),) = resources.items()
    properties = alias["Properties"]
    assert logical_id == f"{properties['FunctionName']['Ref']}Alias{properties['Name']}"
    assert properties["FunctionVersion"].isdecimal()


def sam(name: str) -> dict[str, Any]:
    """Read the template of the page that is marked so, with code that is in S3."""
    (found,) = [block.content for block in blocks("yaml") if block.comment == f"template: {name}"]
    read: dict[str, Any] = yaml_parse(found)
    read["Resources"]["Checkout"]["Properties"]["CodeUri"] = "s3://builds/checkout.zip"
    return read


def made(template: dict[str, Any]) -> dict[str, Any]:
    resources: dict[str, Any] = translated(template, {}, "us-east-1", "moving.md")["Resources"]
    return resources


def test_what_sam_takes_away_with_codedeploy_is_named() -> None:
    """A template that still refers to it is refused by CloudFormation."""
    gone = made(sam("sam before")).keys() - made(sam("sam after")).keys()
    named = {name for name in gone if not name.startswith("CheckoutVersion")}
    assert {"ServerlessDeploymentApplication", "CodeDeployServiceRole", "CheckoutDeploymentGroup"} == named
    assert [name for name in named if f"`{name}`" not in PAGE] == []


def test_the_version_of_the_hand_over_stands_still_and_the_alias_can_be_named() -> None:
    template = sam("sam after")
    template["Outputs"] = {
        "Version": {"Value": {"Ref": "Checkout.Version"}},
        "Alias": {"Value": {"Ref": "Checkout.Alias"}},
    }
    outputs = translated(template, {}, "us-east-1", "moving.md")["Outputs"]
    assert outputs["Version"]["Value"] == {"Ref": "CheckoutVersion0123456789"}
    assert outputs["Alias"]["Value"] == {"Ref": "CheckoutAliaslive"}
    assert "`!Ref Checkout.Alias`" in PAGE


def test_the_page_knows_the_deployments_that_take_an_alias_back() -> None:
    """Those are drift-aware change sets (CloudFormation User Guide, Using drift-aware change sets)."""
    client: Any = boto3.Session(region_name="us-east-1").client("cloudformation")
    modes = client.meta.service_model.operation_model("CreateChangeSet").input_shape.members["DeploymentMode"].enum
    assert [mode for mode in modes if f"--deployment-mode {mode}" not in PAGE] == []
    rows = re.findall(r"^\| (.+?) \| .+ \| (.+) \|$", PAGE.partition("## Afterwards")[2], re.MULTILINE)
    owned = [what for tool, what in rows if tool in {"SAM", "CloudFormation, CDK", "Serverless Framework"}]
    assert len(owned) == 3
    assert all("drift-aware" in what for what in owned)
