"""Two schemas of messages are called compatible only if no message shows the opposite; jsonschema is the oracle."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.property.examples import examples
from tidegate.domain.planning.message_schemas import accepts_all

Schemas = st.SearchStrategy[Any]

SMALL = st.integers(0, 3)
SCALARS: Schemas = st.sampled_from([None, True, False, 0, 1, 2, 1.0, 1.5, -1, "", "a", "ab"])
MESSAGES: Schemas = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=5,
)
KINDS = ["null", "boolean", "string", "integer", "number", "array", "object"]
TYPES: Schemas = st.sampled_from(KINDS) | st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True)
REFERENCES: Schemas = st.sampled_from([{"$ref": "#"}, {"$ref": "#/$defs/x"}, {"$ref": "#/$defs/y"}])


def _finite(schema: Any) -> bool:
    """Tell whether a schema may stand for the same part of a message as the one round it: it does not lead back."""
    return not isinstance(schema, dict) or schema.get("$ref") in (None, "#/$defs/y")


def _with(inner: Schemas) -> Schemas:
    """Give schemas with a few keywords; each is as likely to be there."""
    same = inner.filter(_finite)
    fields = st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    keywords = {
        "type": TYPES,
        "enum": st.lists(MESSAGES, max_size=3),
        "const": MESSAGES,
        "required": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "properties": fields,
        "additionalProperties": inner,
        "patternProperties": st.just({"^b": {"type": "string"}}),
        "items": inner,
        "prefixItems": st.lists(inner, min_size=1, max_size=1),
        "anyOf": st.lists(same, min_size=1, max_size=2),
        "not": same,
        "allOf": st.lists(same, min_size=1, max_size=2),
        "contains": inner,
        "minContains": st.just(0),
        "unevaluatedProperties": st.just(False),
        "multipleOf": st.sampled_from([1, 2]),
        "pattern": st.sampled_from(["^a", "b"]),
        **{f"{end}{size}": SMALL for end in ("min", "max") for size in ("Length", "Items", "Properties")},
        **dict.fromkeys(
            ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], st.sampled_from([0, 1, 1.5, 2])
        ),
    }
    some = st.lists(st.sampled_from(sorted(keywords)), max_size=4, unique=True)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: keywords[name] for name in names}))


PLAIN: Schemas = st.booleans() | _with(st.booleans())
PARTS: Schemas = st.recursive(PLAIN | REFERENCES, _with, max_leaves=6)
DOCUMENTS: Schemas = st.tuples(_with(PARTS), PARTS.filter(_finite), PLAIN).map(
    lambda of: {**of[0], "$defs": {"x": of[1], "y": of[2]}}
)


def _changed(document: Any) -> Schemas:
    """Give a schema that differs from another in one keyword, which is where most releases are."""
    return st.tuples(_with(PARTS), st.sampled_from([*document, "type"])).map(
        lambda of: (
            {name: value for name, value in {**document, **of[0]}.items() if name != of[1]}
            | {"$defs": document["$defs"]}
        )
    )


PAIRS = DOCUMENTS.flatmap(lambda one: st.tuples(st.just(one), DOCUMENTS | _changed(one)))


def _is_valid(schema: Any, message: Any) -> bool:
    return bool(Draft202012Validator(schema).is_valid(message))


@examples(150)
@given(PAIRS, st.lists(MESSAGES, min_size=8, max_size=8))
def test_a_yes_is_contradicted_by_no_message(pair: Any, messages: list[Any]) -> None:
    for reader, writer in (pair, pair[::-1]):
        if accepts_all(reader, writer).accepts:
            refused = [each for each in messages if _is_valid(writer, each) and not _is_valid(reader, each)]
            assert refused == []
