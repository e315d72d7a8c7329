"""What the cells say, as tables: one line a rule."""

from collections.abc import Callable, Iterable, Sequence

from bench.judge.cells import REGRESSIONS, Cell
from bench.judge.outcome import Outcome
from bench.judge.rules import RULES

Results = Sequence[tuple[Cell, dict[str, Outcome]]]

WRONG = {
    "healthy": "healthy, 0 to 5 %",
    "brown-out": "brown-out of both",
    "bursts": "bursts of ten",
    "shift": "brown-out beside a shift",
    "slow": "slow canary",
    "retried": "retried events",
    "fix": "a fix",
}
"""Kinds of cells in which nothing got worse, and what the table calls them."""


def worst(results: Results, schedule: str, kind: str, rule: str) -> float:
    """Give the largest part of releases that the rule rolls back in any cell of the kind."""
    return max(found[rule].rolled_back for cell, found in results if (cell.schedule, cell.kind) == (schedule, kind))


def at(results: Results, schedule: str, name: str, rps: float, rule: str) -> Outcome:
    wanted = (schedule, name, rps)
    return next(found[rule] for cell, found in results if (cell.schedule, cell.name, cell.rps) == wanted)


def ordinary(results: Results, schedule: str, rule: str) -> float:
    """Give the worst of the cells that thresholds are made for: 0.5 % fail, 10 requests a second and more."""
    return max(at(results, schedule, "healthy 0.005", rps, rule).rolled_back for rps in (10, 30, 100, 300, 1000))


def false_alarms(results: Results, schedule: str) -> str:
    columns = {
        "healthy, 0.5 %, from 10 rps": lambda rule: percent(ordinary(results, schedule, rule)),
        **{title: _worst(results, schedule, kind) for kind, title in WRONG.items()},
    }
    return _table(columns)


def misses(results: Results, schedule: str) -> str:
    def minutes(rule: str) -> str:
        return number(at(results, schedule, "+2 points", 100, rule).minutes)

    def failed(rule: str) -> str:
        return number(at(results, schedule, "all fail", 100, rule).failed)

    columns: dict[str, Callable[[str], str]] = {
        **{f"misses {name}": _missed(results, schedule, name) for name in REGRESSIONS},
        "misses +5 points from minute 3": _missed(results, schedule, "late +5 points"),
        "minutes to roll back +2 points, 100 rps": minutes,
        "failed requests, 100 rps, all fail": failed,
    }
    return _table(columns)


def short(results: Results, schedule: str) -> str:
    columns = {
        **{WRONG[kind]: _worst(results, schedule, kind) for kind in ("healthy", "brown-out", "bursts", "fix")},
        "misses +2 points, 10 / 100 rps": _missed(results, schedule, "+2 points"),
        "failed requests, 100 rps, all fail": lambda rule: number(at(results, schedule, "all fail", 100, rule).failed),
    }
    return _table(columns)


def percent(part: float) -> str:
    return f"{100 * part:.2g} %" if part < 0.995 else f"{100 * part:.3g} %"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _worst(results: Results, schedule: str, kind: str) -> Callable[[str], str]:
    return lambda rule: percent(worst(results, schedule, kind, rule))


def _missed(results: Results, schedule: str, name: str) -> Callable[[str], str]:
    def missed(rule: str) -> str:
        each = (1 - at(results, schedule, name, rps, rule).rolled_back for rps in (10, 100))
        return " / ".join(percent(part).removesuffix(" %") for part in each) + " %"

    return missed


def _table(columns: dict[str, Callable[[str], str]]) -> str:
    rows = [["rule", *columns], ["---"] * (len(columns) + 1)]
    for rule in RULES:
        cells = [rule.name, *(column(rule.name) for column in columns.values())]
        rows.append([f"**{cell}**" for cell in cells] if rule.name.startswith("Tidegate") else cells)
    return _lines(rows)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
