"""The sentence in a Cause: what a person reads instead of a stack trace."""

import json

import pytest

from tidegate.domain.cause import sentence_of


def test_a_failed_function_is_quoted_with_its_message_only() -> None:
    cause = {"errorMessage": "checkout: Version 43 does not start", "errorType": "InitFailed", "stackTrace": ["…"]}
    assert sentence_of(json.dumps(cause)) == "checkout: Version 43 does not start"


@pytest.mark.parametrize("cause", ["Task timed out", "{not json", '{"errorMessage": ""}', '["a list"]', "42"])
def test_any_other_cause_is_kept_as_it_is(cause: str) -> None:
    assert sentence_of(cause) == cause


def test_no_cause_says_so() -> None:
    assert sentence_of("") == "No cause was given."
