"""Rows in columns under a header, for people."""

from collections.abc import Iterable, Iterator, Sequence

from tidegate.domain.foreign_text import one_line, shortened
from tidegate_cli.wrapping import filled

GAP = "  "
NARROWEST = 20
"""Characters that the last column has at least, where it continues below; with less room it begins there."""


def columns(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, width: int | None = None, cut: bool = True
) -> list[str]:
    """Align cells; where a line is longer than `width` (None: never), the last column is cut, or continues below."""
    table = [[one_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in list(zip(*table, strict=True))[:-1]]
    return [line for row in table for line in _fitted(row, widths, width, cut=cut)]


def _fitted(row: Sequence[str], widths: Sequence[int], width: int | None, *, cut: bool) -> Iterator[str]:
    *cells, last = row
    before = "".join(f"{cell:<{length}}{GAP}" for cell, length in zip(cells, widths, strict=True))
    line = (before + last).rstrip()
    if width is None or len(line) < width:
        yield line
    elif cut:
        yield shortened(line, max(1, width - 1))
    elif width - len(before) < NARROWEST:
        yield before.rstrip()
        yield from (f"{GAP}{each}" for each in filled(last, max(width - len(GAP), NARROWEST)) if each)
    else:
        first, *rest = filled(last, width - len(before))
        yield before + first
        yield from (f"{'':<{len(before)}}{each}" for each in rest)
