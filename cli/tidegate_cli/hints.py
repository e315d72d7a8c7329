"""Hints of Plan for a person who used options: an option in place of a field of JSON."""

import json
import re
from collections.abc import Callable, Iterable

import click

FIELD = re.compile(r'"(\w+)": (true|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?)(?![\w"])')
INSIDE = re.compile(r'"\w+": \{(--[^{}"]*)\}')
"""An object of JSON whose only field has become an option."""


def unchanged(sentence: str) -> str:
    return sentence


def as_options(parameters: Iterable[click.Parameter]) -> Callable[[str], str]:
    """Return what rewrites examples: `"create_alias": true` becomes `--create-alias` if there is such an option."""
    options = {name for each in parameters for name in each.opts}

    def written(found: re.Match[str]) -> str:
        name, value = f"--{found[1].replace('_', '-')}", json.loads(found[2])
        if found[1] == "function":
            return str(value)
        if name not in options:
            return found[0]
        return name if value is True else f"{name} {value}"

    return lambda sentence: INSIDE.sub(r"\1", FIELD.sub(written, sentence))
