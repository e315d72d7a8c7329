"""Reading the execution of a release from Step Functions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import stepfunctions_client
from tidegate.aws.failures import code_of
from tidegate.domain.execution import CarriedTarget, Execution, Passage
from tidegate.domain.foreign_text import parse_json

PAGE = 1000
"""Most events of one GetExecutionHistory call."""

NEWEST = 3
"""The last events of a history, which include a final Fail state."""

OLDEST = 5
"""The first events of a history, which include the first Task."""


def status(execution: str) -> str | None:
    """Return RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE; None when it is unknown.

    DescribeExecution is eventually consistent: a new execution may be unknown for a while.
    """
    found = described(execution)
    return found["status"] if found else None


def described(execution: str) -> Any | None:
    """Return the result of DescribeExecution; None if the execution is unknown."""
    try:
        return stepfunctions_client().describe_execution(executionArn=execution)
    except ClientError as error:
        if code_of(error) == "ExecutionDoesNotExist":
            return None
        raise


def describe(execution: str) -> Execution | None:
    """Return an execution; None when it is unknown: Step Functions forgets it 90 days after its end."""
    found = described(execution)
    if found is None:
        return None
    return Execution(
        arn=execution,
        status=found["status"],
        started=int(found["startDate"].timestamp()),
        stopped=int(found["stopDate"].timestamp()) if "stopDate" in found else None,
        error=found.get("error"),
        cause=found.get("cause"),
        request=_read(found.get("input", "null")),
    )


def _read(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError:
        return text


def way(execution: str) -> tuple[Passage, ...]:
    """Return the states that an execution went through so far, in order; without their data, which may be large."""
    pages = (
        stepfunctions_client()
        .get_paginator("get_execution_history")
        .paginate(executionArn=execution, includeExecutionData=False, PaginationConfig={"PageSize": PAGE})
    )
    return tuple(passages(event for page in pages for event in page["events"]))


def ends_of_way(execution: str) -> tuple[tuple[Passage, ...], bool]:
    """Return the first and the last states of a long execution, and whether states between them are omitted.

    This takes two calls, while all 25,000 events take 25.
    """
    read = partial(
        stepfunctions_client().get_execution_history,
        executionArn=execution,
        includeExecutionData=False,
        maxResults=PAGE,
    )
    oldest = read()
    begun = oldest["events"]
    if "nextToken" not in oldest:
        return tuple(passages(begun)), False
    known = begun[-1]["id"]
    rest = [event for event in reversed(read(reverseOrder=True)["events"]) if event["id"] > known]
    if rest[0]["id"] == known + 1:
        return tuple(passages([*begun, *rest])), False
    # What was under way where the first part ends is long over.
    return (*(replace(passage, left=True) for passage in passages(begun)), *passages(rest)), True


def ended_in(execution: str) -> str | None:
    """Name the Fail state in which an execution ended; None if there is none."""
    newest = _history(execution, reverseOrder=True, maxResults=NEWEST, includeExecutionData=False)
    failed = (event for event in newest if event["type"] == "FailStateEntered")
    return next((event["stateEnteredEventDetails"]["name"] for event in failed), None)


def planned_with(execution: str) -> dict[str, Any]:
    """Return the event of Plan, the first Task of every execution; empty if it is missing."""
    oldest = _history(execution, maxResults=OLDEST)
    scheduled = (event["taskScheduledEventDetails"] for event in oldest if event["type"] == "TaskScheduled")
    given: Any = next((_read(details["parameters"]) for details in scheduled), {})
    return dict(given.get("Payload", {})) if isinstance(given, dict) else {}


VARIABLE = "targets"
LAST_TO_ASSIGN = "Prepare versions"
"""The state after which the variable no longer changes."""


def carried(execution: str) -> list[CarriedTarget]:
    """Return the targets of a release from its execution.

    There are none before the end of Plan, or if the execution has expired. A history contains the
    variables that each state assigned, as JSON (API reference, StateExitedEventDetails).
    """
    found = list[CarriedTarget]()
    client = stepfunctions_client()
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=execution, includeExecutionData=True, PaginationConfig={"PageSize": PAGE}
    )
    try:
        for event in (event for page in pages for event in page["events"]):
            details: Any = event.get("stateExitedEventDetails", {})
            assigned = details.get("assignedVariables", {})
            if VARIABLE in assigned:
                found = [CarriedTarget.of(target) for target in parse_json(assigned[VARIABLE])]
            if details.get("name") == LAST_TO_ASSIGN:
                break
    except ClientError as error:
        if code_of(error) != "ExecutionDoesNotExist":
            raise
    return found


def _history(execution: str, **wanted: Any) -> list[Any]:
    try:
        return list(stepfunctions_client().get_execution_history(executionArn=execution, **wanted)["events"])
    except ClientError as error:
        if code_of(error) == "ExecutionDoesNotExist":
            return []
        raise


def passages(events: Iterable[Any]) -> Iterator[Passage]:
    """Find each visit of a state in a history, and the previous state through the chain of events."""
    found: list[Passage] = []
    place: dict[int, int] = {}  # by the id of an event, the visit that it belongs to
    for event in events:
        kind, before = event["type"], place.get(event.get("previousEventId", 0))
        if kind.endswith("StateEntered"):
            came_from = None if before is None else found[before].state
            name, at = event["stateEnteredEventDetails"]["name"], int(event["timestamp"].timestamp())
            place[event["id"]] = len(found)
            found.append(Passage(name, at, came_from, left=kind == "FailStateEntered"))
            continue
        if before is not None:
            place[event["id"]] = before
        if kind == "MapStateExited":  # what was under way inside is over, too
            found = [replace(passage, left=True) for passage in found]
        elif kind.endswith("StateExited") and before is not None:
            found[before] = replace(found[before], left=True)
    yield from found


def stop(execution: str, error: str, cause: str) -> None:
    """Stop an execution, whose status is then ABORTED; an ended execution does not change.

    A new execution may be unknown for a while. Its steps detect the roll back of their release, and change nothing.
    """
    try:
        stepfunctions_client().stop_execution(executionArn=execution, error=error, cause=cause)
    except ClientError as failure:
        if code_of(failure) != "ExecutionDoesNotExist":
            raise
