"""The keywords of two JSON Schemas at one place, without what lies deeper: see `message_schemas`."""

import json
from collections.abc import Iterator, Mapping
from math import ceil, floor, inf
from types import NoneType
from typing import Any, NamedTuple
from urllib.parse import unquote

from tidegate.domain.request.problems import shown

Schema = Mapping[str, Any]
ANY: Schema = {}
NOTHING: Schema = {"type": []}

TYPES: Mapping[type, str] = dict(
    zip(
        (NoneType, bool, str, int, float, list, dict),
        ("null", "boolean", "string", "integer", "number", "array", "object"),
        strict=True,
    )
)
SIZES = {"string": "Length", "array": "Items", "object": "Properties"}
NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} | {
    end + size for end in ("min", "max") for size in SIZES.values()
}
COMPARED = NUMBERS | {
    "type",
    "enum",
    "const",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "anyOf",
    "$ref",
}
DEFINED = {"$schema", "$id", "id", "$defs", "definitions"}
ANNOTATIONS = DEFINED | {
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
}
OF_VALUES = {"format", "pattern", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType"}
"""Keywords of which each only refuses values, whatever stands beside it; they exclude no type."""
ALONE = OF_VALUES | {"not", "allOf", "oneOf", "propertyNames", "dependentRequired", "dependentSchemas"}
"""Keywords of which each only refuses values, whatever stands beside it."""
OF_CONTEXT = {"unevaluatedProperties", "unevaluatedItems", "prefixItems", "additionalItems"} | {
    f"${name}" for name in ("dynamicRef", "recursiveRef", "anchor", "dynamicAnchor", "recursiveAnchor")
}
"""Keywords that mean nothing without others, here or elsewhere: these are never compared."""
REFERENCES = ('"$ref":', '"$dynamicRef":', '"$recursiveRef":', '"$id":')
MOST_HOPS = 50
MESSAGE = "message"


class Answer(NamedTuple):
    """`accepts` is None if it cannot be told; `place` is like `message.lines[].price`, with `*` for any other field."""

    accepts: bool | None
    place: str = ""
    reason: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.place}: {self.reason}"


YES = Answer(accepts=True)


class Unclear(Exception):
    """A keyword whose meaning is not known here."""


def no(place: str, reason: str) -> Answer:
    return Answer(False, place, reason)


def unknown(place: str, keyword: str) -> Answer:
    return Answer(None, place, f"{shown(keyword)} cannot be compared")


def canonical(value: Any) -> str:
    """Return JSON that is equal for equal values; 1.0 equals 1, as in JSON Schema."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def resolved(schema: Any, document: Any) -> Schema:
    """Follow references within the document, and check the form of the compared keywords.

    Raises
    ------
    Unclear
        Names a keyword that has another form than in the current drafts, or another meaning in some.
    """
    hops = 0
    while isinstance(schema, dict) and "$ref" in schema:
        hops += 1
        if hops > MOST_HOPS or schema.keys() - ANNOTATIONS != {"$ref"}:
            raise Unclear("$ref")
        schema = _pointed(schema["$ref"], document)
    if isinstance(schema, bool):
        return ANY if schema else NOTHING
    if not isinstance(schema, dict):
        raise Unclear("what is no schema")
    if schema is not document and _is_embedded(schema):
        raise Unclear("$id")
    for keyword in sorted(schema.keys() & COMPARED):
        if not _has_form(keyword, schema[keyword]):
            raise Unclear(keyword)
    return schema


def _is_embedded(schema: Schema) -> bool:
    """Return whether references in a schema are not relative to the document, or another dialect begins."""
    return any(isinstance(schema.get(name), str) for name in ("$id", "id", "$schema"))


def _pointed(reference: Any, document: Any) -> Any:
    if not isinstance(reference, str) or not f"{reference}/".startswith("#/"):
        raise Unclear("$ref")
    found = document
    for part in reference.split("/")[1:]:
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or name not in found or (found is not document and _is_embedded(found)):
            raise Unclear("$ref")
        found = found[name]
    return found


def _has_form(keyword: str, value: Any) -> bool:
    if keyword in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if keyword in ("additionalProperties", "items"):
        return isinstance(value, dict | bool)
    if keyword in ("enum", "anyOf"):
        return isinstance(value, list) and bool(value or keyword == "enum")
    if keyword == "required":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if keyword == "type":
        return all(isinstance(each, str) and each in TYPES.values() for each in _listed(value))
    return keyword != "properties" or isinstance(value, dict)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def types_of(schema: Schema) -> set[str]:
    """Return the types that a schema allows; integers are numbers."""
    found = {*_listed(schema.get("type", [*TYPES.values()]))}
    return found | {"integer"} if "number" in found else found


def values_of(writer: Schema) -> list[Any] | None:
    """Return the values of a writer that lists them, without those of other types than its own; None otherwise."""
    types = types_of(writer)
    values = [writer["const"]] if "const" in writer else writer.get("enum")
    if values is None and types <= {"null", "boolean"}:
        values = [None, False, True]
    return None if values is None else [each for each in map(_plain, values) if TYPES[type(each)] in types]


def schema_of(value: Any) -> dict[str, Any]:
    """Return the schema of one value, with the bounds that its type has."""
    kind = TYPES[type(value)]
    if kind == "string":
        return {"type": kind, "const": value, "minLength": len(value), "maxLength": len(value)}
    bounds = {"minimum": value, "maximum": value} if kind in ("integer", "number") else {}
    return {"type": kind, "const": value, **bounds}


def narrowing(writer: Schema) -> str:
    """Return a keyword that may exclude the messages by which a reader seems to refuse some; otherwise empty."""
    found = sorted(writer.keys() - (COMPARED - {"anyOf"}) - ANNOTATIONS - OF_VALUES)
    return found[0] if found else "const" if isinstance(writer.get("const"), dict | list) else ""


def conflicts(reader: Schema, writer: Schema, place: str) -> Iterator[Answer]:
    """Compare what needs no other place: keywords that must be the same, types, bounds, required fields."""
    yield from _others(reader, writer, place)
    accepted, sent = types_of(reader), types_of(writer)
    if not accepted:
        yield no(place, "it may be sent, but is not accepted")
    for each in _named(sent - accepted):
        yield no(place, f"{a(each)} may be sent, but only {' or '.join(_named(accepted))} is accepted")
    yield from _bounds(reader, writer, place, sent & accepted)
    yield from _sizes(reader, writer, place, sent & accepted)
    if "object" in sent & accepted:
        for name in sorted({*reader.get("required", ())} - {*writer.get("required", ())}):
            yield no(f"{place}.{shown(name)}", "it is required, but a message may lack it")


def _named(types: set[str]) -> list[str]:
    return sorted(types - ({"integer"} if "number" in types else set()))


def a(kind: str) -> str:
    return kind if kind == "null" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


def _others(reader: Schema, writer: Schema, place: str) -> Iterator[Answer]:
    """Require keywords that are not compared to be the same."""
    for keyword in sorted((reader.keys() | writer.keys()) - COMPARED - ANNOTATIONS):
        if keyword in ALONE and keyword not in reader:
            continue
        one, other = (canonical([each[keyword]] if keyword in each else []) for each in (reader, writer))
        if one != other or keyword in OF_CONTEXT or any(reference in one for reference in REFERENCES):
            yield unknown(place, keyword)


def listed(reader: Schema) -> dict[str, set[str]]:
    """Return the values that a reader lists, by keyword, in canonical form."""
    values = {"const": [reader["const"]] if "const" in reader else None, "enum": reader.get("enum")}
    return {keyword: {canonical(each) for each in found} for keyword, found in values.items() if found is not None}


def unlisted(values: Mapping[str, set[str]], writer: Schema, place: str) -> Iterator[Answer]:
    for keyword, accepted in values.items():
        if "const" not in writer:
            yield no(place, f"values that {keyword} does not list may be sent")
        elif canonical(writer["const"]) not in accepted:
            yield no(place, f"{shown(canonical(writer['const']))} may be sent, but {keyword} does not list it")


def _bounds(reader: Schema, writer: Schema, place: str, types: set[str]) -> Iterator[Answer]:
    for name, sign in (("minimum", 1), ("maximum", -1)):
        sent, accepted = (_bound(each, name, sign, whole="number" not in types) for each in (writer, reader))
        if types & {"integer", "number"} and sent < accepted:
            found = no(place, f"a number may be sent that the {name}, {sign * accepted[0]}, excludes")
            yield unknown(place, "multipleOf") if "multipleOf" in writer else found


def _bound(schema: Schema, name: str, sign: int, *, whole: bool) -> tuple[float, bool]:
    """Return the lower bound (`sign` 1), or the negated upper one (-1), and whether it is itself refused."""
    strict = f"exclusive{name.capitalize()}"
    found = [(sign * schema[each], each == strict) for each in (name, strict) if each in schema]
    if whole:
        found = [(floor(each) + 1 if beyond else ceil(each), False) for each, beyond in found]
    return max(found, default=(-inf, False))


def _sizes(reader: Schema, writer: Schema, place: str, types: set[str]) -> Iterator[Answer]:
    for kind, size in SIZES.items():
        least, most = writer.get(f"min{size}", 0), writer.get(f"max{size}", inf)
        if kind == "object":
            least = max(least, len({*writer.get("required", ())}))
            closed = writer.get("additionalProperties") is False and "patternProperties" not in writer
            most = min(most, len(writer.get("properties", ()))) if closed else most
        wrong = {f"min{size}": least < reader.get(f"min{size}", 0), f"max{size}": most > reader.get(f"max{size}", inf)}
        for name in (each for each in wrong if wrong[each] and kind in types):
            beside = sorted(writer.keys() & OF_VALUES)
            found = no(place, f"{a(kind)} may be sent that {name}, {reader[name]}, excludes")
            yield unknown(place, beside[0]) if beside else found
