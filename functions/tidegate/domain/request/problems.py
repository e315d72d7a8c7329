"""Problems of a request: path, text and example."""

import json
from dataclasses import dataclass

Location = tuple[str | int, ...]
LONGEST_SHOWN = 200
SMALLEST = '{"function": "checkout"}'


@dataclass(frozen=True)
class Problem:
    """One problem; `example` is JSON; the default is the field's example."""

    location: Location
    text: str
    example: str | None = None


def shown(text: str) -> str:
    """Return foreign text for a message: short, and with control characters escaped as in JSON."""
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    return cut if cut.isprintable() else json.dumps(cut)[1:-1]


def path(location: Location) -> str:
    """Write a location as `targets[0].strategy.steps[1].weight`."""
    written = ""
    for part in location:
        if isinstance(part, int):
            written += f"[{part}]"
        elif part != "[key]":  # pydantic's mark that a name, not its value, is wrong
            plain = part.isidentifier() and len(part) <= 64
            written += f".{part}" if plain else f"[{json.dumps(part[:64])}]"
    return written.lstrip(".") or "request"
