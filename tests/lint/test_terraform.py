"""What the pages say in Terraform's language, read by a parser of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lint.tools import run
from tests.pages.documents import Block, blocks

OF_AN_ALIAS = {"description", "function_name", "function_version", "name", "routing_config"}
"""What the provider's resource aws_lambda_alias has (hashicorp/terraform-provider-aws, website/docs/r/lambda_alias)."""
OF_EVERY_RESOURCE = {"lifecycle", "__is_block__"}


def read(text: str, folder: Path) -> Any:
    (folder / "page.tf").write_text(text)
    done = run("hcl2tojson", str(folder / "page.tf"))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("block", blocks("hcl"), ids=str)
def test_an_alias_of_the_pages_has_and_ignores_what_there_is(block: Block, tmp_path: Path) -> None:
    aliases = [
        alias
        for resource in read(block.content, tmp_path)["resource"]
        for kind, named in resource.items()
        if kind == '"aws_lambda_alias"'
        for alias in named.values()
    ]
    assert aliases
    for alias in aliases:
        assert alias.keys() <= OF_AN_ALIAS | OF_EVERY_RESOURCE
        (lifecycle,) = alias["lifecycle"]
        assert set(lifecycle["ignore_changes"]) == {"function_version", "routing_config"}


def test_hcl_with_a_mistake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="RBRACE"):
        read('resource "aws_lambda_alias" "live" {', tmp_path)
