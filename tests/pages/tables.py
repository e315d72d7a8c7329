"""The tables of docs/ that are written from the code: `make tables` writes them afresh, a test compares."""

import re
from collections.abc import Callable

from tests.pages import check_table, field_table, parameter_table, permission_table, preflight_table, state_table
from tests.pages.documents import PAGES
from tests.pages.quotations import quoted

TABLES: dict[str, Callable[[], str]] = {
    "checks": check_table.table,
    "fields": field_table.table,
    "parameters": parameter_table.table,
    "preflight": preflight_table.table,
    "permissions": permission_table.table,
    "states": state_table.state_table,
    "errors": state_table.error_table,
    "ledger": state_table.ledger_table,
}
PLACE = re.compile(r"(<!-- table: (\w+) -->\n).*?(\n<!-- end -->)", re.DOTALL)


def filled(text: str) -> str:
    """Give a page with its tables, and the output that it quotes, as they have to be."""
    return quoted(PLACE.sub(lambda place: f"{place[1]}\n{TABLES[place[2]]()}\n{place[3]}", text))


def main() -> None:
    for page in PAGES:
        text = page.read_text()
        if filled(text) != text:
            page.write_text(filled(text))


if __name__ == "__main__":
    main()
