"""A figure, and the JSON line it is printed as."""

import json
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
