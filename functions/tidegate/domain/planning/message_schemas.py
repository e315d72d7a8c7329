"""Whether every message of one JSON Schema is valid under another: a sound comparison of a part of JSON Schema.

"Yes" holds for all messages. "No" names what the writer may send and the reader refuses. A keyword outside this part
must be the same in both schemas; otherwise the comparison cannot tell.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from tidegate.domain.planning.schema_keywords import (
    ANNOTATIONS,
    MESSAGE,
    TYPES,
    YES,
    Answer,
    Schema,
    Unclear,
    a,
    canonical,
    conflicts,
    listed,
    narrowing,
    no,
    resolved,
    schema_of,
    types_of,
    unknown,
    unlisted,
    values_of,
)
from tidegate.domain.request.problems import shown

MOST_STEPS, DEEPEST = 5_000, 50
"""Pairs of places that are compared, and how many lie in each other: a fraction of a second, and of Python's stack."""


def accepts_all(reader: Any, writer: Any) -> Answer:
    """Return whether every instance that is valid under `writer` is valid under `reader`; both are parsed JSON."""
    if canonical(reader) == canonical(writer):
        return YES
    if len({str(each["$schema"]) for each in (reader, writer) if isinstance(each, dict) and "$schema" in each}) > 1:
        return unknown(MESSAGE, "$schema")
    return _Comparison(reader, writer).compare(reader, writer, MESSAGE, 0)


def _worst(answers: Iterable[Answer]) -> Answer:
    """Return the first no, else the first that cannot be told, else yes."""
    worst = YES
    for each in answers:
        if each.accepts is False:
            return each
        worst = each if worst.accepts else worst
    return worst


class _Comparison:
    """One reader against one writer.

    A pair of places that is met again deeper in the message, because both schemas are recursive, is taken to be
    accepted: if it is not, the first visit of the pair says so, because messages are finite.
    """

    def __init__(self, reader: Any, writer: Any) -> None:
        self._documents = reader, writer
        self._steps = 0
        self._open: dict[tuple[int, int], int] = {}
        # Schemas of single values and types are kept, because places are known by their identity.
        self._of_values: dict[tuple[int, str], Schema] = {}
        self._of_types: dict[tuple[int, str], Schema] = {}
        self._single = set[int]()
        self._listed: dict[int, dict[str, set[str]]] = {}

    def compare(self, reader: Any, writer: Any, place: str, depth: int) -> Answer:
        """Compare two places; `depth` is that in the message, and stays while references are followed."""
        self._steps += 1
        if self._steps > MOST_STEPS or len(self._open) > DEEPEST:
            return Answer(None, place, "the schemas are too large to be compared")
        try:
            one, other = resolved(reader, self._documents[0]), resolved(writer, self._documents[1])
        except Unclear as unclear:
            return unknown(place, str(unclear))
        if not one.keys() - ANNOTATIONS or not types_of(other):
            return YES
        pair = id(one), id(other)
        if pair in self._open:
            return YES if depth > self._open[pair] else unknown(place, "$ref")
        self._open[pair] = depth
        try:
            return self._compared(one, other, place, depth)
        finally:
            del self._open[pair]

    def _compared(self, reader: Schema, writer: Schema, place: str, depth: int) -> Answer:
        values = values_of(writer)
        if values is not None and id(writer) not in self._single:
            return _worst(self.compare(reader, self._of_value(writer, each), place, depth) for each in values)
        branches = [self.compare(reader, each, place, depth) for each in writer.get("anyOf", ())]
        if branches and all(each.accepts for each in branches):
            return YES
        if branches and writer.keys() - ANNOTATIONS == {"anyOf"}:
            return _worst(branches)
        answer = _worst(self._parts(reader, writer, place, depth))
        keyword = narrowing(writer)
        return unknown(place, keyword) if keyword and answer.accepts is False else answer

    def _of_value(self, writer: Schema, value: Any) -> Schema:
        made = self._of_values.setdefault((id(writer), canonical(value)), schema_of(value))
        self._single.add(id(made))
        return made

    def _parts(self, reader: Schema, writer: Schema, place: str, depth: int) -> Iterator[Answer]:
        yield from conflicts(reader, writer, place)
        if id(reader) not in self._listed:
            self._listed[id(reader)] = listed(reader)
        yield from unlisted(self._listed[id(reader)], writer, place)
        if "anyOf" in reader:
            yield from self._any_of(reader["anyOf"], writer, place, depth)
        both = types_of(reader) & types_of(writer)
        if "object" in both:
            yield from self._properties(reader, writer, place, depth)
        if "array" in both and writer.get("maxItems") != 0:
            yield self.compare(reader.get("items", True), writer.get("items", True), f"{place}[]", depth + 1)

    def _any_of(self, branches: list[Any], writer: Schema, place: str, depth: int) -> Iterator[Answer]:
        """For each type that is sent, require one of the branches to accept all of its values."""
        types = types_of(writer)
        for each in sorted(types - ({"integer"} if "number" in types else set())):
            single = writer
            if writer.get("type") != each:
                single = self._of_types.setdefault((id(writer), each), {**writer, "type": each})
            fitting = [branch for branch in branches if each in self._types_of_branch(branch)]
            if not fitting:
                yield no(place, f"{a(each)} may be sent, but nothing in anyOf accepts every {each}")
            elif len(fitting) == 1:
                yield self.compare(fitting[0], single, place, depth)
            elif not any(self.compare(branch, single, place, depth).accepts for branch in fitting):
                yield unknown(place, "anyOf")

    def _types_of_branch(self, branch: Any) -> set[str]:
        try:
            return types_of(resolved(branch, self._documents[0]))
        except Unclear:
            return {*TYPES.values()}

    def _properties(self, reader: Schema, writer: Schema, place: str, depth: int) -> Iterator[Answer]:
        ours, theirs = reader.get("properties", {}), writer.get("properties", {})
        accepted, sent = (each.get("additionalProperties", True) for each in (reader, writer))
        # A name that a pattern of the writer fits is none of its additional properties.
        undeclared = True if "patternProperties" in writer else sent
        for name in sorted({*ours, *theirs}):
            at = f"{place}.{shown(name)}"
            found = self.compare(ours.get(name, accepted), theirs.get(name, undeclared), at, depth + 1)
            if name not in theirs and found.accepts is False:
                found = found._replace(reason=f"{found.reason}; additionalProperties allows it")
            yield found
        yield self.compare(accepted, sent, f"{place}.*", depth + 1)
