"""Every field there is, by its place: what an example or a "did you mean" is taken from."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tidegate.domain.request.models import Request
from tidegate.domain.request.problems import SMALLEST, Location, Problem

Place = tuple[str, ...]
"""Names of the fields on the way to one, without positions in lists: ("targets", "code", "s3_key")."""


@cache
def fields() -> dict[Place, FieldInfo]:
    return dict(_fields_in(Request, ()))


def example_at(location: Location) -> str:
    """Write the example of the innermost field on the way to a location."""
    place = _place(location)
    return _example(place) if place else SMALLEST


def nearest(location: Location, *, short_form: bool) -> Problem:
    """Say what an unknown field was probably meant to be: one of the same object first, else one elsewhere."""
    from difflib import get_close_matches

    parent, unknown = _place(location[:-1]), _plain(str(location[-1]))
    beside = [place for place in fields() if place[:-1] == parent]
    for places in (beside, list(fields())):
        by_name = {_plain(place[-1]): place for place in reversed(places)}
        found = get_close_matches(unknown, by_name, n=1, cutoff=0.75)
        if found:
            meant = by_name[found[0]]
            name = meant[-1] if meant in beside else _path(meant, short_form=short_form)
            return Problem(location, f'is no field there, did you mean "{name}"?', _example(meant))
    known = ", ".join(place[-1] for place in beside)
    return Problem(location, f"is no field; there are: {known}")


def _place(location: Location) -> Place:
    """Leave out what names no field: positions in lists, the author's own names in maps."""
    place: Place = ()
    for part in location:
        if isinstance(part, str) and (*place, part) in fields():
            place = (*place, part)
    return place


def _path(place: Place, *, short_form: bool) -> str:
    if place[0] == "targets" and len(place) > 1:
        place = place[1:] if short_form else ("targets[0]", *place[1:])
    return ".".join(place)


def _plain(name: str) -> str:
    """Compare memorySize, MemorySize and memory-size as memory_size."""
    return name[:64].replace("_", "").replace("-", "").lower()


def _example(place: Place) -> str:
    examples = fields()[place].examples or [None]
    return f'"{place[-1]}": {json.dumps(examples[0])}'


def _fields_in(model: type[BaseModel], place: Place) -> Iterator[tuple[Place, FieldInfo]]:
    for name, field in model.model_fields.items():
        here = (*place, field.alias or name)
        yield here, field
        for inner in _models_in(field):
            yield from _fields_in(inner, here)


def _models_in(field: FieldInfo) -> Iterator[type[BaseModel]]:
    """Find the documents a field is made of, in lists and alternatives, or read by a validator of ours."""
    waiting: list[Any] = [field.annotation, *(getattr(m, "json_schema_input_type", None) for m in field.metadata)]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
        else:
            waiting.extend(get_args(kind))
