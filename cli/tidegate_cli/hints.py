"""Hints of Plan for a person who used options: an option in place of a field of JSON."""

import json
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import click

from tidegate_cli.metric_options import EXAMPLE


class Shape(NamedTuple):
    """A part of a request that no option has the name of: what it looks like, and the option, with an example."""

    form: re.Pattern[str]
    option: str
    example: str


SHAPES = (
    Shape(re.compile(r'\{?"steps": \[\{[^\]]*\}\]\}?'), "--steps", "--steps 5,25,50 --every 5m"),
    Shape(re.compile(r'"metrics": \[\{[^\]]*\}\]'), "--gate", "--gate errors --gate latency:800"),
    Shape(re.compile(r'"labels": \{[^}]*\}'), "--label", "--label commit=4f2c9e1"),
    Shape(re.compile(r'"namespace": "Shop"[^}]*\}"\}'), "--metric", f"--metric {EXAMPLE}"),
)
FIELD = re.compile(r'"(\w+)": (true|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?)(?![\w"])')
ANALYSIS = re.compile(rf'"analysis": \{{({FIELD.pattern})\}}')
"""The only object of JSON whose fields are options; it has one of them."""


def unchanged(sentence: str) -> str:
    return sentence


def as_options(parameters: Iterable[click.Parameter]) -> Callable[[str], str]:
    """Return what rewrites examples: `"create_alias": true` becomes `--create-alias` if there is such an option."""
    options = {name for each in parameters for name in each.opts}

    def option(field: re.Match[str]) -> str | None:
        name, value = f"--{field[1].replace('_', '-')}", json.loads(field[2])
        if field[1] == "function":
            return str(value)
        if name not in options:
            return None
        return name if value is True else f"{name} {value}"

    def of_analysis(found: re.Match[str]) -> str:
        field = FIELD.fullmatch(found[1])
        return (field and option(field)) or found[0]

    def of_request(found: re.Match[str]) -> str:
        before = found.string[: found.start()]
        inside = before.count("{") > before.count("}")
        return found[0] if inside else option(found) or found[0]

    def rewritten(sentence: str) -> str:
        for shape in SHAPES:
            if shape.option in options:
                sentence = shape.form.sub(shape.example, sentence)
        return FIELD.sub(of_request, ANALYSIS.sub(of_analysis, sentence))

    return rewritten
