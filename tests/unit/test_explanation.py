"""Errors of a version, from the lines of its log."""

import json
from collections.abc import Iterator
from math import inf
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.reading import functions
from tidegate.aws import clients
from tidegate.aws.cloudwatch import error_logs
from tidegate.aws.ledger import table
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.log_errors import LogLine, SeenError, distinct_errors, request_after
from tidegate.domain.analysis.readings import Shift

ONE, TWO = "0d1b2a3c-0000-4000-8000-000000000001", "0d1b2a3c-0000-4000-8000-000000000002"


def errors(*texts: str, stream: str = "a") -> tuple[SeenError, ...]:
    return distinct_errors([LogLine(stream, text) for text in texts])


def report(request: str, status: str) -> str:
    return f"REPORT RequestId: {request}\tDuration: 2.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\t{status}\n"


PYTHON = (
    "[ERROR] KeyError: 'a secret'\nTraceback (most recent call last):\n\u00a0\u00a0File \"/var/task/app.py\", line 6"
)


def init_report(phase: str) -> str:
    return (
        f"INIT_REPORT Init Duration: 80.49 ms\tPhase: {phase}\tStatus: error\tError Type: Runtime.ImportModuleError\n"
    )


def test_an_error_at_import_counts_once_though_lambda_runs_the_init_twice() -> None:
    """Recorded in April 2026: both runs log the error, and the report of the call follows."""
    error = "[ERROR] Runtime.X: Unable to import module 'search'\nTraceback (most recent call last):\n"
    ended = report(ONE, "Status: error\tError Type: Runtime.X")
    found = errors(error, init_report("init"), error, init_report("invoke"), ended)
    assert found == (SeenError("Runtime.X", 1, ONE),)


def test_an_error_at_import_counts_once_in_json_logs() -> None:
    def event(kind: str, **record: Any) -> str:
        return json.dumps({"type": kind, "record": {"status": "error", "errorType": "Runtime.X", **record}})

    own = json.dumps({"level": "ERROR", "errorType": "Runtime.X", "requestId": ""})
    runs = [
        line
        for phase in ("init", "invoke")
        for line in (own, event("platform.initRuntimeDone", phase=phase), event("platform.initReport", phase=phase))
    ]
    assert errors(*runs, event("platform.report", requestId=ONE)) == (SeenError("Runtime.X", 1, ONE),)


def test_an_init_that_lambda_runs_again_is_no_error() -> None:
    slow = "INIT_REPORT Init Duration: 10049.47 ms\tPhase: init\tStatus: timeout\n"
    as_json = {
        "type": "platform.initReport",
        "record": {"phase": "init", "status": "timeout", "errorType": "Runtime.X"},
    }
    assert errors(slow, report(ONE, ""), json.dumps(as_json)) == ()


def test_a_crash_is_told_by_the_report_alone() -> None:
    found = errors(report(ONE, "Status: error\tError Type: Runtime.ExitError"), report(TWO, "Status: timeout"))
    assert set(found) == {SeenError("Runtime.ExitError", 1, ONE), SeenError("Task timed out", 1, TWO)}


def test_the_request_of_a_python_error_is_the_one_that_ends_next_in_its_stream() -> None:
    """As recorded on AWS (LocalStack, test_invocation_type_event_error): the report has no Status."""
    line = LogLine("a", PYTHON, 7)
    (found,) = distinct_errors([line])
    assert found == SeenError("KeyError", 1, None, line)
    texts = [f"END RequestId: {TWO}\n", report(TWO, ""), PYTHON, f"END RequestId: {ONE}\n", report(ONE, "")]
    following = [LogLine("a", text) for text in texts]
    assert request_after(line, following) == ONE
    assert request_after(line, following[3:]) is None
    assert request_after(line, following[:3]) is None


def test_the_end_of_a_request_is_found_in_json_logs_too() -> None:
    own = json.dumps({"level": "ERROR", "errorType": "KeyError"})
    ended = json.dumps({"type": "platform.report", "record": {"requestId": ONE, "status": "error"}})
    assert request_after(LogLine("a", own), [LogLine("a", own), LogLine("a", "{}"), LogLine("a", ended)]) == ONE


def test_where_no_report_tells_the_request_the_error_is_counted_all_the_same() -> None:
    lines = [LogLine("a", "[ERROR] KeyError: 'a'"), LogLine("a", "[ERROR] KeyError: 'b'")]
    assert distinct_errors(lines) == (SeenError("KeyError", 2, None, lines[0]),)


def test_streams_are_not_mixed_up() -> None:
    lines = [
        LogLine("a", "[ERROR] KeyError: 'a'"),
        LogLine("b", "[ERROR] ValueError: b"),
        LogLine("b", report(TWO, "Status: error\tError Type: Runtime.Unknown")),
        LogLine("a", report(ONE, "Status: error\tError Type: Runtime.Unknown")),
    ]
    assert set(distinct_errors(lines)) == {SeenError("KeyError", 1, ONE), SeenError("ValueError", 1, TWO)}


def test_node_tells_all_in_a_line() -> None:
    line = f'2026-11-24T10:00:00.000Z\t{ONE}\tERROR\tInvoke Error \t{{"errorType":"TypeError","errorMessage":"no"}}'
    assert errors(line) == (SeenError("TypeError", 1, ONE),)
    assert errors(line.replace("\tERROR\t", "\tINFO\t")) == ()
    at_import = line.replace(ONE, "undefined")
    assert errors(at_import) == (SeenError("TypeError", 1, None, LogLine("a", at_import)),)


def test_node_tells_a_rejection_and_its_reason_and_the_former_counts() -> None:
    """As aws-lambda-nodejs-runtime-interface-client (at da5777a) logs it: LogPatch.js, index.mjs."""
    line = (
        f'2026-11-24T10:00:00.000Z\t{ONE}\tERROR\tUnhandled Promise Rejection \t{{"errorType":"Runtime.'
        'UnhandledPromiseRejection","errorMessage":"Error: no","reason":{"errorType":"Error","errorMessage":"no"}}'
    )
    assert errors(line, report(ONE, "")) == (SeenError("Runtime.UnhandledPromiseRejection", 1, ONE),)


def test_node_puts_the_error_into_the_message_of_a_json_line() -> None:
    """LogPatch.js (formatJsonMessage, at da5777a): one parameter is the message, an error of it as an object."""

    def line(level: str, **more: str) -> str:
        error = {"errorType": "RangeError", "errorMessage": "a secret", "stackTrace": []}
        return json.dumps({"timestamp": "2026-11-24T10:00:00.000Z", "level": level, "message": error, **more})

    assert errors(line("ERROR", requestId=ONE)) == (SeenError("RangeError", 1, ONE),)
    assert errors(line("INFO", requestId=ONE)) == ()
    ended = json.dumps({"type": "platform.report", "record": {"requestId": ONE, "status": "error"}})
    assert errors(line("ERROR"), ended) == (SeenError("RangeError", 1, ONE),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('"errorType": "Function<TypeError>",', "TypeError"),
        (
            'Error raised from handler method\n{\n  "errorType": "Function<Aws::S3::Errors::NoSuchKey>"\n}',
            "Aws::S3::Errors::NoSuchKey",
        ),
        ('2026/11/24 10:00:00 {"errorMessage":"no","errorType":"errorString"}', "errorString"),
    ],
    ids=["Ruby, a line", "Ruby, whole", "Go"],
)
def test_other_runtimes_log_the_document_of_the_error(text: str, kind: str) -> None:
    assert errors(text) == (SeenError(kind, 1, None, LogLine("a", text)),)


def test_a_time_out_is_counted_once_though_two_lines_tell_it() -> None:
    found = errors(f"2026-11-24T10:00:00.000Z {ONE} Task timed out after 3.00 seconds", report(ONE, "Status: timeout"))
    assert found == (SeenError("Task timed out", 1, ONE),)


def test_json_logs_are_read_too() -> None:
    own = {"level": "ERROR", "errorType": "KeyError", "errorMessage": "a secret", "requestId": ONE}
    platform = {"type": "platform.report", "record": {"requestId": ONE, "status": "error"}}
    late = {"type": "platform.report", "record": {"requestId": TWO, "status": "timeout"}}
    fine = {"type": "platform.report", "record": {"requestId": "3", "status": "success"}}
    found = errors(*(json.dumps(each) for each in (own, platform, late, fine)))
    assert found == (SeenError("KeyError", 1, ONE), SeenError("Task timed out", 1, TWO))


@pytest.mark.parametrize(
    "text",
    [
        "{not json",
        "[]",
        '{"errorType": 7}',
        '{"errorType": "has spaces in it"}',
        '{"type": "platform.report", "record": {"status": ["error"]}}',
        "[ERROR] a message",
        "[ERROR] \x1b[31mKeyError: red",
        '{"errorType": "' + "E" * 101 + '"}',
        report(ONE, ""),
    ],
)
def test_what_is_no_error_of_a_known_form_is_left_out(text: str) -> None:
    assert errors(text) == ()


def test_the_most_frequent_three_are_told() -> None:
    texts = [f"[ERROR] {kind}Error: x" for kind in ("A", "B", "B", "C", "C", "C", "D", "D", "D", "D")]
    assert [(each.type, each.count) for each in errors(*texts)] == [("DError", 4), ("CError", 3), ("BError", 2)]


def test_a_request_id_of_34_kilobytes_is_none() -> None:
    own = json.dumps({"errorType": "KeyError", "requestId": "a" * 34_000})
    assert errors(own) == (SeenError("KeyError", 1, None, LogLine("a", own)),)


MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "piece",
    [
        f"\t{ONE}\tERROR\t",
        '"errorType": ',
        '"errorType":"',
        "a",
        "[",
        '{"a":',
        '{"errorType":',
        "REPORT RequestId: ",
        f"{ONE} Task timed out ",
        "[ERROR] ",
        "\tStatus: error",
        "1",
    ],
)
@pytest.mark.parametrize(
    "begin", ["", "{", "[ERROR] ", "REPORT RequestId: ", f"2026-11-24T10:00:00.000Z\t{ONE}\tERROR\t"]
)
def test_a_line_of_a_megabyte_is_read_in_one_pass(begin: str, piece: str) -> None:
    """It would not end in the life of a test if each place were searched on to the end of the line."""
    line = begin + piece * (MEGABYTE // len(piece))
    assert all(len(each.type) <= 100 for each in errors(line))
    assert request_after(LogLine("a", "x"), [LogLine("a", "x"), LogLine("a", line)]) in {None, ONE}


class Logs:
    """Answers one page a stream prefix; `asked` are the calls."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def get_paginator(self, _name: str) -> "Logs":
        return self

    def paginate(self, **asked: Any) -> Iterator[Any]:
        self.asked.append(asked)
        if "logStreamNames" in asked:
            stream, texts = asked["logStreamNames"][0], [f"END RequestId: {TWO}\n", PYTHON, f"END RequestId: {ONE}\n"]
        else:
            stream, texts = f"{asked['logStreamNamePrefix']}a", [PYTHON]
        yield {"events": [{"logStreamName": stream, "message": text, "timestamp": NOON * 1000} for text in texts]}


def test_only_streams_of_the_version_are_read_from_the_day_before_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Logs()
    monkeypatch.setattr(error_logs, "logs_client", lambda: ours)
    error_logs.error_lines("/aws/lambda/checkout", "checkout", "43", NOON, NOON + 60, deadline=inf)
    assert [each["logStreamNamePrefix"] for each in ours.asked] == ["2027/01/14/[43]", "2027/01/15/[43]"]
    assert (ours.asked[0]["startTime"], ours.asked[0]["endTime"]) == (NOON * 1000, (NOON + 60) * 1000)


def test_in_a_log_group_of_one_s_own_streams_begin_with_the_function_s_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Logs()
    monkeypatch.setattr(error_logs, "logs_client", lambda: ours)
    error_logs.error_lines("/aws/lambda/shop", "checkout", "43", NOON, NOON + 60, deadline=inf)
    assert [each["logStreamNamePrefix"] for each in ours.asked] == [
        "2027/01/14/checkout[43]",
        "2027/01/15/checkout[43]",
    ]


def test_a_verdict_does_not_wait_long_for_its_explanation(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Logs()
    monkeypatch.setattr(error_logs, "logs_client", lambda: ours)
    lines = error_logs.error_lines("/aws/lambda/checkout", "checkout", "43", NOON, NOON + 60, deadline=0)
    assert len(lines) == 1
    assert error_logs.lines_from("/aws/lambda/checkout", lines[0], deadline=0) == []


def test_logs_that_do_not_answer_leave_compare_the_time_to_answer_itself() -> None:
    """Otherwise it would be cut off, and its verdict be told nowhere."""
    waits: Any = clients.SEARCHING
    one_call = waits.retries["total_max_attempts"] * (waits.connect_timeout + waits.read_timeout) + 1
    longest = error_logs.EXPLAINED * (error_logs.SECONDS + one_call)
    assert longest <= 0.75 * functions()["CompareFunction"]["Timeout"]


def test_an_explanation_tells_types_and_links_and_no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_logs, "logs_client", Logs)
    monkeypatch.setattr(table, "get", lambda *_: {"log_group": "shop"})
    release = Release("r", "execution", "running", NOON, {}, a_plan(), (Shift(NOON, 10, NOON + 1),))
    found = error_logs.explain(release, [a_target()], NOON + 60)
    assert [(each["type"], each["count"], each["request_id"]) for each in found] == [("KeyError", 2, ONE)]
    assert "log-group/shop/" in found[0]["link"]
    assert ONE in found[0]["link"]
    said = error_logs.told(found)
    assert said.startswith(f" The log contains KeyError 2 times in checkout:live, for example request {ONE} (https://")
    assert "secret" not in said
    assert error_logs.told([]) == ""
