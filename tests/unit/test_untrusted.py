"""What functions write is made small and valid before it goes anywhere."""

import json
from datetime import UTC, datetime

import pytest

from tidegate.aws import executions, sources
from tidegate.domain.errors import ReferenceUnresolved
from tidegate.domain.foreign_text import error_type, parse_json, request_id, short_line
from tidegate.domain.request.configuration import Reference

NESTED = "[" * 100_000
ID = "0d1b2a3c-0000-4000-8000-000000000001"


@pytest.mark.parametrize("value", [ID, "f" * 36])
def test_a_request_id_is_kept(value: str) -> None:
    assert request_id(value) == value


@pytest.mark.parametrize(
    "value", ["", "undefined", ID.upper(), ID + "\n", ID[1:], "a" * 34_000, 7, None, [ID], "é" * 36]
)
def test_anything_else_is_no_request_id(value: object) -> None:
    assert request_id(value) is None


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("KeyError", "KeyError"),
        ("Runtime.ImportModuleError", "Runtime.ImportModuleError"),
        ("java.lang.Outer$Inner", "java.lang.Outer$Inner"),
        ("Function<TypeError>", "TypeError"),
        ("Init<Aws::STS::Errors::AccessDenied>", "Aws::STS::Errors::AccessDenied"),
        ("E" * 100, "E" * 100),
    ],
)
def test_the_name_of_a_type_is_kept(value: str, name: str) -> None:
    assert error_type(value) == name


@pytest.mark.parametrize(
    "value", ["", "two words", "E" * 101, "\x1b[31mError", "Error\n", "<b>", "Function<<b>>", "##[error]", 7, None, {}]
)
def test_anything_else_is_no_type(value: object) -> None:
    assert error_type(value) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain text", "plain text"),
        ("a\nb\r\nc\u2028d\x85e\tf", "a; b; c; d; e f"),
        ("2 problems in the request:\na: x\nb: y", "2 problems in the request: a: x; b: y"),
        ("\x1b]8;;x\x07link", "\ufffd]8;;x\ufffdlink"),
        ("x" * 101, "x" * 100 + "…"),
        ("a\n" * 1_000_000, "; ".join("a" * 51)[:100] + "…"),
        ("", ""),
    ],
)
def test_a_message_is_cut_and_takes_one_line(text: str, line: str) -> None:
    assert short_line(text, 100) == line


@pytest.mark.parametrize("text", [NESTED, '{"a":' * 100_000, "[" * 200_000 + "]" * 200_000])
def test_nested_json_is_refused_as_any_other_text_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"nested|Expecting"):
        parse_json(text)


def test_json_is_parsed() -> None:
    assert parse_json(json.dumps({"a": [1]})) == {"a": [1]}


def test_a_secret_that_is_nested_json_is_refused_in_words_that_show_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Secrets:
        def get_secret_value(self, **_: str) -> dict[str, str]:
            return {"SecretString": '{"s3cret":' + "[" * 60_000}

    monkeypatch.setattr(sources, "secrets_client", Secrets)
    with pytest.raises(ReferenceUnresolved, match="is not a JSON object") as refused:
        sources.resolve({"PASSWORD": Reference(secret="shop", key="password")})
    assert "s3cret" not in str(refused.value)


def test_an_execution_whose_input_is_nested_json_is_described_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class States:
        def describe_execution(self, **_: str) -> dict[str, object]:
            return {"status": "FAILED", "startDate": datetime.fromtimestamp(0, UTC), "input": NESTED}

        def get_execution_history(self, **_: object) -> dict[str, object]:
            scheduled = {"parameters": '{"Payload": {"request": ' + NESTED}
            return {"events": [{"type": "TaskScheduled", "taskScheduledEventDetails": scheduled}]}

    monkeypatch.setattr(executions, "stepfunctions_client", States)
    found = executions.describe("arn:aws:states:eu-central-1:1:execution:tidegate:x")
    assert found is not None
    assert found.status == "FAILED"
    assert executions.planned_with("arn:aws:states:eu-central-1:1:execution:tidegate:x") == {}
