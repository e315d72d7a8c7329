"""docs/cost.md adds up, at the prices that bench.cost has."""

import re

from bench.cost import PRICES, dollars, idle_table, release_table
from tests.reading import ROOT

PAGE = (ROOT / "docs/cost.md").read_text()


def rows(table: str) -> dict[str, list[str]]:
    found = re.search(rf"<!-- cost: {table} -->\n(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert found
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in found[1].splitlines() if line]
    return {first: rest for first, *rest in cells}


def test_the_sums_are_those_of_the_counts() -> None:
    shown = rows("releases")
    for column, total in enumerate(shown["**together**"][:3]):
        counted = {name: float(shown[name][column]) for name in PRICES}
        assert abs(dollars(counted) - float(total.strip("*$"))) < 0.0001


def test_the_prices_are_those_that_are_counted_with() -> None:
    assert {name: float(rows("releases")[name][3].strip("$")) for name in PRICES} == {
        name: round(price * 1e6, 6) for name, price in PRICES.items()
    }


def test_a_table_has_every_strategy_and_what_is_charged_for() -> None:
    counts = dict.fromkeys(PRICES, 1.0)
    table = release_table({"guarded": counts, "canary-10-5m": counts})
    assert all(name in table for name in ("guarded", "canary-10-5m", *PRICES))
    assert "**$0.00" in idle_table(0.0) or "**$0.0" in idle_table(0.0)
