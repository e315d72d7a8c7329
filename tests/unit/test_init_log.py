"""What the log of an init without an invocation says, in the forms of Lambda and its runtimes."""

import json

import pytest

from tidegate.domain.init_log import init_failure_in

REPORT = "INIT_REPORT Init Duration: 93.11 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown\n"
NODE = json.dumps({"errorType": "RangeError", "errorMessage": "nothing to start with", "stack": ["RangeError: …"]})
JSON_LOGS = {
    "Python": {
        "timestamp": "T",
        "level": "ERROR",
        "errorType": "KeyError",
        "errorMessage": "'TABLE'",
        "stackTrace": [],
    },
    "Node.js": {"level": "ERROR", "message": {"errorType": "KeyError", "errorMessage": "'TABLE'"}},
}


@pytest.mark.parametrize(
    ("lines", "error", "said"),
    [
        (["[ERROR] KeyError: 'TABLE'\rTraceback (most recent call last):\r"], "InitFailed", "KeyError: 'TABLE'"),
        ([REPORT, "[ERROR] KeyError: 'TABLE'\nTraceback"], "InitFailed", "KeyError: 'TABLE'"),
        ([f"2026-11-30T20:00:00.000Z\tundefined\tERROR\tUncaught Exception \t{NODE}\n", REPORT], "InitFailed",
         "RangeError: nothing to start with"),
        ([json.dumps(JSON_LOGS["Python"])], "InitFailed", "KeyError: 'TABLE'"),
        ([json.dumps(JSON_LOGS["Node.js"])], "InitFailed", "KeyError: 'TABLE'"),
        ([REPORT.replace("Unknown", "InvalidEntrypoint")], "CannotExecute", "Runtime.InvalidEntrypoint"),
        ([REPORT.replace("Runtime.Unknown", "Extension.Crash")], "ExtensionFailed", "Extension.Crash"),
        (["INIT_REPORT Init Duration: 130000.00 ms\tPhase: init\tStatus: timeout\n"], "InitTimedOut",
         "its init timed out"),
        ([], "InitFailed", "its log shows no error"),
        (["chatter", "{not JSON", "[1]", "{}"], "InitFailed", "its log shows no error"),
    ],
)  # fmt: skip
def test_the_cause_is_named_and_told_in_the_runtimes_words(lines: list[str], error: str, said: str) -> None:
    failure, words = init_failure_in(lines)
    assert (failure.error, words) == (error, said)
