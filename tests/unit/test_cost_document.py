"""docs/cost.md adds up, at the prices that bench.cost has."""

import re

from bench import prices
from bench.cost import PRICES, dollars, idle_table, release_table
from bench.fleet_cost import on_paper
from tests.reading import ROOT
from tidegate.domain.rollout.pauses import Pause, next_look
from tidegate.domain.schedule import DAY

PAGE = (ROOT / "docs/cost.md").read_text()


def rows(table: str) -> dict[str, list[str]]:
    found = re.search(rf"<!-- cost: {table} -->\n(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert found
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in found[1].splitlines() if line]
    return {first: rest for first, *rest in cells}


def counts(column: int) -> dict[str, float]:
    return {name: float(rows("releases")[name][column]) for name in PRICES}


def looks(*pauses: Pause) -> int:
    """Count the looks on the first day after a first shift."""
    now, found = 0, -1
    while now < DAY:
        now, found = next_look(now, 0, pauses), found + 1
    return found


def test_the_sums_are_those_of_the_counts() -> None:
    totals = rows("releases")["**together**"]
    assert len(totals) == 4
    for column, total in enumerate(totals):
        assert abs(dollars(counts(column)) / float(total.strip("*$")) - 1) < 0.05


def test_a_thousand_functions_are_ten_regions_of_a_hundred_and_their_parent() -> None:
    table = rows("fleets")
    hundred = {name: float(table[name][2]) for name in PRICES}
    minutes = {"seconds": 1657.0, "history events": float(table["history events of one execution"][2])}
    paper = on_paper({**hundred, **minutes})
    for name in PRICES:
        assert abs(paper[name] / float(table[name][3]) - 1) < 0.01, name
    for column, total in enumerate(table["**together**"]):
        counted = {name: float(table[name][column]) for name in PRICES}
        assert abs(dollars(counted) / float(total.strip("*$")) - 1) < 0.05


def test_the_prices_are_those_that_are_counted_with() -> None:
    assert {name: float(rows("releases")[name][-1].strip("$")) for name in PRICES} == {
        name: round(price * 1e6, 6) for name, price in PRICES.items()
    }


def test_every_price_has_its_page_and_where_it_was_found_again() -> None:
    assert prices.table() in PAGE


def test_a_day_at_a_weight_is_as_many_looks_as_it_says() -> None:
    (said,) = re.findall(r"has (\d+) ticks on its first day, about \$(\d+\.\d+)", PAGE)
    assert (int(said[0]), float(said[1])) == (looks(), round(looks() * dollars(counts(3)), 2))
    assert f"{looks(Pause(0, 2 * DAY))} on that day" in PAGE


def test_a_table_has_every_strategy_and_what_is_charged_for() -> None:
    one = dict.fromkeys(PRICES, 1.0)
    table = release_table({"guarded": one, "canary-10-5m": one})
    assert all(name in table for name in ("guarded", "canary-10-5m", *PRICES))
    assert all(name in idle_table(0.0) for name in ("invocations", "alarms", "LocksLeft"))
