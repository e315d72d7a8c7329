"""Milestones of a release: written to the ledger, sent to the event bus, counted as metrics."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tidegate.aws.clients import events_client
from tidegate.aws.ending.recovery import Undone
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger import index, items
from tidegate.aws.ledger.index import Heading
from tidegate.aws.ledger.records import Release
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.aws.logger import logger
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.errors import AwsBusy, TidegateError
from tidegate.domain.events.detail import SCHEMA, SOURCE, detail_type, written
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Recovered, Refused, Superseded
from tidegate.domain.events.timeline import told_by
from tidegate.domain.foreign_text import cleaned
from tidegate.domain.partition import execution_link, machine_link


def tell_event(name: str, now: int, kind: str, expires: int, details: dict[str, Any], *, insist: bool = True) -> None:
    """Write a milestone or a tick, then announce it, even if the ledger refuses it; see `optional.put`."""
    announce_items(name, [items.record_event(name, now, kind, expires, cleaned(details), insist=insist)])


def tell_event_once(name: str, now: int, kind: str, expires: int, details: dict[str, Any]) -> None:
    """Announce a milestone like `tell_event`, unless an earlier try of the step has announced it."""
    with suppress(ConditionUnmet):
        announce_items(name, [items.record_event(name, now, kind, expires, cleaned(details), once=True)])


def tell_target(name: str, target: str, canary: str, now: int, *, expires: int, details: dict[str, Any]) -> None:
    """Write the version for a target, then announce it."""
    announce_items(name, [items.record_target(name, target, canary, now, expires=expires, details=cleaned(details))])


def tell_shift(name: str, step: int, shift: Shift, expires: int, details: dict[str, Any]) -> None:
    """Write a change of weight, then announce it."""
    announce_items(name, [items.record_shift(name, step, shift, expires, cleaned(details))])


Item = Mapping[str, Any]


def announce_items(release: str, items: Iterable[Item]) -> None:
    """Announce the milestones in items of the ledger."""
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
    """Announce milestones unchanged."""
    _put(heading, [(milestone, {}) for milestone in milestones])


def announce_recovered(release: Release, now: int, undone: Undone, done: Mapping[str, str]) -> None:
    """Announce what Recover did; `done` has a sentence for each alias that it changed."""
    milestone = Recovered(at=now, release=release.name, summary=undone.summary, why=undone.why)
    _put(release.heading, [(milestone, {"outcome": undone.outcome, "targets": _targets(release, done)})])


def announce_superseded(release: Release, now: int, undone: Undone, done: Mapping[str, str]) -> None:
    """Announce that another release rolled this one back; `done` has a sentence for each alias."""
    milestone = Superseded(at=now, release=release.name, summary=undone.summary, why=undone.why)
    _put(release.heading, [(milestone, {"outcome": undone.outcome, "targets": _targets(release, done)})])


def announce_rejected(
    machine: str, bus: str, refused: Refused, event: Mapping[str, str], functions: Sequence[str]
) -> None:
    """Announce that an event started no release. There is no execution to name.

    Raises
    ------
    AwsBusy
        When it could not be announced: there is no other record of it.
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
    """Put events on the release's bus in one call; there are never more than its limit of ten."""
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
