"""What every Markdown file promises: its links lead somewhere, and its blocks are what they say."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from samtranslator.yaml_helper import yaml_parse

from tests.pages.documents import PAGES, REQUEST, Block, Link, anchors, blocks, links
from tests.pages.quotations import GOLDEN
from tests.reading import ROOT
from tidegate.domain.request.models import Request, TargetRequest

QUOTED = {"make demo", "tidegate local", *GOLDEN}
"""What the comments above quotations may say: test_trial, test_command_document and test_local_command compare."""

LANGUAGES = {"", "hcl", "json", "python", "sh", "usage", "yaml"}
"""Those that a test here, in test_document_commands or in tests/lint checks; a block without one quotes output."""

FIELDS = set(Request.model_fields) | set(TargetRequest.model_fields)


def test_a_block_has_a_language_that_is_checked_or_says_what_it_quotes() -> None:
    unknown = [
        f"{block}: nothing checks a block of {block.language!r}"
        for block in blocks()
        if block.language not in LANGUAGES
    ]
    unsaid = [
        f"{block}: name its language, or above it in a comment what it quotes"
        for block in blocks("")
        if not block.comment
    ]
    assert unknown + unsaid == []


def test_what_is_quoted_is_compared_with_what_was_written() -> None:
    assert [f"{block}: {block.comment}" for block in blocks("") if block.comment not in QUOTED] == []


@pytest.mark.parametrize("link", links(), ids=str)
def test_a_link_leads_somewhere(link: Link) -> None:
    if re.match(r"\w+:", link.target):
        assert re.fullmatch(r"https://[\w.-]+\.[a-z]+(/[^\s]*)?|mailto:\S+@\S+", link.target)
        return
    name, _, fragment = link.target.partition("#")
    path = (link.page.parent / unquote(name)).resolve() if name else link.page
    assert path.exists(), f"{link}: there is no such file"
    assert path.is_relative_to(ROOT)
    if fragment and path.suffix == ".md":
        assert fragment in anchors(path), f"{link}: there is no such heading; there are {sorted(anchors(path))}"


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_is_json_and_a_request_fits_the_schema(block: Block) -> None:
    document = json.loads(block.content)
    if isinstance(document, dict) and document and set(document) <= FIELDS:
        REQUEST.validate(document)


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_yaml_is_yaml(block: Block) -> None:
    assert yaml_parse(block.content)


def test_the_templates_among_it_pass_cfn_lint(tmp_path: Path) -> None:
    """All in one call, since cfn-lint takes two seconds to start."""
    found = [block for block in blocks("yaml") if "AWSTemplateFormatVersion" in yaml_parse(block.content)]
    assert len(found) > 3
    templates = [tmp_path / f"{number}.yaml" for number in range(len(found))]
    for template, block in zip(templates, found, strict=True):
        template.write_text(block.content)
    command = [Path(sys.executable).with_name("cfn-lint"), *templates]
    linted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, (linted.stdout, *map(str, found))


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_is_python(block: Block) -> None:
    assert ast.parse(block.content).body


def test_every_page_is_in_the_index() -> None:
    listed = {
        (link.page.parent / link.target.partition("#")[0]).resolve()
        for link in links()
        if link.page == ROOT / "docs/README.md"
    }
    assert {page for page in PAGES if page.parent == ROOT / "docs"} - {ROOT / "docs/README.md"} <= listed


def test_a_request_of_the_pages_is_recognised_as_one() -> None:
    """Otherwise the schema would be asked for none of them."""
    requests = [block for block in blocks("json") if set(json.loads(block.content)) <= FIELDS]
    assert len(requests) > 1


def test_yaml_with_a_mistake_is_refused() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml_parse("a: [1")
