"""Completed and failed calls from the lines of Lambda and its runtimes, and from no others."""

import json
from collections.abc import Sequence

import pytest

from tidegate.domain.analysis.log_calls import LogStyle, calls_in, not_understood, slots
from tidegate.domain.analysis.log_errors import LogLine
from tidegate.domain.judge import Calls, Minute

PYTHON, NODE, JSON = LogStyle(runtime="python"), LogStyle(runtime="nodejs"), LogStyle(json=True)
START = 1_800_000_000
REQUEST = "8f5e4a3c-0000-4000-8000-000000000001"
REPORT = f"REPORT RequestId: {REQUEST}\tDuration: 3.10 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\t"
RAISED = (
    "[ERROR] KeyError: 'price'\nTraceback (most recent call last):\n\u00a0\u00a0File \"/var/task/app.py\", line 3\n"
)
NODE_RAISED = f'2026-11-30T12:00:00.000Z\t{REQUEST}\tERROR\tInvoke Error \t{{"errorType":"TypeError"}}\n'


def lines(*texts: str, stream: str = "one", at: float = 0.0) -> list[LogLine]:
    return [LogLine(stream, text, int((START + at) * 1000)) for text in texts]


def platform(kind: str, status: str, request: str = REQUEST) -> str:
    return json.dumps({"type": f"platform.{kind}", "record": {"requestId": request, "status": status}})


def counted(found: Sequence[LogLine], style: LogStyle = PYTHON) -> tuple[int, int]:
    (calls,) = calls_in(found, style).values()
    return calls.total, calls.bad


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([REPORT], (1, 0)),
        ([RAISED, REPORT], (1, 1)),
        ([RAISED, REPORT, REPORT], (2, 1)),
        ([f"{REPORT}Status: timeout\n"], (1, 1)),
        ([f"{REPORT}Status: error\tError Type: Runtime.ExitError\n"], (1, 1)),
        (["[ERROR] Runtime.ImportModuleError: no x\nTraceback (most recent call last):", REPORT], (1, 1)),
    ],
)
def test_a_report_is_a_call_and_the_runtime_or_the_status_says_that_it_failed(
    texts: list[str], expected: tuple[int, int]
) -> None:
    assert counted(lines(*texts)) == expected


@pytest.mark.parametrize(
    "printed",
    [
        f"[ERROR]\t2026-11-30T12:00:00.000Z\t{REQUEST}\tcould not pay\nTraceback (most recent call last):\n  File x",
        "[ERROR] payment: refused",
        "[ERROR] payment: refused\nTraceback (most recent call last):\n  File app.py",
        '{"errorType": "KeyError", "errorMessage": "logged, and answered all the same"}',
        "Status: error",
        "Traceback (most recent call last):",
        f"the text of a REPORT RequestId: {REQUEST}\tStatus: error",
    ],
)
def test_what_a_function_prints_itself_is_no_failed_call(printed: str) -> None:
    assert counted(lines(printed, REPORT)) == (1, 0)


def test_an_error_belongs_to_the_next_report_of_its_own_stream() -> None:
    mixed = [*lines(RAISED, stream="one"), *lines(REPORT, stream="two"), *lines(REPORT, stream="one", at=12)]

    assert calls_in(mixed, PYTHON) == {START: Calls(1, 0), START + 10: Calls(1, 1)}


def test_a_failed_first_run_of_the_init_is_no_failed_call_if_the_second_one_succeeds() -> None:
    given_up = "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout\n"
    failed_again = "INIT_REPORT Init Duration: 20.00 ms\tPhase: invoke\tStatus: error\tError Type: KeyError\n"

    assert counted(lines(RAISED, given_up, REPORT)) == (1, 0)
    assert counted(lines(RAISED, given_up, RAISED, failed_again, f"{REPORT}Status: error\n")) == (1, 1)


def test_an_error_without_a_report_does_not_count_yet() -> None:
    assert calls_in(lines(RAISED), PYTHON) == {}


def test_node_names_its_own_errors_by_a_label() -> None:
    logged = NODE_RAISED.replace("Invoke Error \t", "")

    assert counted(lines(NODE_RAISED, REPORT), NODE) == (1, 1)
    assert counted(lines(logged, REPORT), NODE) == (1, 0)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([platform("report", "success")], (1, 0)),
        ([platform("report", "error")], (1, 1)),
        ([platform("report", "timeout")], (1, 1)),
        ([platform("runtimeDone", "failure"), platform("report", "success")], (1, 1)),
        ([platform("runtimeDone", "failure", "another"), platform("report", "success")], (1, 0)),
        (['{"level": "ERROR", "errorType": "KeyError"}', "{", "[]", platform("report", "success")], (1, 0)),
        (['{"type": "platform.report", "record": "none"}', platform("report", "success")], (1, 0)),
    ],
)
def test_json_reports_say_it_themselves(texts: list[str], expected: tuple[int, int]) -> None:
    assert counted(lines(*texts), JSON) == expected


@pytest.mark.parametrize(
    ("stable", "canary", "why"),
    [
        (PYTHON, PYTHON, ""),
        (JSON, JSON, ""),
        (PYTHON, JSON, "different formats"),
        (PYTHON, NODE, "different runtimes"),
        (LogStyle(runtime="java"), LogStyle(runtime="java"), "LogFormat JSON does"),
        (JSON, LogStyle(json=True, complete=False), "leaves out the calls that succeed"),
        (PYTHON, LogStyle(runtime="python", interleaved=True), "several calls at once"),
    ],
)
def test_logs_that_do_not_show_failed_calls_alike_are_not_compared(
    stable: LogStyle, canary: LogStyle, why: str
) -> None:
    assert why in not_understood(stable, canary)
    assert bool(not_understood(stable, canary)) == bool(why)


def test_a_configuration_says_how_a_version_logs() -> None:
    assert LogStyle.of({"Runtime": "python3.13"}) == PYTHON
    assert LogStyle.of({"Runtime": "nodejs22.x", "LoggingConfig": {"LogFormat": "Text"}}) == NODE
    json_logs = {"LoggingConfig": {"LogFormat": "JSON", "SystemLogLevel": "WARN"}}
    assert LogStyle.of(json_logs) == LogStyle(json=True, complete=False)


def test_slots_are_those_in_which_a_call_of_either_version_ended() -> None:
    canary, stable = {START: Calls(3, 1), START + 30: Calls(9)}, {START: Calls(30), START + 10: Calls(20, 2)}

    assert slots(canary, stable, START, START + 30) == {START: Minute(3, 1, 30, 0), START + 10: Minute(0, 0, 20, 2)}
