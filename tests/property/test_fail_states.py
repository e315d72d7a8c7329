"""Whatever ends an execution: each Fail state gives an error and a cause that Step Functions takes."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from localcloud.stepfunctions.jsonata import evaluate
from tests.property.examples import examples
from tests.reading import states
from tidegate.domain import errors

FAILS = {name: state for name, state in states().items() if state["Type"] == "Fail"}
LONGEST_CAUSE = 32_768
"""Characters (Step Functions API reference, GetExecutionHistory: ExecutionFailedEventDetails)."""

OF_STEP_FUNCTIONS = (
    "States.ALL", "States.DataLimitExceeded", "States.HeartbeatTimeout", "States.Permissions",
    "States.QueryEvaluationError", "States.Runtime", "States.TaskFailed", "States.Timeout", "States.",
)  # fmt: skip
"""Names that Step Functions gives to what goes wrong, which no state may report as its own."""

NAMES = (
    st.sampled_from([*OF_STEP_FUNCTIONS, "RollBackIncomplete", "Lambda.Unknown", "Sandbox.Timedout", ""]) | st.text()
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
MESSAGES = st.builds(
    lambda message, more, ascii_only: json.dumps({"errorMessage": message, **more}, ensure_ascii=ascii_only),
    TEXTS | st.none() | st.integers(),
    st.dictionaries(TEXTS, TEXTS | st.dictionaries(TEXTS, TEXTS), max_size=2),
    st.booleans(),
)
CUT_OFF = st.builds(lambda text, at, end: text[: at % (len(text) + 1)] + end, MESSAGES, st.integers(0), TEXTS)
BROKEN = st.builds(lambda before, after: f'{before}"errorMessage"{after}}}', TEXTS, TEXTS)
CAUSES = TEXTS | MESSAGES | CUT_OFF | BROKEN

UNKNOWN_TYPE = (
    "The cause could not be determined because Lambda did not return an error type. Returned payload: "
    '{"errorMessage":"2026-11-30T10:00:00Z 4f2c Task timed out after 3.00 seconds"}'
)
"""What Step Functions says of a function that timed out."""


def ended(name: str, error: str, cause: str) -> tuple[Any, Any]:
    """Give error and cause of an execution that comes to a Fail state with what its Catch or step gave."""
    said = {"error": error, "cause": cause, "state": "Probe"}
    known = {"states": {"input": said}, "reason": said, "failure": said, "failure_to_roll_back": said}
    fields = (FAILS[name][field].removeprefix("{%").removesuffix("%}") for field in ("Error", "Cause"))
    given_error, given_cause = (evaluate(field, known) for field in fields)
    return given_error, given_cause


each_fail = pytest.mark.parametrize("name", FAILS)


@examples(40)
@each_fail
@example(error="States.Timeout", cause='{"errorMessage" }')
@example(error="Lambda.Unknown", cause=UNKNOWN_TYPE)
@example(error="Unknown", cause='{"errorMessage": "\\ud83d"}')
@example(error="States.DataLimitExceeded", cause='{"errorMessage": "' + "x" * LONGEST_CAUSE)
@given(error=NAMES, cause=CAUSES)
def test_no_expression_of_a_fail_state_throws(name: str, error: str, cause: str) -> None:
    given_error, given_cause = ended(name, error, cause)
    assert isinstance(given_error, str)
    assert isinstance(given_cause, str)
    assert len(given_cause) <= max(LONGEST_CAUSE, len(cause))
    given_cause.encode()


@each_fail
@pytest.mark.parametrize("error", OF_STEP_FUNCTIONS)
def test_a_name_of_step_functions_becomes_one_of_ours_and_stays_in_the_cause(name: str, error: str) -> None:
    """Step Functions guide, "Handling errors": what a state reports by itself must not begin with `States.`."""
    given_error, given_cause = ended(name, error, f"{name} ended in {error}: why")
    assert given_error == ("StepTimedOut" if error == "States.Timeout" else "StepFailed")
    assert issubclass(getattr(errors, given_error), errors.TidegateError)
    assert error in given_cause
    assert "why" in given_cause


@each_fail
@pytest.mark.parametrize("error", ["RollBackIncomplete", "Lambda.Unknown", "Sandbox.Timedout", "KeyError"])
def test_any_other_error_is_passed_on(name: str, error: str) -> None:
    assert ended(name, error, "why")[0] == error


@examples(40)
@pytest.mark.parametrize("name", ["Refused", "Left to recover"])
@given(message=TEXTS.filter(bool), ascii_only=st.booleans())
def test_the_message_of_a_failed_function_is_shown_without_its_stack(
    name: str, message: str, *, ascii_only: bool
) -> None:
    failed = {"errorMessage": message, "errorType": "KeyError", "requestId": "", "stackTrace": ['  File "x"']}
    assert ended(name, "KeyError", json.dumps(failed, ensure_ascii=ascii_only))[1].endswith(message)
