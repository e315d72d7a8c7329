"""A release recorded on the local cloud, and what its report was found to be when it was looked at."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.golden import as_golden
from tidegate.aws.executions import passages
from tidegate.domain.execution import Execution
from tidegate.report.document import document
from tidegate.report.load import load
from tidegate.report.markdown import markdown
from tidegate.report.model import Report
from tidegate.report.page import page

GOLDEN = Path(__file__).parent / "golden/report"
NAME = "checkout-live-b7e01d2-1"


@pytest.fixture(scope="module")
def report() -> Report:
    items = json.loads((GOLDEN / "rolled-back.items.json").read_text())
    history = json.loads((GOLDEN / "rolled-back.history.json").read_text())
    for event in history:
        event["timestamp"] = datetime.fromisoformat(event["timestamp"])
    record = next(item for item in items if item["sk"] == "record")
    execution = Execution(record["execution"], "FAILED", record["started"], record["ended_at"], "VersionFailed")
    return load(NAME, items, now=record["ended_at"] + 60, execution=execution, way=list(passages(history)))


def check(found: str, name: str) -> None:
    assert found == as_golden(found, GOLDEN / name)


def test_the_page_is_as_it_was_when_it_was_looked_at(report: Report) -> None:
    """Without style and drawing, which change for reasons of their own."""
    shown = re.sub(r"<style>.*?</style>", "<style>STYLE</style>", page(report), count=1, flags=re.DOTALL)
    shown = re.sub(r"<svg xmlns=.*?</svg>", "<svg>DRAWING</svg>", shown, flags=re.DOTALL)
    check(re.sub(r"(</(?:figure|tr|section|details|header|path|rect)>)", r"\1\n", shown), "rolled-back.html")


def test_the_markdown_is_as_it_was(report: Report) -> None:
    check(markdown(report), "rolled-back.md")


def test_the_data_is_as_it_was(report: Report) -> None:
    check(json.dumps(document(report), indent=1) + "\n", "rolled-back.json")


def test_the_way_is_found_in_the_history(report: Report) -> None:
    assert report.way is not None
    arrows = [(passage.came_from, passage.state) for passage in report.way]
    assert arrows[:4] == [
        (None, "Plan"),
        ("Plan", "Go ahead?"),
        ("Go ahead?", "Prepare versions"),
        ("Prepare versions", "Update"),
    ]
    assert arrows[-3:] == [("What next?", "Roll back"), ("Roll back", "Rolled back?"), ("Rolled back?", "Rolled back")]
    assert all(passage.left for passage in report.way)
