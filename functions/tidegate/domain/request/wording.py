"""Sentences about mistakes in a request, each with an example."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tidegate.domain.request.models import Request
from tidegate.domain.request.problems import SMALLEST, Location, Problem, path

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
    """Suggest a known field for an unknown one: of the same object first, otherwise elsewhere."""
    from difflib import get_close_matches

    parent, unknown = _place(location[:-1]), _plain(str(location[-1]))
    beside = [place for place in fields() if place[:-1] == parent]
    for places in (beside, list(fields())):
        by_name = {_plain(place[-1]): place for place in reversed(places)}
        found = get_close_matches(unknown, by_name, n=1, cutoff=0.75)
        if found:
            meant = by_name[found[0]]
            name = meant[-1] if meant in beside else _path(meant, short_form=short_form)
            return Problem(location, f'is not a field; did you mean "{name}"?', _example(meant))
    known = ", ".join(place[-1] for place in beside)
    return Problem(location, f"is not a field; fields: {known}")


def _place(location: Location) -> Place:
    """Omit parts that are not fields: positions in lists, keys of maps."""
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


def line(problem: Problem, *, short_form: bool) -> str:
    """Format a problem with the path from the author's request."""
    location = problem.location
    if short_form and location[:2] == ("targets", 0):
        location = location[2:]
    return f"{path(location)}: {problem.text}; example: {problem.example or example_at(problem.location)}"


def problem_of(error: Any, *, short_form: bool) -> Problem:
    """Translate a pydantic error (one of `ValidationError.errors()`)."""
    location: Location = error["loc"]
    if error["type"] == "extra_forbidden":
        return nearest(location, short_form=short_form)
    if error["type"] == "missing":
        return Problem(location, "is missing")
    if error["type"] == "value_error":
        return Problem(location, str(error["ctx"]["error"]))
    words = _WORDS.get(error["type"])
    text = words(error.get("ctx", {})) if words else error["msg"]
    return Problem(location, text + _instead_of(location, error["input"]))


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "int_type": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "finite_number": lambda _: "must be a finite number",
    "bool_type": lambda _: "must be true or false",
    "string_type": lambda _: "must be a string",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "tuple_type": lambda _: "must be a list",
    "literal_error": lambda ctx: f"must be one of {ctx['expected']}",
    "string_pattern_mismatch": lambda ctx: f"must match {ctx['pattern']}",
    "string_too_short": lambda ctx: f"is shorter than {ctx['min_length']}",
    "string_too_long": lambda ctx: f"is longer than {ctx['max_length']} characters",
    "too_short": lambda ctx: f"has {ctx['actual_length']} entries; at least {ctx['min_length']} are required",
    "too_long": lambda ctx: f"has more than {ctx['max_length']} entries",
    "greater_than": lambda ctx: f"must be more than {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"must be {ctx['ge']:g} or more",
    "less_than": lambda ctx: f"must be less than {ctx['lt']:g}",
    "less_than_equal": lambda ctx: f"must be {ctx['le']:g} or less",
}


def _instead_of(location: Location, value: object) -> str:
    """Show the wrong value, unless it may be secret."""
    if "environment" in location or isinstance(value, dict | list | tuple):
        return ""
    shown = json.dumps(value)
    return f", not {shown if len(shown) <= 60 else shown[:57] + '...'}"
