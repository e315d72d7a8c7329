"""What the answer to a probe says of a version.

Payloads are as recorded from Lambda, whose FunctionError is "Unhandled" whatever happened.
"""

from typing import Any

import pytest

from tests.unit.probe_logs import (
    JSON_INIT_ERROR,
    JSON_INIT_TIMEOUT,
    JSON_RECORDED,
    JSON_REPORT,
    JSON_SLOW,
    JSON_SLOW_TOLD,
    REQUEST,
    TEXT_CRASH,
    TEXT_INIT_ERROR,
    TEXT_INIT_ON_DEMAND,
    TEXT_INIT_TIMEOUT,
    TEXT_REPORT,
    TEXT_SLOW,
    TEXT_TIMED_OUT,
    TEXT_WARM,
)
from tests.unit.probing import error, judged, raised
from tidegate.domain.probe import ProbeFinding, mismatch
from tidegate.domain.probe_answer import ProbeAnswer

INIT_FAILURES = {
    "a Python exception at import": raised(
        error("Exception", "Failing during init", requestId="", stackTrace=["importlib/__init__.py"])
    ),
    "a missing variable at import": raised(error("KeyError", "'TABLE_NAME'", requestId="")),
    "a module that is not there": raised(
        error("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'x'", requestId="")
    ),
    "sys.exit": raised(
        error("Runtime.ExitError", "RequestId: 8f3c Error: Runtime exited without providing a reason"),
    ),
    "an exec wrapper that is missing": raised(
        error("Runtime.ExitError", "RequestId: 8f3c Error: Runtime exited with error: exit status 127")
    ),
    "a crash after a slow init, which nothing explains": raised(
        error("Runtime.ExitError", "RequestId: 8f3c Error: Runtime exited without providing a reason"), TEXT_SLOW
    ),
    "Node.js at import": raised(error("Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token")),
    "a rejection at import that Node.js tells": raised(
        error("Runtime.UnhandledPromiseRejection", "Error: no", trace=[]), TEXT_INIT_ON_DEMAND
    ),
    "a plain error that the text log puts at init": raised(error("Error", "no"), TEXT_INIT_ERROR),
    "an init again at the first invocation": raised(error("Error", "no"), TEXT_INIT_ON_DEMAND),
    "a plain error that the JSON log puts at init": raised(error("Error", "no"), JSON_INIT_ERROR),
}

HANDLER_ERRORS = {
    "a Python exception": raised(error("KeyError", "'body'", requestId=REQUEST, stackTrace=["app.py"]), TEXT_REPORT),
    "an exception logged as JSON": raised(error("KeyError", "'body'", requestId=REQUEST), JSON_REPORT),
    "a Python exception after a slow init": raised(error("KeyError", "'body'", requestId=REQUEST), TEXT_SLOW),
    "a Python exception after a slow init, as JSON": raised(error("KeyError", "'body'", requestId=REQUEST), JSON_SLOW),
    "a Python exception after an init that failed once": raised(
        error("KeyError", "'body'", requestId=REQUEST), TEXT_INIT_ERROR
    ),
    "an error of another runtime after a slow init": raised(error("Error", "no"), TEXT_SLOW),
    "an error of another runtime after a slow init, as JSON": raised(error("Error", "no"), JSON_SLOW_TOLD),
    "a handler that ends its process": raised(
        error("Runtime.ExitError", "RequestId: 8f3c Error: Runtime exited with error: exit status 3"), TEXT_CRASH
    ),
    "an error of Node.js, warm": raised(error("TypeError", "no", trace=[]), TEXT_WARM),
    "a rejection that Node.js tells": raised(
        error("Runtime.UnhandledPromiseRejection", "Error: no", trace=[]), TEXT_REPORT
    ),
    "a rejection that Node.js tells, warm": raised(
        error("Runtime.UnhandledPromiseRejection", "Error: no", trace=[]), TEXT_WARM
    ),
    "a promise that is never settled": raised(error("Runtime.NodeJsExit", "no", trace=[]), TEXT_WARM),
    "a handler that takes all memory": raised(error("Runtime.OutOfMemory", "signal: killed"), JSON_REPORT),
    "an answer that is no JSON": raised(error("Runtime.MarshalError", "Unable to marshal response", requestId=REQUEST)),
    "an event that cannot be read": raised(error("Runtime.UnmarshalError", "Unable to unmarshal input")),
    "an error without a shape": raised("boom"),
}


@pytest.mark.parametrize("answer", INIT_FAILURES.values(), ids=INIT_FAILURES)
@pytest.mark.parametrize("has_payload", [False, True])
def test_a_version_that_does_not_start_is_stopped_with_the_runtimes_own_words(
    answer: ProbeAnswer, has_payload: bool
) -> None:
    finding = judged(answer, has_payload=has_payload)
    assert finding.error == "InitFailed"
    assert answer.payload["errorType"] in finding.sentence
    assert answer.payload["errorMessage"] in finding.sentence
    assert "43" in finding.sentence


@pytest.mark.parametrize("answer", HANDLER_ERRORS.values(), ids=HANDLER_ERRORS)
def test_a_handler_that_refuses_the_empty_event_is_reported_and_passes(answer: ProbeAnswer) -> None:
    finding = judged(answer)
    assert finding.error is None
    assert "rejected the empty event" in finding.sentence
    assert answer.error_type in finding.sentence
    assert "does not start" not in finding.sentence


@pytest.mark.parametrize("answer", HANDLER_ERRORS.values(), ids=HANDLER_ERRORS)
def test_a_handler_that_fails_on_the_given_payload_stops_the_release(answer: ProbeAnswer) -> None:
    assert judged(answer, has_payload=True).error == "ProbeFailed"


@pytest.mark.parametrize(
    "chatter",
    [
        "my INIT_REPORT says Status: error\n",
        "INIT_REPORT Init Duration: 1.00 ms\tPhase: invoke\tStatus: error\n",
        "my Init Duration: 1.2.3 and Init Duration: 999999999 ms\n",
        "REPORT RequestId: mine\tDuration: 1.00 ms\tInit Duration: 99999.00 ms\n",
        '{"type": "platform.initReport", "record": []}\n{"type": "platform.report", "record": {"metrics": 7}}\n{"a":\n',
    ],
)
def test_words_in_a_functions_own_log_are_not_taken_for_the_platforms(chatter: str) -> None:
    finding = judged(raised(error("KeyError", "'body'"), chatter + TEXT_REPORT), max_init_seconds=1)
    assert finding.error is None
    assert finding.init_seconds == pytest.approx(0.247, abs=0.002)


TIMED_OUT = [
    error("Sandbox.Timedout", "RequestId: 8f3c Error: Task timed out after 3.00 seconds"),
    error("Sandbox.Timeout", "Task timed out"),
    {"errorMessage": f"2024-03-04T17:22:38.033Z {REQUEST} Task timed out after 3.00 seconds"},
    {"errorMessage": "Task timed out after 3.00 seconds"},
]


@pytest.mark.parametrize("payload", TIMED_OUT, ids=["recorded", "otherwise spelt", "older", "bare"])
@pytest.mark.parametrize("log", ["", TEXT_TIMED_OUT, TEXT_INIT_TIMEOUT, JSON_INIT_TIMEOUT, TEXT_INIT_ERROR])
@pytest.mark.parametrize("has_payload", [False, True])
def test_a_handler_that_times_out_did_not_answer(payload: dict[str, Any], log: str, has_payload: bool) -> None:
    finding = judged(raised(payload, log), has_payload=has_payload, timeout_seconds=3)
    assert finding.error == "ProbeUnanswered"
    assert finding.sentence.startswith(
        "version 43 of checkout did not answer within its time-out of 3 s, invoked with the "
    )


def test_an_answer_that_speaks_of_a_time_out_is_none() -> None:
    assert judged(ProbeAnswer(TIMED_OUT[0], None, TEXT_REPORT)).error is None


def test_a_handler_that_says_something_timed_out_has_answered() -> None:
    answer = raised(error("Error", "Task timed out after 3.00 seconds"), TEXT_REPORT)
    assert judged(answer, has_payload=True).error == "ProbeFailed"


SLOW_STARTS = {"text": (TEXT_SLOW, 21.2), "JSON": (JSON_SLOW, 21.2), "JSON with both runs": (JSON_SLOW_TOLD, 21.04947)}


@pytest.mark.parametrize(("log", "seconds"), SLOW_STARTS.values(), ids=SLOW_STARTS)
def test_the_whole_init_counts_also_the_part_that_lambda_ran_inside_the_invocation(log: str, seconds: float) -> None:
    answer = ProbeAnswer({"ok": True}, None, log)
    found = judged(answer, max_init_seconds=10.5)
    assert found.error == "InitTooSlow"
    assert found.init_seconds == pytest.approx(seconds)
    assert found.sentence == (
        f"version 43 of checkout took up to {seconds:.2f} s to start (Lambda stopped its init after 10.05 s and ran "
        "it again inside the invocation; both runs count); at most 10.5 s are allowed"
    )
    passed = judged(answer, max_init_seconds=30)
    assert passed.error is None
    assert f"starts in up to {seconds * 1000:.0f} ms (Lambda stopped its init after 10.05 s" in passed.sentence


def test_an_init_that_its_own_report_tells_too_counts_once() -> None:
    assert judged(ProbeAnswer({}, None, JSON_RECORDED)).init_seconds == pytest.approx(0.174)


def test_a_log_whose_beginning_is_cut_off_is_not_called_warm() -> None:
    tail = "chatter\n" * 600 + "REPORT RequestId: 8f3c\tDuration: 11150.53 ms\n"
    finding = judged(ProbeAnswer({}, None, tail), max_init_seconds=1)
    assert finding.sentence == "version 43 of checkout starts (its log does not show how long its init took)"


def test_a_log_of_any_length_is_read_in_one_pass() -> None:
    """These never ended if each line were searched again from each of its places."""
    for line in (
        "INIT_REPORT " * 90_000,
        '"platform.initReport"' * 50_000,
        "Init Duration: 1" * 60_000,
        "{" * 1_000_000,
    ):
        judged(raised(error("Error", "no"), line + "\n"))


def test_what_a_function_says_of_itself_is_cut_and_takes_one_line() -> None:
    payload = error("\x1b[2J" + "E" * 5000, "a\nb" + "c" * 100_000, requestId="7" * 34_000)
    finding = judged(raised(payload))
    assert finding.sentence.count("\n") == 0
    assert "(Unknown: a; bccc" in finding.sentence
    assert len(finding.sentence) < 450


@pytest.mark.parametrize("log", [TEXT_REPORT, JSON_REPORT], ids=["text", "JSON"])
def test_the_init_duration_is_read_in_both_log_formats(log: str) -> None:
    finding = judged(ProbeAnswer({"ok": True}, None, log))
    assert finding.sentence == "version 43 of checkout starts in 247 ms"
    assert finding.init_seconds == pytest.approx(0.24731)


def test_a_warm_answer_has_no_init_duration() -> None:
    finding = judged(ProbeAnswer({}, None, "REPORT RequestId: 8f3c\tDuration: 2.10 ms\n"), max_init_seconds=0.1)
    assert finding == ProbeFinding(None, "version 43 of checkout starts (warm)", None)


@pytest.mark.parametrize("log", [TEXT_REPORT, JSON_REPORT], ids=["text", "JSON"])
def test_an_init_slower_than_allowed_stops_the_release(log: str) -> None:
    answer = ProbeAnswer({}, None, log)
    assert judged(answer, max_init_seconds=0.2).error == "InitTooSlow"
    assert judged(answer, max_init_seconds=0.25).error is None


def test_a_slow_init_counts_also_where_the_handler_refuses_the_empty_event() -> None:
    assert judged(HANDLER_ERRORS["a Python exception"], max_init_seconds=0.2).error == "InitTooSlow"


def test_an_answer_that_is_not_what_is_expected_stops_the_release() -> None:
    answer = ProbeAnswer({"ok": False, "token": "s3cret"}, None, TEXT_REPORT)
    finding = judged(answer, has_expect=True, expect={"ok": True})
    assert finding.error == "ProbeFailed"
    assert "the answer.ok" in finding.sentence
    assert "s3cret" not in finding.sentence


def test_null_is_an_expectation_too() -> None:
    assert judged(ProbeAnswer(None, None, ""), has_expect=True, expect=None).error is None
    assert judged(ProbeAnswer({}, None, ""), has_expect=True, expect=None).error == "ProbeFailed"


@pytest.mark.parametrize(
    ("expected", "answer", "differs"),
    [
        ({"ok": True}, {"ok": True, "version": 43}, None),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, None),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "the answer.a.b"),
        ({"a": {"b": 1}}, {"a": [1]}, "the answer.a"),
        ({"ok": True}, {}, "the answer.ok"),
        ({"ok": None}, {}, "the answer.ok"),
        ({"ok": True}, "fine", "the answer"),
        ([1, 2], [1, 2], None),
        ([1, 2], [1, 2, 3], "the answer"),
        (1, 1.0, None),
        (1, True, "the answer"),
        (False, 0, "the answer"),
        ("", None, "the answer"),
    ],
)
def test_objects_are_compared_by_the_fields_that_are_named_and_all_else_exactly(
    expected: Any, answer: Any, differs: str | None
) -> None:
    assert mismatch(expected, answer) == differs
