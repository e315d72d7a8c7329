"""Where a call finds Tidegate: stack and Region from options, the environment, or the project file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from tidegate_cli.project_file import find

SOURCES = {ParameterSource.COMMANDLINE: "option", ParameterSource.ENVIRONMENT: "environment"}
FIELDS = {"stack": "stack_name", "region": "region"}
NAMING = ("function", "functions", "release")
"""Arguments that name functions, or releases whose names begin with those of functions."""


def placed(ctx: click.Context, file: str | None, *, reads: bool) -> dict[str, Any]:
    """Return the fields of `Shared` that the project file sets, and where stack and Region came from.

    Raises
    ------
    UsageError
        When the project file is invalid, or puts the named functions into different places.
    """
    given = {name: SOURCES.get(source) for name, field in FIELDS.items() if (source := ctx.get_parameter_source(field))}
    sources = {name: source for name, source in given.items() if source}
    project = _project(file) if reads else None
    if project is None:
        return {"sources": sources}
    found = {name: at for name, at in project.place(_functions(ctx)).items() if name not in sources}
    return {
        "project": project,
        "sources": {**sources, **{name: source for name, (_, source) in found.items()}},
        **{FIELDS[name]: value for name, (value, _) in found.items()},
    }


def _project(file: str | None) -> Any:
    """Load the project file; where there is none, nothing is imported for it."""
    if file == "" or (file is None and find(Path.cwd()) is None):
        return None
    from tidegate_cli.project import load

    return load(file)


def _functions(ctx: click.Context) -> Iterator[str]:
    for name in NAMING:
        value = ctx.params.get(name)
        for each in value if isinstance(value, tuple) else (value,):
            if each is not None:
                yield getattr(each, "name", None) or str(each)
