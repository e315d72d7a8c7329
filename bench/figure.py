"""A figure, and the JSON line it is printed as."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value (None: it could not be measured) and what it has to reach: at most `bar`, or at least."""

    figure: str
    value: float | None
    unit: str
    bar: float
    note: str
    at_least: bool = False
    command: str = "make bench"

    @property
    def ok(self) -> bool:
        if self.value is None:
            return False
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def line(self) -> str:
        return json.dumps(
            {
                "figure": self.figure,
                "value": self.value,
                "unit": self.unit,
                "bar": self.bar,
                "ok": self.ok,
                "command": self.command,
                "note": self.note,
            }
        )


def printed(figures: Iterable[Figure]) -> int:
    """Write each figure as a line as soon as it is measured; return the exit status: 1 if one misses its bar."""
    missed = 0
    for figure in figures:
        sys.stdout.write(figure.line() + "\n")
        sys.stdout.flush()
        missed += not figure.ok
    return 1 if missed else 0
