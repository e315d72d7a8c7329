"""For each check of `tidegate verify`: what AWS would have to answer for the check to say that a fact differs."""

import io
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any, NamedTuple

Change = Callable[[dict[str, Any]], Any]
_numbers = count(1)


class Answer(NamedTuple):
    """An API call, and what is done to its parsed answer; the call then succeeds unless the change has an Error."""

    service: str
    call: str
    change: Change
    elsewhere: tuple[str, ...] = ()


@contextmanager
def answering(client: Callable[..., Any], answers: Sequence[Answer]) -> Iterator[None]:
    with ExitStack() as stack:
        for answer in answers:
            stack.enter_context(_answering(client(answer.service, *answer.elsewhere), answer))
        yield


@contextmanager
def _answering(client: Any, answer: Answer) -> Iterator[None]:
    def after(parsed: dict[str, Any], http_response: Any, model: Any, **_: Any) -> None:
        if model.name == answer.call:
            parsed.pop("Error", None)
            answer.change(parsed)
            http_response.status_code = 400 if "Error" in parsed else 200

    client.meta.events.register_first("after-call", after)
    try:
        yield
    finally:
        client.meta.events.unregister("after-call", after)


def put(**fields: Any) -> Change:
    return lambda parsed: parsed.update(fields)


def invoked(payload: Any = None, log: str | None = None, **fields: Any) -> list[Answer]:
    """Answer Invoke with this payload or this log."""

    def change(parsed: dict[str, Any]) -> None:
        if payload is not None:
            parsed["Payload"] = io.BytesIO(json.dumps(payload).encode())
        if log is not None:
            parsed["LogResult"] = b64encode(log.encode()).decode()
        parsed.update(fields)

    return [Answer("lambda", "Invoke", change)]


def measured(*values: float) -> list[Answer]:
    """Answer GetMetricData with these values, whatever it was asked for."""
    return [Answer("cloudwatch", "GetMetricData", put(MetricDataResults=[{"Id": "m", "Values": list(values)}]))]


def in_turn(service: str, call: str, *fields: dict[str, Any]) -> list[Answer]:
    """Answer with these fields, one after the other and round again."""
    numbers = count()
    return [Answer(service, call, lambda parsed: parsed.update(fields[next(numbers) % len(fields)]))]


def results(*values: float) -> dict[str, Any]:
    return {"MetricDataResults": [{"Id": "m", "Values": list(values)}]}


def said(service: str, call: str, code: str) -> list[Answer]:
    return [Answer(service, call, put(Error={"Code": code, "Message": "as a test wants it"}))]


def one(service: str, call: str, change: Change, *elsewhere: str) -> list[Answer]:
    return [Answer(service, call, change, elsewhere)]


def another_digest(parsed: dict[str, Any]) -> None:
    parsed["ConfigSha256"] = str(next(_numbers))


def older_version(parsed: dict[str, Any]) -> None:
    if parsed["Version"] != "$LATEST":
        parsed["LastModified"] = "2020-01-01T00:00:00.000+0000"


def in_history(pattern: str, instead: str) -> list[Answer]:
    """Change the parameters of each scheduled task."""

    def change(parsed: dict[str, Any]) -> None:
        for event in parsed["events"]:
            details = event.get("taskScheduledEventDetails", {})
            if details:
                details["parameters"] = re.sub(pattern, instead, details["parameters"])

    return one("stepfunctions", "GetExecutionHistory", change)


def without_variables(parsed: dict[str, Any]) -> None:
    for event in parsed["events"]:
        event.get("stateExitedEventDetails", {}).pop("assignedVariables", None)


def ended(**fields: Any) -> list[Answer]:
    return one("stepfunctions", "DescribeExecution", put(**fields))


HERE = {"account": "123456789012", "region": "us-west-2", "detail": {"id": "test"}}
"""An event as it would be from the Region in which it arrives."""

RED = {"HistorySummary": "Alarm updated from OK to ALARM"}
COMPOSITE = [*one("cloudwatch", "PutCompositeAlarm", put()), *one("cloudwatch", "SetAlarmState", put())]

SUPPLIED: dict[str, list[Answer]] = {
    "asynchronous": measured(2.0),
    "composite-history": [*COMPOSITE, *one("cloudwatch", "DescribeAlarmHistory", put(AlarmHistoryItems=[RED]))],
    "json-report": invoked(log='{"type": "platform.report"}'),
    "json-status": invoked(log='{"type": "platform.report", "record": {"status": "error"}}\n'),
    "search-order": measured(1.0),
}
"""What the local cloud does not have: its answers are made up."""

TURNED: dict[str, list[Answer]] = {
    "alarm-history": one("cloudwatch", "DescribeAlarmHistory", put(AlarmHistoryItems=[])),
    "alarm-types": said("cloudwatch", "DescribeAlarms", "ValidationError"),
    "alias-resource": measured(),
    "alias-weight": one("lambda", "GetAlias", put(RoutingConfig={"AdditionalVersionWeights": {"2": 0.12}})),
    "assigned-variables": one("stepfunctions", "GetExecutionHistory", without_variables),
    "asynchronous": measured(),
    "composite-history": [*COMPOSITE, *one("cloudwatch", "DescribeAlarmHistory", put(AlarmHistoryItems=[]))],
    "asynchronous-by-qualifier": one(
        "lambda",
        "ListFunctionEventInvokeConfigs",
        put(FunctionEventInvokeConfigs=[{"FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST"}]),
    ),
    "code-in-parts": one("lambda", "GetFunction", put(Code={})),
    "config-digest-code": one("lambda", "GetFunctionConfiguration", another_digest),
    "config-digest-publish": one("lambda", "GetFunctionConfiguration", another_digest),
    "config-digest-version": one("lambda", "GetFunctionConfiguration", another_digest),
    "day-percentile": measured(1200.0, 1.0),
    "definition-back": one("stepfunctions", "DescribeStateMachine", put(definition="StartAt: Pass")),
    "delete-version": invoked({"errorMessage": "not authorized"}, FunctionError="Unhandled"),
    "deleted-table": said("dynamodb", "GetItem", "InternalServerError"),
    "dry-run-digest": one("lambda", "UpdateFunctionCode", put(CodeSha256="another")),
    "errors-average": measured(2.0),
    "event-elsewhere": one("sqs", "ReceiveMessage", put(Messages=[{"Body": json.dumps(HERE)}]), "us-west-2"),
    "fail-cause": ended(error="States.QueryEvaluationError"),
    "function-tags": one("lambda", "GetFunction", put(Tags={})),
    "json-report": invoked(log="REPORT RequestId: 1\n"),
    "json-status": invoked(log='{"type": "platform.report", "record": {"status": "success"}}\n'),
    "jsonata": ended(output=json.dumps({"parse": 2, "filter": [2]})),
    "log-json": one("logs", "FilterLogEvents", put(events=[])),
    "log-seconds": one("logs", "FilterLogEvents", put(events=[])),
    "log-order": one("logs", "FilterLogEvents", lambda parsed: parsed["events"].reverse()),
    "long-init": invoked(log="REPORT RequestId: 1\tInit Duration: 11000.00 ms\n"),
    "map-step": one("logs", "FilterLogEvents", put(events=[])),
    "metric-lag": in_turn("cloudwatch", "GetMetricData", results(7.0), results(12.0)),
    "object-versions": one("s3", "ListObjectVersions", put(Versions=[])),
    "package-first": invoked("1.40.0"),
    "provisioned-weights": said("lambda", "DeleteProvisionedConcurrencyConfig", "ResourceConflictException"),
    "policy-by-qualifier": one("lambda", "GetPolicy", put(Policy='{"Statement": [{"Sid": "verify"}]}')),
    "report-status": invoked(log="REPORT RequestId: 1\tDuration: 1.00 ms\n"),
    "role-elsewhere": invoked({"errorMessage": "not authorized"}, FunctionError="Unhandled"),
    "retry-count": in_history(r'"count": ?\d', '"count":0'),
    "retry-now": in_history(r'"at": ?"[^"]+"', '"at":"2026-01-01T00:00:00Z"'),
    "runtime-logged": invoked(log="INIT_START Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:another\n"),
    "runtime-mode": one("lambda", "GetRuntimeManagementConfig", put(UpdateRuntimeOn="Manual")),
    "search-order": in_turn("cloudwatch", "GetMetricData", results(1.0), results()),
    "service-principals": one("iam", "GetRole", put(Role={"AssumeRolePolicyDocument": {}})),
    "slow-calls": measured(2.4),
    "stopped-step": one("logs", "FilterLogEvents", put(events=[])),
    "stream-names": one("logs", "DescribeLogStreams", put(logStreams=[{"logStreamName": "2026/01/01/1"}])),
    "token-wait": ended(output='"timeout"'),
    "tenants": one("lambda", "Invoke", put(FunctionError="Unhandled")),
    "three-versions": one("lambda", "PublishVersion", put(Version="1")),
    "throttled-name": ended(error="Lambda.ServiceException"),
    "throttles": measured(),
    "version-calls": measured(),
    "version-modified": one("lambda", "GetFunctionConfiguration", older_version),
    "weight-at-once": invoked(ExecutedVersion="1"),
}
