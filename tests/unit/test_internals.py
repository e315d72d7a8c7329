"""The pages that say how it works inside name every state and error, and their tables are those of the code."""

import re
from pathlib import Path

import pytest

from tests.pages.documents import PAGES
from tests.pages.tables import PLACE, TABLES, filled
from tests.reading import ROOT, states

INTERNALS = (ROOT / "docs/internals.md").read_text()


@pytest.mark.parametrize("page", [page for page in PAGES if PLACE.search(page.read_text())], ids=lambda page: page.name)
def test_the_tables_of_a_page_are_those_of_the_code(page: Path) -> None:
    assert page.read_text() == filled(page.read_text()), "make tables"


def test_every_table_is_in_a_page() -> None:
    assert {name for page in PAGES for _, name, _ in PLACE.findall(page.read_text())} == TABLES.keys()


def test_every_state_has_a_section_in_the_order_of_the_definition() -> None:
    """The table links to them, and says which of two that differ in a question mark alone comes first."""
    sections = [name for name in re.findall(r"^## (.+)$", INTERNALS, re.MULTILINE) if name in states()]
    assert sections == list(states())


def test_every_reason_to_roll_back_is_explained() -> None:
    code = "".join(
        path.read_text()
        for folder in ("domain", "steps")
        for path in (ROOT / "functions/tidegate" / folder).rglob("*.py")
    )
    reasons = set(re.findall(r'(?:reason=\(|_roll_back\(step, |_undo\(release, )"([A-Z]\w+)"', code))
    assert len(reasons) > 5
    assert [name for name in reasons if f"`{name}`" not in INTERNALS] == []
