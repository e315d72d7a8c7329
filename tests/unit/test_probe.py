"""What the answer to a probe says of a version.

Payloads are as recorded from Lambda, whose FunctionError is "Unhandled" whatever happened.
"""

import json
from typing import Any

import pytest

from tests.unit.probing import error, judged, raised
from tidegate.domain.probe import ProbeAnswer, ProbeFinding, beside_stable, mismatch

TEXT_REPORT = (
    "REPORT RequestId: 8f3c\tDuration: 2.10 ms\tBilled Duration: 250 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 40 MB\tInit Duration: 247.31 ms\t\n"
)
TEXT_INIT_ERROR = "INIT_REPORT Init Duration: 151.20 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n"
TEXT_INIT_TIMEOUT = "INIT_REPORT Init Duration: 10009.47 ms\tPhase: init\tStatus: timeout\n"
TEXT_INIT_ON_DEMAND = (
    "INIT_REPORT Init Duration: 151.20 ms\tPhase: invoke\tStatus: error\tError Type: Extension.Crash\n"
)


def json_log(kind: str, **record: Any) -> str:
    return json.dumps({"time": "2027-01-15T12:00:00.000Z", "type": kind, "record": record}) + "\n"


JSON_REPORT = json_log(
    "platform.report", requestId="8f3c", status="success", metrics={"durationMs": 2.1, "initDurationMs": 247.31}
)
JSON_INIT_ERROR = json_log(
    "platform.initReport", initializationType="on-demand", phase="init", status="error", metrics={"durationMs": 151.2}
)
JSON_INIT_TIMEOUT = json_log("platform.initReport", phase="init", status="timeout", metrics={"durationMs": 10009.5})


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
    "a crash at init, which runs into the time-out": raised(
        error("Sandbox.Timedout", "RequestId: 8f3c Error: Task timed out after 30.00 seconds")
    ),
    "a time-out as other sources spell it": raised(error("Sandbox.Timeout", "Task timed out")),
    "an image of another architecture": raised(error("Runtime.InvalidEntrypoint", "exec format error")),
    "an extension": raised(error("Extension.Crash", "exit code 1")),
    "Node.js at import": raised(error("Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token")),
    "a plain error that the text log puts at init": raised(error("Error", "no"), TEXT_INIT_ERROR),
    "an init that took too long": raised(error("Error", "no"), TEXT_INIT_TIMEOUT),
    "an init again at the first invocation": raised(error("Error", "no"), TEXT_INIT_ON_DEMAND),
    "a plain error that the JSON log puts at init": raised(error("Error", "no"), JSON_INIT_ERROR),
    "an init that took too long, as JSON": raised(error("Error", "no"), JSON_INIT_TIMEOUT),
}

HANDLER_ERRORS = {
    "a Python exception": raised(error("KeyError", "'body'", requestId="8f3c", stackTrace=["app.py"]), TEXT_REPORT),
    "an exception logged as JSON": raised(error("KeyError", "'body'", requestId="8f3c"), JSON_REPORT),
    "an answer that is no JSON": raised(error("Runtime.MarshalError", "Unable to marshal response", requestId="8f3c")),
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
    assert "refused the empty event" in finding.sentence
    assert answer.error_type in finding.sentence


@pytest.mark.parametrize("answer", HANDLER_ERRORS.values(), ids=HANDLER_ERRORS)
def test_a_handler_that_fails_on_the_given_payload_stops_the_release(answer: ProbeAnswer) -> None:
    assert judged(answer, has_payload=True).error == "ProbeFailed"


def test_words_in_a_functions_own_log_are_not_taken_for_the_platforms() -> None:
    chatter = "my INIT_REPORT says Status: error\n" + TEXT_REPORT
    assert judged(raised(error("KeyError", "'body'", requestId="8f3c"), chatter)).error is None


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


def beside(init: float | None, stable: float | None, slower_ms: float | None = 500) -> ProbeFinding:
    return beside_stable(ProbeFinding(None, "version 43 starts", init), "42", stable, slower_ms=slower_ms)


def test_how_long_a_version_takes_to_start_is_told_beside_stable() -> None:
    found = beside(0.686, 0.512)
    assert (found.error, found.sentence) == (None, "version 43 starts; version 42 took 512 ms when it was probed")


def test_a_version_that_takes_much_longer_to_start_than_stable_fails_where_that_gates() -> None:
    found = beside(2.0, 0.5)
    assert found.error == "InitTooSlow"
    assert found.sentence.endswith(": 1500 ms less, 500 are allowed")
    assert beside(2.0, 0.5, slower_ms=None).error is None


def test_what_is_not_on_record_is_not_made_up() -> None:
    assert beside(2.0, None) == ProbeFinding(None, "version 43 starts; what version 42 took is not on record", 2.0)
    assert beside(None, 0.5).sentence == "version 43 starts"


def test_a_version_that_failed_its_probe_is_not_compared() -> None:
    failed = ProbeFinding("InitFailed", "does not start", 0.1)
    assert beside_stable(failed, "42", 5.0, slower_ms=1) == failed
