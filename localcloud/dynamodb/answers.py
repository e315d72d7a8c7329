"""Answers with attribute values as they are kept: moto takes each of them apart and puts it together again."""

from functools import wraps
from typing import Any

from moto.core.serialize import BaseJSONSerializer


def install() -> None:
    BaseJSONSerializer._serialize_type_structure = _leaving_values_alone(  # type: ignore[method-assign] # a part of moto replaced
        BaseJSONSerializer._serialize_type_structure
    )


def _leaving_values_alone(serialize: Any) -> Any:
    @wraps(serialize)
    def structure(self: BaseJSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and key and _is_json(value):
            self._default_serialize(serialized, value, shape, key)
        else:
            serialize(self, serialized, value, shape, key)

    return structure


def _is_json(value: dict[str, Any]) -> bool:
    """Return whether an attribute value holds nothing binary, which JSON cannot."""
    kind, held = next(iter(value.items()))
    if kind in ("M", "L"):
        return all(map(_is_json, held.values() if kind == "M" else held))
    return kind not in ("B", "BS")
