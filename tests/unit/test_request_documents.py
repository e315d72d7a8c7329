"""What docs/ says of requests: the schema and the examples."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tidegate.domain.request.limits import Limits
from tidegate.domain.request.parse import parse_request
from tidegate.domain.strategy import NAMES

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = sorted((DOCS / "examples").glob("*.json"))
OPEN = Limits(
    "*", "tidegate-", allow_code=True, allow_configuration=True, allow_keep=True, allow_provision=True, roles=("*",)
)


def schema() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOCS / "request.schema.json").read_text())
    return document


def test_the_published_schema_is_what_the_models_give() -> None:
    command = [sys.executable, "-m", "tidegate_cli.schema", "request"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (DOCS / "request.schema.json").read_text() == printed.stdout, "make schema"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_read_and_fits_the_schema(path: Path) -> None:
    raw = json.loads(path.read_text())
    parse_request(raw, limits=OPEN)
    Draft202012Validator(schema()).validate(raw)


def test_there_is_an_example_of_every_kind_of_strategy() -> None:
    used = {parse_request(json.loads(path.read_text()), limits=OPEN).strategy.name for path in EXAMPLES}
    assert {"guarded", "canary-10-5m", "linear-20-2m", "all-at-once", "steps"} <= used
    assert any(name in NAMES and name.startswith("CodeDeployDefault.") for name in used)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"function": "checkout", "targets": []},
        {"function": "checkout", "colour": "red"},
        {"function": "checkout", "alias": "7"},
        {"function": "checkout", "configuration": {"environment": {"LEVEL": "debug"}}},
        {"function": "checkout", "strategy": {"steps": [{"weight": 100, "bake": "1m"}]}},
        {"function": "checkout", "code": {"image_uri": "checkout:latest"}},
    ],
)
def test_an_editor_with_the_schema_marks_common_mistakes(raw: dict[str, Any]) -> None:
    assert not Draft202012Validator(schema()).is_valid(raw)
