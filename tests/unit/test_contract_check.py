"""The check `contract`: what it reads and records, and what it finds."""

import json
import re
from dataclasses import replace
from textwrap import fill
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_request, a_target, some_settings
from tests.failing import refused
from tests.fakes.small_aws import small_aws
from tests.golden import as_golden
from tests.reading import ROOT
from tests.surveys import a_survey, only
from tests.unit import refusing
from tidegate.aws import sources
from tidegate.aws.ledger import history
from tidegate.aws.preflight import packages
from tidegate.aws.preflight.aim import Aim
from tidegate.domain.finding import Finding
from tidegate.domain.planning.preflight.contract import contract, read_schema, released_schema
from tidegate.domain.planning.preflight.survey import Conclusion, Survey
from tidegate.domain.planning.schema_keywords import canonical
from tidegate.domain.strategy import Step, Strategy

TEXT = {"type": "string"}


def message(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False}


OLD, MORE = message(id=TEXT, note=TEXT), message(id=TEXT, note=TEXT, more=TEXT)

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
    first = only(found(OLD, MORE))
    assert first.found.startswith("version 42 does not accept all messages of the new version (message.more: ")
    assert "Release the consumers first" in first.fix
    assert "Release the producers first" in only(found(MORE, OLD)).fix
    renamed = only(found(message(a=TEXT), message(b=TEXT)))
    assert "Expand first, contract in a later release" in renamed.fix
    assert "it cannot be told" in only(found(TEXT, {"not": TEXT})).found
    assert found(OLD, OLD) == []


def test_the_guide_quotes_a_finding() -> None:
    page = (ROOT / "docs/contracts.md").read_text()
    new = next(
        each for each in map(json.loads, re.findall(r"```json\n(.*?)```", page, re.DOTALL)) if "properties" in each
    )
    old = {**new, "properties": {"id": new["properties"]["id"]}}
    targets = a_target("orders-consumer"), a_target("orders-producer", calls=("orders-consumer:live",))
    survey = replace(survey_of(old, new), wanted=a_request(function="orders-consumer").targets[0])
    (found,) = contract(replace(survey, plan=a_plan(*targets)))
    finding = Finding("contract", "warning", survey.target, found.found, found.why, found.fix)
    text = f"{fill(finding.sentence, 110, break_on_hyphens=False)}\n"
    assert text == as_golden(text, ROOT / "tests/unit/golden/command/contract.txt")


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
    survey = survey_of(*((OLD, MORE) if consumers_first else (MORE, OLD)))
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
