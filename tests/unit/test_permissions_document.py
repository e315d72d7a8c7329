"""docs/permissions.md shows the permissions as they are."""

import re

from tests.pages.permission_table import table
from tests.reading import ROOT, TEMPLATE, functions, statements, tasks

DOCUMENT = (ROOT / "docs/permissions.md").read_text()


def test_the_table_of_permissions_is_that_of_the_template() -> None:
    shown = re.search(r"^\| state \|.*?(?=\n\n)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert shown
    assert shown[0].splitlines() == table().splitlines()


def test_the_table_has_every_state_and_every_statement() -> None:
    states = {name.strip() for row in table().splitlines()[2:] for name in row.split(" | ")[0].strip("| ").split(",")}
    assert set(tasks()) <= states
    reasons = {row.split(" | ")[3] for row in table().splitlines()[2:]}
    assert len(reasons) >= len({each["Sid"] for one in functions().values() for each in statements(one)})


def test_events_are_never_logged() -> None:
    code = "".join(path.read_text() for path in (ROOT / "functions").rglob("*.py"))
    assert not re.search(r"LOG_EVENT|(?<!filter_)log_event\b|logger_log_event", TEMPLATE.read_text() + code)
