"""Values of a request from several places: later layers win, and each value knows where it came from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

BY_FIELD = ("analysis", "labels")
"""Fields whose own fields are merged one by one; all others are replaced whole."""


@dataclass(frozen=True)
class Layer:
    """Fields of a request, and where they were written."""

    source: str
    fields: Mapping[str, Any]

    def without(self, *names: str) -> "Layer":
        return Layer(self.source, {each: value for each, value in self.fields.items() if each not in names})


@dataclass(frozen=True)
class Laid:
    """The result: `origin` has the source of each value, by its path (`strategy`, `labels.commit`)."""

    values: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)


def laid(layers: Iterable[Layer]) -> Laid:
    """Merge layers, the lowest first."""
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for layer in layers:
        for name, value in layer.fields.items():
            if name in BY_FIELD and isinstance(value, dict):
                values[name] = {**values.get(name, {}), **value}
                origin |= {f"{name}.{each}": layer.source for each in value}
            else:
                values[name] = value
                origin[name] = layer.source
    return Laid(values, origin)
