"""docs/moving.md names what there is: CodeDeploy's strategies by their names."""

import re

import yaml

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
