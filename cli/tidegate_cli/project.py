"""The project file, `tidegate.yaml`: settings of a request by function, the stack and the Region.

docs/project.schema.json describes it, and is generated from the models of a request. What belongs to a single release
(ONE_TIME) stays out of it. An unknown key at the top is refused, so that later versions can add some.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from tidegate.domain.amounts import many
from tidegate.domain.request.limits import matches
from tidegate.domain.request.regions import OF_A_PARENT
from tidegate_cli.function_names import named
from tidegate_cli.layers import Layer, laid
from tidegate_cli.project_file import find

PLACE = ("stack", "region")
"""Fields that say where Tidegate is; all others are fields of a request."""

TOP = (*PLACE, "defaults", "functions", "fleets")
SELECTING = ("function", "targets", "tag", "wave_tag")
ONE_TIME = (*SELECTING, "code", "version", "configuration", "again", "on_conflict", "dry_run", *OF_A_PARENT)
"""Fields of a request that are decided for each release."""

PATTERN = re.compile(r"[A-Za-z0-9_*?-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Section:
    """Settings of functions whose name matches `pattern`; the section `defaults` matches all."""

    path: str
    pattern: str
    fields: Mapping[str, Any]

    @property
    def of_request(self) -> dict[str, Any]:
        return {name: value for name, value in self.fields.items() if name not in PLACE}

    def covers(self, function: str) -> bool:
        return matches(function, [self.pattern])


@dataclass(frozen=True)
class Project:
    """A valid project file. Later sections win over earlier ones, and a function's own name over every pattern."""

    file: Path
    document: Mapping[str, Any]

    @cached_property
    def sections(self) -> Sequence[Section]:
        """The defaults, patterns in the order of the file, then names."""
        defaults = {name: self.document[name] for name in PLACE if name in self.document}
        found = [Section(f"functions.{name}", name, fields or {}) for name, fields in self._functions.items()]
        exact = [each for each in found if not set("*?") & set(each.pattern)]
        patterns = [each for each in found if each not in exact]
        return [Section("defaults", "*", {**defaults, **(self.document.get("defaults") or {})}), *patterns, *exact]

    @property
    def _functions(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document.get("functions") or {}
        return found

    @property
    def summary(self) -> str:
        """Return what the file has, counted."""
        number, fleets = len(self._functions), len(self.document.get("fleets") or {})
        parts = [
            "defaults" if self.document.get("defaults") else "",
            f"{number} function{'' if number == 1 else 's'} or pattern{'' if number == 1 else 's'}" if number else "",
            many(fleets, "fleet") if fleets else "",
        ]
        return ", ".join(filter(None, parts)) or "nothing for any function"

    @property
    def names(self) -> list[str]:
        """The functions that have a section by their name."""
        return [name for name in self._functions if not set("*?") & set(name)]

    def fleet(self, name: str) -> list[str]:
        """Return the functions of a fleet; their waves and other settings are those of their sections.

        Raises
        ------
        UsageError
            When the file has no such fleet.
        """
        fleets: Mapping[str, list[str]] = self.document.get("fleets") or {}
        if name not in fleets:
            known = ", ".join(fleets) or "none"
            raise click.UsageError(f"{self.file} has no fleet {name!r}; fleets: {known}")
        return fleets[name]

    def layers(self, function: str) -> list[Layer]:
        """Return the fields of a request for a function, the lowest layer first."""
        covering = (each for each in self.sections if each.covers(function) and each.of_request)
        return [Layer(self._source(each), each.of_request) for each in covering]

    def place(self, functions: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return stack and Region of functions, where the file has them: value and source.

        Raises
        ------
        UsageError
            When functions are in different places.
        """
        each = [self._place(function) for function in functions] or [self._place("")]
        if any(one != each[0] for one in each):
            raise click.UsageError(
                f"{self.file} has different stacks or Regions for these functions: name them one by one"
            )
        return each[0]

    def _place(self, function: str) -> dict[str, tuple[str, str]]:
        defaults, *others = self.sections
        found = {name: (str(value), self.file.name) for name, value in defaults.fields.items() if name in PLACE}
        for each in (each for each in others if function and each.covers(function)):
            found |= {name: (str(value), self._source(each)) for name, value in each.fields.items() if name in PLACE}
        return found

    def _source(self, section: Section) -> str:
        return f"{self.file.name}, {section.path}"


def load(given: str | None) -> Project | None:
    """Read the named project file, or the nearest one; an empty name means none.

    Raises
    ------
    UsageError
        When it cannot be read, or is invalid: with every problem.
    """
    file = find(Path.cwd()) if given is None else Path(given) if given else None
    if file is None:
        return None
    project, wrong = read(file)
    if project is None or wrong:
        told = [f"{file}: {each}" for each in wrong]
        raise click.UsageError("\n".join([*told, "To ignore this file: --project ''"]))
    return project


def read(file: Path) -> tuple[Project | None, list[str]]:
    """Read a project file, and find every problem in it."""
    from tidegate_cli.yaml_text import parse

    try:
        document = parse(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        return None, [f"cannot be read: {error.strerror}"]
    except ValueError as error:
        return None, [str(error)]
    wrong = list(_misshapen(document))
    project = Project(file, _sound(document))
    return None if wrong else project, [*wrong, *_invalid(project)]


def _sound(document: Any) -> dict[str, Any]:
    """Return what can be read of a document in spite of mistakes in other parts of it."""
    fields = document.items() if isinstance(document, dict) else ()
    found = {name: value for name, value in fields if name in PLACE or (name in TOP and isinstance(value, dict))}
    functions = found.get("functions", {}).items()
    return {
        **found,
        "functions": {name: one for name, one in functions if _named(name) and isinstance(one, dict | None)},
    }


def _named(name: Any) -> bool:
    return isinstance(name, str) and bool(PATTERN.fullmatch(name))


def _misshapen(document: Any) -> Iterator[str]:
    """Find what is not an object, unknown at the top, or no name of a function."""
    if document is None:
        return
    if not isinstance(document, dict):
        yield f"must have the fields {', '.join(TOP)}"
        return
    for name, value in document.items():
        if name not in TOP:
            from difflib import get_close_matches

            meant = get_close_matches(str(name), TOP, n=1)
            hint = f'did you mean "{meant[0]}"? ' if meant else ""
            yield f"{name}: is not a field; {hint}fields: {', '.join(TOP)}"
        elif name not in PLACE and not isinstance(value, dict | None):
            yield f"{name}: must have fields; example: {name}: {{strategy: guarded}}"
    yield from _no_fleets(document.get("fleets"))
    functions = document.get("functions")
    for name, fields in functions.items() if isinstance(functions, dict) else ():
        if not _named(name):
            yield f"functions.{name}: is no name of a function, nor a pattern with * and ?; example: shop-*"
        elif not isinstance(fields, dict | None):
            yield f"functions.{name}: must have fields; example: {{strategy: guarded}}"


def _no_fleets(fleets: Any) -> Iterator[str]:
    """Find fleets that are no lists of functions, each once."""
    for fleet, functions in fleets.items() if isinstance(fleets, dict) else ():
        if not isinstance(functions, list) or not functions or not all(isinstance(each, str) for each in functions):
            yield f"fleets.{fleet}: must list functions; example: {{shop: [orders, mail]}}"
            continue
        for index, function in enumerate(functions):
            if function in functions[:index]:
                yield f"fleets.{fleet}: {function} is already listed: name it once"
            try:
                named(function)
            except ValueError as error:
                yield f"fleets.{fleet}: {error}"


def _invalid(project: Project) -> Iterator[str]:
    """Find problems of fields, each once: a section is checked together with the defaults."""
    from tidegate_cli.offline import problems

    defaults, *others = project.sections
    known = set[str]()
    for section in (defaults, *others):
        yield from (f"{section.path}.{each}" for each in _out_of_place(section))
        layers = [Layer("", defaults.of_request), Layer("", section.of_request)]
        fields = {name: value for name, value in laid(layers).values.items() if name not in ONE_TIME}
        found = [each for each in problems({**fields, "function": "checkout"}) if each not in known]
        known.update(found)
        yield from (f"{section.path}.{each}" for each in found)


def _out_of_place(section: Section) -> Iterator[str]:
    for name in ONE_TIME:
        if name in section.fields:
            yield f"{name}: is decided for each release; use an option or a request for it"
    for name in PLACE:
        if name in section.fields and not (isinstance(section.fields[name], str) and section.fields[name]):
            yield f"{name}: must be a name; example: {name}: {'tidegate' if name == 'stack' else 'eu-west-1'}"
