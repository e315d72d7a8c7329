"""Problems in words that the author of a request can act on."""

import json
from collections.abc import Callable
from typing import Any

from tidegate.domain.request.catalogue import example_at, nearest
from tidegate.domain.request.problems import Location, Problem, path


def line(problem: Problem, *, short_form: bool) -> str:
    """Say a problem with the path as the author of the request wrote it."""
    location = problem.location
    if short_form and location[:2] == ("targets", 0):
        location = location[2:]
    return f"{path(location)}: {problem.text}; example: {problem.example or example_at(problem.location)}"


def problem_of(error: Any, *, short_form: bool) -> Problem:
    """Say in our words what pydantic found (one of `ValidationError.errors()`)."""
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
    "int_type": lambda _: "has to be a whole number",
    "int_from_float": lambda _: "has to be a whole number",
    "float_type": lambda _: "has to be a number",
    "finite_number": lambda _: "has to be a finite number",
    "bool_type": lambda _: "has to be true or false",
    "string_type": lambda _: "has to be a text",
    "dict_type": lambda _: "has to be an object",
    "model_type": lambda _: "has to be an object",
    "tuple_type": lambda _: "has to be a list",
    "literal_error": lambda ctx: f"has to be one of {ctx['expected']}",
    "string_pattern_mismatch": lambda ctx: f"has to match {ctx['pattern']}",
    "string_too_short": lambda ctx: f"is shorter than {ctx['min_length']}",
    "string_too_long": lambda ctx: f"is longer than {ctx['max_length']} characters",
    "too_short": lambda ctx: f"has {ctx['actual_length']} entries, at least {ctx['min_length']} are needed",
    "too_long": lambda ctx: f"has more than {ctx['max_length']} entries",
    "greater_than": lambda ctx: f"has to be more than {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"has to be {ctx['ge']:g} or more",
    "less_than": lambda ctx: f"has to be less than {ctx['lt']:g}",
    "less_than_equal": lambda ctx: f"has to be {ctx['le']:g} or less",
}


def _instead_of(location: Location, value: object) -> str:
    """Show the wrong value, unless it may be one that nobody should see."""
    if "environment" in location or isinstance(value, dict | list | tuple):
        return ""
    shown = json.dumps(value)
    return f", not {shown if len(shown) <= 60 else shown[:57] + '...'}"
