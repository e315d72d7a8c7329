"""Rows in columns under a header, for people; on a terminal each row stays on one line."""

from collections.abc import Iterable, Sequence

from tidegate.domain.foreign_text import one_line, shortened

GAP = "  "


def columns(header: Sequence[str], rows: Iterable[Sequence[str]], *, width: int | None = None) -> list[str]:
    """Align cells; the last column is cut where a line is longer than `width` characters (None: never)."""
    table = [[one_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in list(zip(*table, strict=True))[:-1]]
    return [_fitted(row, widths, width) for row in table]


def _fitted(row: Sequence[str], widths: Sequence[int], width: int | None) -> str:
    *cells, last = row
    line = "".join(f"{cell:<{length}}{GAP}" for cell, length in zip(cells, widths, strict=True)) + last
    return (line if width is None else shortened(line, max(1, width - 1))).rstrip()
