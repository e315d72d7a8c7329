"""Telling EventBridge what became of a release. docs/events.md says what an event looks like."""

import json
from collections.abc import Mapping
from typing import Any

from tidegate.aws.clients import events_client
from tidegate.aws.console import execution_link
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger.records import Release
from tidegate.aws.log import logger
from tidegate.aws.recovery import Undone
from tidegate.domain.milestone import Milestone, Recovered

SOURCE = "tidegate"
SCHEMA = 1


def announce_recovered(release: Release, now: int, undone: Undone, done: Mapping[str, str]) -> None:
    """Tell what recover did; `done` says it of each alias that it touched."""
    milestone = Recovered(at=now, release=release.name, summary=undone.summary, why=undone.why)
    _put("Release Recovered", release, milestone, {"outcome": undone.outcome, "targets": _targets(release, done)})


def _put(kind: str, release: Release, milestone: Milestone, more: Mapping[str, Any]) -> None:
    """Put one event on the release's bus; whatever goes wrong is only logged, for it must not undo the work."""
    detail = {
        "schema": SCHEMA,
        **milestone.model_dump(mode="json"),
        "execution": release.execution,
        "link": execution_link(release.execution),
        "labels": release.labels,
        **more,
    }
    entry = {
        "Source": SOURCE,
        "DetailType": kind,
        "EventBusName": release.plan.event_bus,
        "Resources": [release.execution],
        "Detail": json.dumps(detail),
    }
    try:
        answer = events_client().put_events(Entries=[entry])
    except FAILED_CALL as error:
        logger.warning("not announced: %s", error)
        return
    # PutEvents answers 200 also where it took nothing.
    if answer["FailedEntryCount"]:
        logger.warning("not announced: %s", answer["Entries"][0].get("ErrorMessage", "no reason given"))


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
