"""Which of two versions accepts the messages of the other: the usual changes, and what cannot be told."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tidegate.domain.planning.message_schemas import accepts_all

TEXT, NUMBER = {"type": "string"}, {"type": "number"}


def message(*required: str, closed: bool = True, **fields: Any) -> dict[str, Any]:
    rest = {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": fields, "required": list(required), **rest}


OLD = message("id", id=TEXT, note=TEXT)
"""What most changes below begin with."""

CHANGES: dict[str, tuple[Any, Any, str, str]] = {
    "nothing": (OLD, {**OLD, "title": "Order", "$defs": {"unused": TEXT}}, "", ""),
    "an optional field is added": (
        OLD,
        message("id", id=TEXT, note=TEXT, more=TEXT),
        "",
        "message.more: it may be sent, but is not accepted",
    ),
    "the same, where other fields are allowed": (
        message("id", closed=False, id=TEXT),
        message("id", closed=False, id=TEXT, more=TEXT),
        "message.more: an array may be sent, but only string is accepted; additionalProperties allows it",
        "",
    ),
    "a required field is added": (
        OLD,
        message("id", "more", id=TEXT, note=TEXT, more=TEXT),
        "message.more: it is required, but a message may lack it",
        "message.more: it may be sent",
    ),
    "a field becomes required": (OLD, message("id", "note", id=TEXT, note=TEXT), "message.note: it is required", ""),
    "an optional field is removed": (OLD, message("id", id=TEXT), "message.note: it may be sent", ""),
    "a field is renamed": (
        message("id", id=TEXT),
        message("key", key=TEXT),
        "message.key: it is required",
        "message.id: it is required",
    ),
    "a type is widened": (
        message(count={"type": "integer"}),
        message(count=NUMBER),
        "",
        "message.count: a number may be sent, but only integer is accepted",
    ),
    "null becomes possible": (TEXT, {"type": ["string", "null"]}, "", "message: null may be sent"),
    "the same, by anyOf": (TEXT, {"anyOf": [TEXT, {"type": "null"}]}, "", "message: null may be sent"),
    "a type is changed beside null": (
        {"anyOf": [TEXT, {"type": "null"}]},
        {"anyOf": [NUMBER, {"type": "null"}]},
        "message: a string may be sent, but nothing in anyOf accepts every string",
        "message: a number may be sent",
    ),
    "a value is added to an enum": ({"enum": ["a"]}, {"enum": ["a", "b"]}, "", 'message: "b" may be sent, but enum'),
    "an enum becomes any text": ({"enum": ["a"]}, TEXT, "", "message: values that enum does not list may be sent"),
    "a boolean is listed": ({"type": "boolean"}, {"enum": [True, False]}, "", ""),
    "true is not 1": ({"const": 1}, {"const": True}, "message: 1 may be sent", "message: true may be sent"),
    "a text becomes longer": (
        {**TEXT, "maxLength": 5},
        {**TEXT, "maxLength": 9},
        "",
        "message: a string may be sent that maxLength, 5, excludes",
    ),
    "a bound is moved": (
        {**NUMBER, "minimum": 0},
        {**NUMBER, "exclusiveMinimum": 0},
        "message: a number may be sent that the minimum, 0, excludes",
        "",
    ),
    "whole numbers have equal bounds": (
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "integer", "minimum": 1},
        "",
        "",
    ),
    "items are narrowed": (
        {"type": "array", "items": NUMBER},
        {"type": "array", "items": {"type": "integer"}},
        "message[]: a number may be sent",
        "",
    ),
    "a type is defined elsewhere": (
        message(id=TEXT),
        {**message(id={"$ref": "#/$defs/id"}), "$defs": {"id": TEXT}},
        "",
        "",
    ),
}


def problem(reader: Any, writer: Any) -> str:
    found = accepts_all(reader, writer)
    assert found.accepts is not None, found
    return "" if found.accepts else found.sentence


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_compatible_in_the_directions_that_it_is(change: str) -> None:
    old, new, of_new, of_old = CHANGES[change]
    assert problem(new, old).startswith(of_new)
    assert problem(old, new).startswith(of_old)
    assert [bool(problem(new, old)), bool(problem(old, new))] == [bool(of_new), bool(of_old)]


TREE = message(value=TEXT, children={"type": "array", "items": {"$ref": "#"}})
LEAVES = message(value=NUMBER, children={"type": "array", "items": {"$ref": "#"}})


def test_schemas_that_refer_to_themselves_are_compared() -> None:
    assert accepts_all({**TREE, "maxProperties": 2}, {**TREE, "title": "a"}).accepts
    assert problem(TREE, LEAVES).startswith("message.value: a number may be sent")
    endless = {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}}
    assert accepts_all(endless, TEXT).accepts is None


@pytest.mark.parametrize(
    ("reader", "writer", "said"),
    [
        ({**TEXT, "pattern": "^a"}, TEXT, "message: pattern"),
        ({**TEXT, "maxLength": 3}, {**TEXT, "pattern": "^a$"}, "message: pattern"),
        (TEXT, {"not": TEXT}, "message: not"),
        ({"enum": [[1]]}, {"enum": [[2]]}, "message: const"),
        (message(a={"$ref": "other.json"}), message(a=TEXT), "message.a: $ref"),
        (
            {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": TEXT}},
            {"allOf": [{"$ref": "#/$defs/a"}]},
            "message: allOf",
        ),
        ({"items": [TEXT]}, {"items": [NUMBER]}, "message: items"),
        ({"minimum": 0, "exclusiveMinimum": True}, NUMBER, "message: exclusiveMinimum"),
        ({**TEXT, "$schema": "one"}, {**NUMBER, "$schema": "other"}, "message: $schema"),
        (message(a={**TEXT, "$id": "a"}), message(a=NUMBER), "message.a: $id"),
        ({"anyOf": [{"minimum": 1}, {"maximum": 1}]}, NUMBER, "message: anyOf"),
    ],
)
def test_what_is_not_compared_is_named(reader: Any, writer: Any, said: str) -> None:
    found = accepts_all(reader, writer)
    assert (found.accepts, found.sentence) == (None, f"{said} cannot be compared")


def test_schemas_that_are_too_large_are_not_compared() -> None:
    fields = {f"f{number}": TEXT for number in range(6000)}
    old: dict[str, Any] = {"properties": fields}
    assert "too large" in accepts_all(old, {**old, "minProperties": 1}).sentence


OF_A, DEFINED = {"patternProperties": {"^a": TEXT}}, {"$defs": {"a": TEXT}}
SHORT = {"maxLength": 1}
REFUSED: list[tuple[Any, Any, Any]] = [
    (message(), {"type": "object"}, {"other": 1}),
    ({**message(ab=SHORT), **OF_A}, {**message(), **OF_A}, {"ab": "long"}),
    ({"contains": TEXT}, {"contains": TEXT, "minContains": 0}, []),
    ({"unevaluatedProperties": False}, {"properties": {"a": True}, "unevaluatedProperties": False}, {"a": 1}),
    ({"$ref": "#/$defs/a", **SHORT, **DEFINED}, {"$ref": "#/$defs/a", **DEFINED}, "long"),
    ({"items": SHORT}, {"prefixItems": [TEXT], "items": False}, ["long"]),
    ({"type": "object", "properties": {"a": SHORT}}, {"type": "object", "not": TEXT}, {"a": "long"}),
    ({"anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, {"enum": ["a", "b", "c"]}, "c"),
    ({"enum": [0]}, {"enum": [0, False]}, False),
    ({"properties": {"~a/b": SHORT}}, {"$ref": "#/$defs/~0a~1b", "$defs": {"~a/b": {}}}, {"~a/b": "long"}),
    (TREE, {**TREE, "properties": {**TREE["properties"], "value": True}}, {"children": [], "value": 1}),
]
"""Readers, writers, and a message that only the writer allows."""


@pytest.mark.parametrize(("reader", "writer", "shown"), REFUSED)
def test_a_message_that_the_reader_refuses_is_never_overlooked(reader: Any, writer: Any, shown: Any) -> None:
    valid = [Draft202012Validator(each).is_valid(shown) for each in (writer, reader)]
    assert valid == [True, False]
    assert not accepts_all(reader, writer).accepts
