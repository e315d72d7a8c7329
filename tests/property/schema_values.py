"""Values of a JSON Schema, as far as docs/request.schema.json uses it, and values that are spoilt in a few places.

hypothesis-jsonschema does the first for any schema; it has had no release for the Hypothesis that is used here.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
Values = st.SearchStrategy[Any]

TEXT = st.characters(codec="utf-8")
ANYTHING: Values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(TEXT, max_size=6), inner, max_size=3),
    max_leaves=6,
)
"""Any JSON."""
ODD: Values = st.sampled_from(
    ["$LATEST", "7", "live", "5m", "guarded", "", "\ud800", 10**400, -1, 0, 1e308, [], {}, None, "é" * 300]
)


class SchemaValues:
    """Makes strategies of the parts of one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.names = sorted(_names(schema))
        self._definitions: dict[str, Values] = {}
        self.valid = st.one_of([self._whole(form) for form in schema["oneOf"]])
        """Documents that the schema allows."""

    def _whole(self, form: Schema) -> Values:
        left_out = {name for name, allowed in form["properties"].items() if allowed in (False, {"type": "null"})}
        properties = {name: part for name, part in self.schema["properties"].items() if name not in left_out}
        return self.of({"type": "object", "properties": properties, "required": form["required"]})

    def of(self, part: Schema) -> Values:
        if "$ref" in part:
            return self._defined(part["$ref"].rpartition("/")[2])
        values = self._one_of(part["anyOf"], part) if "anyOf" in part else self._typed(part)
        examples = part.get("examples")
        return st.sampled_from(examples).map(deepcopy) | values if examples else values

    def _defined(self, name: str) -> Values:
        if name not in self._definitions:
            self._definitions[name] = self.of(self.schema["$defs"][name])
        return self._definitions[name]

    def _one_of(self, choices: list[Schema], beside: Schema) -> Values:
        """Give one of the choices; a pattern beside them holds for texts."""
        pattern = {"pattern": beside["pattern"]} if "pattern" in beside else {}
        return st.one_of([self.of({**each, **pattern} if each.get("type") == "string" else each) for each in choices])

    def _typed(self, part: Schema) -> Values:
        if "enum" in part or "const" in part:
            return st.sampled_from(part.get("enum") or [part["const"]])
        made: dict[str, Callable[[Schema], Values]] = {
            "null": lambda _: st.none(),
            "boolean": lambda _: st.booleans(),
            "integer": lambda _: st.integers(part.get("minimum"), part.get("maximum")),
            "number": _numbers,
            "string": _texts,
            "array": self._lists,
            "object": self._objects,
        }
        kind = part.get("type")
        return made[kind](part) if kind else ANYTHING

    def _lists(self, part: Schema) -> Values:
        least = part.get("minItems", 0)
        return st.lists(self.of(part["items"]), min_size=least, max_size=min(part.get("maxItems", 3), max(3, least)))

    def _objects(self, part: Schema) -> Values:
        if "properties" not in part:
            names, (patterns, values) = part.get("propertyNames", {}), _any_of(part)
            keys, least = self.of({"type": "string", **patterns, **names}), part.get("minProperties", 0)
            return st.dictionaries(keys, self.of(values), min_size=least, max_size=max(2, least))
        values = {name: self.of(each) for name, each in part["properties"].items()}
        return _some_of(values, needed=part.get("required", []))


def _any_of(part: Schema) -> tuple[Schema, Schema]:
    """Give what the names of an object without fixed ones must look like, and its values."""
    if "patternProperties" not in part:
        return {}, part["additionalProperties"]
    ((pattern, values),) = part["patternProperties"].items()
    return {"pattern": pattern}, values


@st.composite
def _some_of(draw: st.DrawFn, values: dict[str, Values], needed: list[str]) -> Any:
    """Give an object with what is needed and up to three of the rest."""
    rest = [name for name in values if name not in needed]
    chosen = draw(st.lists(st.sampled_from(rest), unique=True, max_size=3)) if rest else []
    return {name: draw(values[name]) for name in [*needed, *chosen]}


def _numbers(part: Schema) -> Values:
    least, most = part.get("minimum", part.get("exclusiveMinimum")), part.get("maximum", part.get("exclusiveMaximum"))
    return st.floats(
        least,
        most,
        exclude_min="exclusiveMinimum" in part,
        exclude_max="exclusiveMaximum" in part,
        allow_nan=False,
        allow_infinity=False,
    )


def _texts(part: Schema) -> Values:
    if "pattern" not in part:
        return st.text(TEXT, min_size=part.get("minLength", 0), max_size=min(part.get("maxLength", 12), 12))
    pattern = part["pattern"]
    # Hypothesis does not see what a look ahead forbids, and tries in vain.
    written = st.from_regex(re.sub(r"\(\?!.*?\)", "", pattern), fullmatch=True, alphabet=TEXT)
    return written.filter(lambda text: len(text) <= part.get("maxLength", len(text)) and re.search(pattern, text))


def _names(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, inner in part.items():
            if key == "properties":
                yield from inner
            yield from _names(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _names(inner)


@st.composite
def spoilt(draw: st.DrawFn, values: SchemaValues) -> Any:
    """Give a document of the schema to which something was done at one to three places."""
    whole = {"whole": draw(values.valid)}
    for _ in range(draw(st.integers(1, 3))):
        holder = draw(st.sampled_from(list(holders(whole))))
        places = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        kind = draw(st.sampled_from(["other", "other", "odd", "gone", "more", "twice"]))
        if isinstance(holder, list):
            _spoil_list(holder, draw(st.sampled_from(places)), kind, draw(ANYTHING))
        elif kind == "more" and holder is not whole:
            holder[draw(st.sampled_from(values.names) | st.text(max_size=6))] = draw(ANYTHING)
        elif kind == "gone" and holder is not whole:
            del holder[draw(st.sampled_from(places))]
        else:
            holder[draw(st.sampled_from(places))] = draw(ODD if kind == "odd" else ANYTHING)
    return whole["whole"]


def _spoil_list(holder: list[Any], place: int, kind: str, other: Any) -> None:
    if kind == "gone":
        del holder[place]
    elif kind == "twice":
        holder.append(deepcopy(holder[place]))
    else:
        holder[place] = other


def holders(value: Any) -> Iterator[Any]:
    """Give every list and object in a document, itself included, that holds anything."""
    if isinstance(value, dict | list) and value:
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from holders(inner)
