"""Where the tables go: between two comments in a Markdown file, so that the text around them stays a person's."""

import re
from collections.abc import Iterable
from pathlib import Path

from bench.figure import Figure
from bench.judge import plot, table
from bench.judge.schedules import CANARY, GUARDED, LINEAR
from bench.judge.table import Results

ROOT = Path(__file__).parents[2]
PAGE, PICTURE = ROOT / "docs/judge.md", ROOT / "docs/judge.svg"


def write(results: Results, figures: Iterable[Figure]) -> None:
    """Write the picture and the tables of docs/judge.md."""
    PICTURE.write_text(plot.draw(results))
    page = PAGE.read_text()
    for schedule in (CANARY, LINEAR, GUARDED):
        page = filled(page, f"false {schedule}", table.false_alarms(results, schedule))
        page = filled(page, f"misses {schedule}", table.misses(results, schedule))
    page = filled(page, "judge", table.short(results, CANARY))
    PAGE.write_text(filled(page, "figures", _figures(figures)))


def filled(text: str, name: str, content: str) -> str:
    """Put the content between the two comments of that name.

    Raises
    ------
    ValueError
        The text has no such place.
    """
    place = re.compile(rf"(<!-- bench: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    done, count = place.subn(lambda match: f"{match[1]}\n{content}\n\n{match[2]}", text)
    if count != 1:
        raise ValueError(f'there are {count} places "<!-- bench: {name} -->", not one')
    return done


def _figures(figures: Iterable[Figure]) -> str:
    rows = ["| figure | value | bar | | |", "|---|---|---|---|---|"]
    for each in figures:
        bar = f"{'at least' if each.at_least else 'at most'} {each.bar:g}"
        met = "reached" if each.ok else "**missed**"
        rows.append(f"| {each.figure} | {each.value:g} {each.unit} | {bar} | {met} | {each.note} |")
    return "\n".join(rows)
