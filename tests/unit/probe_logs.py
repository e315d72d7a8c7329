"""What Lambda logs of an invocation, in both formats: as recorded, and as its guide shows it."""

import json
from typing import Any

TEXT_REPORT = (
    "REPORT RequestId: 8f3c\tDuration: 2.10 ms\tBilled Duration: 250 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 40 MB\tInit Duration: 247.31 ms\t\n"
)
TEXT_WARM = "REPORT RequestId: 8f3c\tDuration: 2.10 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\t\n"
TEXT_INIT_ERROR = "INIT_REPORT Init Duration: 151.20 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n"
TEXT_INIT_TIMEOUT = "INIT_REPORT Init Duration: 10049.47 ms\tPhase: init\tStatus: timeout\n"
TEXT_INIT_ON_DEMAND = (
    "INIT_REPORT Init Duration: 151.20 ms\tPhase: invoke\tStatus: error\tError Type: Extension.Crash\n"
)
TEXT_INIT_NEVER_DONE = (
    TEXT_INIT_TIMEOUT
    + "INIT_REPORT Init Duration: 45045.69 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.Unknown\n"
)
"""Recorded in January 2024, in an issue of SST: an init of more than the function's 45 s."""

TEXT_SLOW = TEXT_INIT_TIMEOUT + (
    "START RequestId: 0d1b2a3c-0000-4000-8000-000000000001 Version: 43\n"
    "END RequestId: 0d1b2a3c-0000-4000-8000-000000000001\n"
    "REPORT RequestId: 0d1b2a3c-0000-4000-8000-000000000001\tDuration: 11150.53 ms\tBilled Duration: 11151 ms\t"
    "Memory Size: 128 MB\tMax Memory Used: 40 MB\t\n"
)
"""A suppressed init: the report has no Init Duration, its Duration is that of the second run and of the handler."""

TEXT_CRASH = TEXT_REPORT.replace("\t\n", "\tStatus: error\tError Type: Runtime.ExitError\n")
"""The handler crashed (lambda-runtime-environment, "runtime or extension crash - new style")."""

TEXT_TIMED_OUT = TEXT_REPORT.replace("\t\n", "\tStatus: timeout\n")


def json_log(kind: str, **record: Any) -> str:
    return json.dumps({"time": "2027-01-15T12:00:00.000Z", "type": kind, "record": record}) + "\n"


JSON_REPORT = json_log(
    "platform.report", requestId="8f3c", status="success", metrics={"durationMs": 2.1, "initDurationMs": 247.31}
)
JSON_INIT_ERROR = json_log(
    "platform.initReport", initializationType="on-demand", phase="init", status="error", metrics={"durationMs": 151.2}
)
JSON_INIT_TIMEOUT = json_log("platform.initReport", phase="init", status="timeout", metrics={"durationMs": 10049.47})
JSON_INIT_NEVER_DONE = JSON_INIT_TIMEOUT + json_log(
    "platform.initReport", phase="invoke", status="timeout", metrics={"durationMs": 45045.69}
)
JSON_SLOW = JSON_INIT_TIMEOUT + json_log("platform.report", requestId="8f3c", metrics={"durationMs": 11150.53})
JSON_SLOW_TOLD = (
    JSON_INIT_TIMEOUT
    + json_log("platform.initReport", phase="invoke", status="success", metrics={"durationMs": 11000})
    + json_log("platform.report", requestId="8f3c", metrics={"durationMs": 11150.53})
)
JSON_RECORDED = json_log(
    "platform.initReport", initializationType="on-demand", phase="init", status="success", metrics={"durationMs": 173.8}
) + json_log("platform.report", requestId="8f3c", status="success", metrics={"durationMs": 11.6, "initDurationMs": 174})
"""Recorded in May 2024: the init's own report, and again in the report of the invocation."""

REQUEST = "0d1b2a3c-0000-4000-8000-000000000001"
