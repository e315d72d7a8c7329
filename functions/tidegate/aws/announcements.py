"""Telling EventBridge what becomes of a release, in milestones. docs/events.md says what an event looks like.

Whatever goes wrong is only logged: a failure to announce must not fail a release, or undo the work. An event that
started no release is the exception: all that there is of it is what is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tidegate.aws.clients import events_client
from tidegate.aws.ending.recovery import Undone
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import index
from tidegate.aws.ledger.index import Heading
from tidegate.aws.ledger.records import Release
from tidegate.aws.log import logger
from tidegate.domain.console import execution_link, machine_link
from tidegate.domain.errors import AwsBusy, TidegateError
from tidegate.domain.events.detail import SCHEMA, SOURCE, detail_type, written
from tidegate.domain.events.milestone import Milestone, Recovered, Refused, Superseded
from tidegate.domain.events.timeline import told_by

Item = Mapping[str, Any]


def announce_items(release: str, items: Iterable[Item]) -> None:
    """Tell the milestones that items of the ledger stand for."""
    milestones = list(told_by(release, items))
    if not milestones:
        return
    try:
        heading = index.read(release)
    except (TidegateError, *FAILED_CALL) as error:
        logger.warning("not announced: %s", error)
        return
    announce(heading, *milestones)


def announce(heading: Heading, *milestones: Milestone) -> None:
    """Tell milestones as they are."""
    _put(heading, [(milestone, {}) for milestone in milestones])


def announce_recovered(release: Release, now: int, undone: Undone, done: Mapping[str, str]) -> None:
    """Tell what recover did; `done` says it of each alias that it touched."""
    milestone = Recovered(at=now, release=release.name, summary=undone.summary, why=undone.why)
    _put(release.heading, [(milestone, {"outcome": undone.outcome, "targets": _targets(release, done)})])


def announce_superseded(release: Release, now: int, undone: Undone, done: Mapping[str, str]) -> None:
    """Tell that another release undid this one; `done` says it of each alias."""
    milestone = Superseded(at=now, release=release.name, summary=undone.summary, why=undone.why)
    _put(release.heading, [(milestone, {"outcome": undone.outcome, "targets": _targets(release, done)})])


def announce_rejected(
    machine: str, bus: str, refused: Refused, event: Mapping[str, str], functions: Sequence[str]
) -> None:
    """Tell that an event started no release, and which it was. There is no execution to name.

    Raises
    ------
    AwsBusy
        When it could not be told: nobody else would hear of it.
    """
    detail = {
        "schema": SCHEMA,
        **refused.model_dump(mode="json"),
        "link": machine_link(machine),
        "functions": list(functions),
        "labels": {},
        "event": dict(event),
    }
    entry = {
        "Source": SOURCE,
        "DetailType": detail_type(refused.type),
        "EventBusName": bus,
        "Resources": [machine],
        "Detail": written(detail),
    }
    (answer,) = events_client().put_events(Entries=[entry])["Entries"]
    if "ErrorCode" in answer:
        raise AwsBusy(
            f"The event could not be announced as rejected: {answer.get('ErrorMessage', answer['ErrorCode'])}"
        )


def _put(heading: Heading, told: Iterable[tuple[Milestone, Item]]) -> None:
    """Put events on the release's bus in one call; there are never ten at once, which is the most."""
    entries = [
        {
            "Source": SOURCE,
            "DetailType": detail_type(milestone.type),
            "EventBusName": heading.event_bus,
            "Resources": [heading.execution],
            "Detail": written({**_detail(heading, milestone), **more}),
        }
        for milestone, more in told
    ]
    try:
        answer = events_client().put_events(Entries=entries)
    except FAILED_CALL as error:
        logger.warning("not announced: %s", error)
        return
    # PutEvents answers 200 also where it took nothing.
    for entry in answer["Entries"]:
        if "ErrorCode" in entry:
            logger.warning("not announced: %s", entry.get("ErrorMessage", entry["ErrorCode"]))


def _detail(heading: Heading, milestone: Milestone) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        **milestone.model_dump(mode="json"),
        "execution": heading.execution,
        "link": execution_link(heading.execution),
        "functions": list(heading.functions),
        "labels": heading.labels,
    }


def _targets(release: Release, done: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "function": target.function,
            "alias": target.alias,
            "stable": target.stable,
            "canary": target.canary,
            "done": done.get(target.name),
        }
        for target in release.plan.targets
    ]
