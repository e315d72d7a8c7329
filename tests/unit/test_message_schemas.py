"""Which of two versions accepts the messages of the other: the usual changes, and what cannot be told."""

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_request, a_target, some_settings
from tests.failing import refused
from tests.fakes.small_aws import small_aws
from tests.surveys import a_survey, only
from tests.unit import refusing
from tidegate.aws import sources
from tidegate.aws.ledger import history
from tidegate.aws.preflight import packages
from tidegate.aws.preflight.aim import Aim
from tidegate.domain.planning.message_schemas import accepts_all
from tidegate.domain.planning.preflight.contract import contract, read_schema, released_schema
from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.planning.schema_keywords import canonical
from tidegate.domain.strategy import Step, Strategy

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


URI = "s3://builds/orders.json"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"[]", "is no JSON Schema, which is an object"),
        (b'{"maximum": NaN}', "is no schema for messages: maximum is NaN"),
        (b'"' + b"a" * 300_000 + b'"', "is larger than 256 KB"),
    ],
)
def test_what_is_wrong_with_a_schema_is_said(content: bytes, said: str) -> None:
    assert f"{URI} {said}" in read_schema(URI, content)["wrong"]


def survey_of(old: Any, new: Any) -> Survey:
    facts = {"schema": {"text": canonical(new)}, "before": {"text": canonical(old) if old else ""}}
    return a_survey(facts={"messages": facts}, contract={"schema": URI})


def found(old: Any, new: Any) -> list[Conclusion]:
    return list(contract(survey_of(old, new)))


def test_a_finding_says_who_must_be_first() -> None:
    added = message("id", id=TEXT, note=TEXT, more=TEXT)
    first = only(found(OLD, added))
    assert first.found.startswith("version 42 does not accept all messages of the new version (message.more: ")
    assert "Release the consumers first" in first.fix
    assert "Release the producers first" in only(found(added, OLD)).fix
    renamed = only(found(message("a", a=TEXT), message("b", b=TEXT)))
    assert "Expand first, contract in a later release" in renamed.fix
    assert "it cannot be told" in only(found(TEXT, {"not": TEXT})).found
    assert found(OLD, OLD) == []


@pytest.mark.parametrize(
    ("callee", "caller", "consumers_first", "order"),
    [
        (1, 2, True, ""),
        (1, 1, True, "checkout:live in an earlier wave than web:live"),
        (2, 1, True, "checkout:live in an earlier wave than web:live"),
        (1, 2, False, "web:live in an earlier wave than checkout:live"),
        (2, 1, False, ""),
    ],
)
def test_waves_that_keep_the_wrong_pair_apart_are_enough(
    callee: int, caller: int, consumers_first: bool, order: str
) -> None:
    more = message("id", id=TEXT, note=TEXT, more=TEXT)
    survey = survey_of(*((OLD, more) if consumers_first else (more, OLD)))
    strategy = Strategy("steps", (Step(10, 1),), on_inconclusive="hold", bakes_on=True).in_waves({1: 1, 2: 1})
    targets = a_target(wave=callee), a_target("web", wave=caller, calls=("checkout:live",))
    fixes = [each.fix for each in contract(replace(survey, plan=a_plan(*targets, strategy=strategy)))]
    assert [order in fix for fix in fixes] == [True] * bool(order)


def test_without_a_record_nothing_is_known_and_nothing_is_refused() -> None:
    conclusion = only(found("", OLD))
    assert (conclusion.found, conclusion.looked) == ("nothing is known of the messages of version 42", False)
    assert '"before": "s3://…"' in conclusion.fix


def test_an_unreadable_schema_is_a_finding_and_not_recorded() -> None:
    survey = a_survey(facts={"messages": {"schema": {"wrong": "is not JSON"}}}, contract={"schema": URI})
    assert (only(contract(survey)).found, released_schema(survey)) == ("is not JSON", "")


class Storage:
    """Has one object."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def get_object(self, Bucket: str, Key: str) -> Any:
        assert (Bucket, Key) == ("builds", "orders.json")
        return {"Body": self}

    def read(self, most: int) -> bytes:
        return self.content[:most]


def test_the_schema_of_the_version_that_serves_is_named_or_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "client", lambda _: Storage(b'{"type": "string"}'))
    monkeypatch.setattr(history, "contract_of", lambda target, version: f"{target} {version}")
    (wanted,) = a_request(contract={"schema": URI}).targets
    (both,) = a_request(contract={"schema": URI, "before": URI}).targets
    new, aim = {"text": '{"type":"string"}'}, Aim("checkout", "live", "", contract=wanted.contract, serves="42")
    assert packages.messages(aim, 0) == {"schema": new, "before": {"text": "checkout:live 42"}}
    assert packages.messages(aim._replace(contract=both.contract), 0) == {"schema": new, "before": new}
    assert packages.messages(aim._replace(version="42"), 0) == {"schema": new}
    assert packages.messages(aim._replace(contract=None), 0) == {}


def test_a_schema_is_recorded_with_the_version_that_its_release_published() -> None:
    target = a_target()
    with small_aws():
        history.prepare_contracts("first", {target.name: "{}"}, NOON, NOON + 60)
        history.record_contract(target, "second", NOON)
        assert history.contract_of(target.name, "43") == ""
        history.record_contract(target, "first", NOON)
        assert (history.contract_of(target.name, "43"), history.contract_of(target.name, "42")) == ("{}", "")


def test_a_bucket_that_no_parameter_allows_and_a_missing_object_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = {"schema": URI, "before": "s3://other/orders.json"}
    said = refusing.the_problem({"function": "shop-a", "contract": contract}, limits=some_settings().limits())
    assert said.startswith(
        "contract.before: is not among the buckets that requests may name (builds): set the parameter"
    )

    class Bucket:
        def list_object_versions(self, Bucket: str, **_: Any) -> Any:
            if Bucket == "other":
                raise refused("NoSuchBucket", 404)
            return {}

    monkeypatch.setattr(sources, "storage_client", Bucket)
    absent, nowhere = sources.absent(a_request(contract=contract).targets, short=True)
    assert absent.startswith(f"contract.schema: there is no object {URI}: upload it first")
    assert nowhere.startswith("contract.before: there is no bucket other: name another")
