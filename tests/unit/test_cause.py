"""The sentence in a Cause: what a person reads instead of a stack trace."""

import json

import pytest

from tidegate.domain.errors import LONGEST, sentence_of


def test_a_failed_function_is_quoted_with_its_message_only() -> None:
    cause = {"errorMessage": "checkout: Version 43 does not start", "errorType": "InitFailed", "stackTrace": ["…"]}
    assert sentence_of(json.dumps(cause)) == "checkout: Version 43 does not start"


@pytest.mark.parametrize(
    "cause",
    ["Task timed out", "{not json", '{"errorMessage": ""}', '{"errorMessage": [[[["a"]]]]}', '["a list"]', "42"],
)
def test_any_other_cause_is_kept_as_it_is(cause: str) -> None:
    assert sentence_of(cause) == cause


def test_no_cause_says_so() -> None:
    assert sentence_of("") == "No cause was given."


@pytest.mark.parametrize("cause", ["[" * 32_000, '{"errorMessage": ' + "[" * 900 + "]" * 900 + "}", "a\nb" * 9000])
def test_a_cause_of_any_form_becomes_one_line_of_bounded_length(cause: str) -> None:
    sentence = sentence_of(cause)
    assert len(sentence) <= LONGEST + 1
    assert "\n" not in sentence
