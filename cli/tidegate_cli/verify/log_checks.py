"""Checks of what Lambda writes into logs, and of how logs are read."""

import json
import re
from itertools import pairwise
from typing import Any

from botocore.exceptions import ClientError

from tidegate.domain.analysis.user_lines import pattern
from tidegate.domain.invocation_log import FAILED
from tidegate.domain.schedule import MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import Ground

LINES = 200
SECONDS = 10.0
LONG_INIT_SECONDS = "11"
TOO_LONG = 7_000_000
"""Characters of an answer; Lambda takes 6 MB."""

STREAM = re.compile(r"\d{4}/\d\d/\d\d/\[(\$LATEST|\d+)\][0-9a-f]{32}")


@check(
    "stream-names",
    "Log streams of Lambda's own log groups are named `YYYY/MM/DD/[VERSION]…`",
    expected="YYYY/MM/DD/[VERSION]…",
    otherwise="a failed verdict would name no errors; so it is for log groups of your own, which the role may not read",
    source="lambda/latest/dg/monitoring-cloudwatchlogs.html",
)
def stream_names(ground: Ground) -> Seen:
    """Invoke a version, and list the streams of its log group."""
    name = ground.published("moved")
    ground.invoke(name, "1")
    client = ground.client("logs")

    def look() -> list[str]:
        found = client.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
        return [stream["logStreamName"] for stream in found]

    names = ground.until(look, 2 * MINUTE)
    if not names:
        return Seen(None, "no stream within two minutes")
    wrong = [each for each in names if not STREAM.fullmatch(each)]
    return Seen(not wrong, wrong[0] if wrong else "YYYY/MM/DD/[VERSION]…")


@check(
    "json-report",
    "LogResult of a function with JSON logs carries `platform.report`",
    expected="platform.report",
    otherwise="Init Duration would be missing from the record",
    source="lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html",
)
def json_report(ground: Ground) -> Seen:
    """Invoke a function that has LogFormat JSON with LogType Tail."""
    name = ground.function("json-logs", LoggingConfig={"LogFormat": "JSON"})
    log = ground.invoke(name).log
    return Seen('"platform.report"' in log, "platform.report" if '"platform.report"' in log else log[-300:])


@check(
    "long-init",
    "The end of the log that Invoke answers with has the INIT_REPORT line of an init of more than ten seconds, with "
    "`Phase: init` and `Status: timeout`; REPORT has no Init Duration then",
    expected="INIT_REPORT with Phase: init and Status: timeout, REPORT without Init Duration",
    otherwise="the length of its init would be missing from the record, or the first run from its length",
    source="lambda/latest/dg/lambda-runtime-environment.html",
)
def long_init(ground: Ground) -> Seen:
    """Invoke a function that sleeps for eleven seconds at import with LogType Tail."""
    variables = {"IMPORT_SECONDS": LONG_INIT_SECONDS}
    name = ground.function("long-init", Environment={"Variables": variables})
    lines = [line for line in ground.invoke(name).log.splitlines() if "REPORT" in line]
    seen = " / ".join(line.replace("\t", " ") for line in lines)
    inits = [line for line in lines if line.startswith("INIT_REPORT") and "Phase: init" in line]
    reports = [line for line in lines if line.startswith("REPORT")]
    is_so = any("Status: timeout" in line for line in inits) and not any("Init Duration" in line for line in reports)
    return Seen(is_so and bool(reports), seen)


@check(
    "report-status",
    "REPORT has a Status for an error at import of any class, and none for an error of the handler or for an answer "
    "that is too large",
    expected="import: Status, handler: none, length: none",
    otherwise="an error would be counted by its own line or by its report alone",
    source="lambda/latest/dg/monitoring-cloudwatchlogs.html",
)
def report_status(ground: Ground) -> Seen:
    """Invoke functions that fail in these three ways with LogType Tail."""
    broken = ground.function("import-error", Environment={"Variables": {"IMPORT_ERROR": "on purpose"}})
    plain = ground.function("plain")
    logs = {
        "import": ground.invoke(broken).log,
        "handler": ground.invoke(plain, fail="on purpose").log,
        "length": ground.invoke(plain, length=TOO_LONG).log,
    }
    found = {how: _report(log) for how, log in logs.items()}
    if not all(found.values()):
        return Seen(None, "an answer had no REPORT")
    has = {how: "Status" if "Status: " in line else "none" for how, line in found.items()}
    return same("import: Status, handler: none, length: none", ", ".join(f"{how}: {it}" for how, it in has.items()))


def _report(log: str) -> str:
    return next((line for line in log.splitlines() if line.startswith("REPORT")), "")


@check(
    "log-order",
    "FilterLogEvents gives the lines of one stream in the order in which they were written, also within a millisecond",
    expected=f"{LINES} lines in order",
    otherwise="a failed verdict could name the request before or after the one that failed",
    source="AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html",
)
def log_order(ground: Ground) -> Seen:
    """Let a function print numbered lines at once, and read them by FilterLogEvents."""
    name = ground.function("plain")
    mark = f"order-{int(ground.now() * 1000)}"
    ground.invoke(name, lines=[f"{mark} {number}" for number in range(LINES)])

    def look() -> list[dict[str, Any]]:
        found = _events(ground, name, f'"{mark}"')
        return found if len(found) >= LINES else []

    numbers = [int(event["message"].split()[-1]) for event in ground.until(look, 2 * MINUTE)]
    if not numbers:
        return Seen(None, f"fewer than {LINES} lines after two minutes")
    early = sum(one > other for one, other in pairwise(numbers))
    how = f"{early} before their time" if early else "in order"
    return same(f"{LINES} lines in order", f"{len(numbers)} lines {how}")


@check(
    "log-seconds",
    "A line of a log can be read by FilterLogEvents within ten seconds of the end of its call",
    expected="10 s at most",
    otherwise="a version that fails would be found by its logs later, and perhaps only by its metrics",
    source="AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html",
)
def log_seconds(ground: Ground) -> Seen:
    """Invoke a function, and read its REPORT by FilterLogEvents, every second."""
    name = ground.function("plain")
    ground.invoke(name)
    mark = f"seconds-{int(ground.now() * 1000)}"
    ground.invoke(name, lines=[mark])
    ended = ground.now()
    if not ground.until(lambda: _events(ground, name, f'"{mark}"'), 2 * MINUTE):
        return Seen(False, "not within two minutes")
    took = ground.now() - ended
    return Seen(took <= SECONDS, f"{took:.0f} s")


@check(
    "log-json",
    "A JSON object that a function prints is an event of its log, in JSON logs, too, and FilterLogEvents finds it by a "
    "field of it",
    expected="found",
    otherwise="users who fail would not be found: a release that routes users would have no data, and hold",
    source="AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html",
)
def log_json(ground: Ground) -> Seen:
    """Let a function with LogFormat JSON print such an object, and read it by the pattern of a release."""
    name = ground.function("json-logs", LoggingConfig={"LogFormat": "JSON"})
    mark = f"json-{int(ground.now() * 1000)}"
    ground.invoke(name, lines=[json.dumps({"tidegate": {"release": mark}})])
    found = ground.until(lambda: _events(ground, name, pattern(mark)), 2 * MINUTE)
    return Seen(bool(found), "found" if found else "not within two minutes")


@check(
    "json-status",
    "In JSON logs, `platform.report` or `platform.runtimeDone` of a call whose handler raises an error has a status of "
    "an error",
    expected="error",
    otherwise="looks at JSON logs would see only time-outs and crashes: such a version is found by its metrics",
    source="lambda/latest/dg/telemetry-schema-reference.html",
)
def json_status(ground: Ground) -> Seen:
    """Let the handler of a function with LogFormat JSON raise an error, and read its log with LogType Tail."""
    name = ground.function("json-logs", LoggingConfig={"LogFormat": "JSON"})
    log = ground.invoke(name, fail="on purpose").log
    told = [event["record"].get("status") for event in _platform(log)]
    if not told:
        return Seen(None, log[-300:])
    return Seen(bool(FAILED & {*told}), ", ".join(map(str, told)))


def _platform(log: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith('{"') and '"platform.' in line]
    return [each for each in lines if each.get("type") in {"platform.report", "platform.runtimeDone"}]


def _events(ground: Ground, name: str, pattern: str) -> list[dict[str, Any]]:
    try:
        return ground.events(name, pattern)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return []
