"""Start: start the release that an event requests (duplicates are ignored).

EventBridge invokes it; docs/starting.md lists the events. It raises transient errors: Lambda retries, and
finally puts the event into the dead letter queue. Permanent errors are announced as refused.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tidegate.aws import images, machine, trigger_sources
from tidegate.aws.announcements import announce_rejected
from tidegate.aws.failures import in_our_words
from tidegate.aws.logger import logger
from tidegate.aws.trigger_sources import newest
from tidegate.domain.errors import EventNotUnderstood, EventOvertaken, InvalidRequest, KeyUsedBefore, TidegateError
from tidegate.domain.events.milestone import Refused
from tidegate.domain.media_types import ManifestKind
from tidegate.domain.request.limits import Settings
from tidegate.domain.triggers import (
    Envelope,
    Order,
    Push,
    may_be_ours,
    named,
    order_of_push,
    order_of_update,
    overtaken,
    pushed,
    read_envelope,
    requested,
    updated,
)
from tidegate.domain.triggers.function_update import KIND as UPDATED
from tidegate.domain.triggers.image_push import KIND as PUSHED
from tidegate.domain.triggers.order import IMAGE, name_of_rejected
from tidegate.domain.triggers.release_request import KIND as REQUESTED

REJECTIONS = (EventNotUnderstood, EventOvertaken, InvalidRequest, KeyUsedBefore)
"""Permanent errors, for which a retry would not help."""


def handler(event: Any, _context: Any) -> dict[str, Any]:
    now = int(time.time())
    logger.append_keys(release=None, event_id=named(event)["id"])
    told = in_our_words(lambda: _start(event, now))
    logger.info(told["summary"])
    return told


def _start(event: Any, now: int) -> dict[str, Any]:
    settings = machine.read_settings()
    order: Order | None = None
    try:
        order = _read(event, settings)
        began = order is not None and _began(order)
    except REJECTIONS as error:
        return _reject(event, now, settings, error, order)
    if order is None:
        return {"release": None, "summary": "this event releases nothing"}
    logger.append_keys(release=order.name)
    return {"release": order.name, "summary": f"release {order.name} {'started' if began else 'already exists'}"}


def _began(order: Order) -> bool:
    """Start the ordered release; False if it already exists, even if its artifact is no longer the newest.

    Step Functions answers a second start of a running execution, with the same input, as the first (API reference,
    StartExecution): so its existence is checked before.
    """
    there = machine.is_there(order)
    for brought in order.brought:
        why = overtaken(brought, newest(brought))
        if why and not there:
            raise EventOvertaken(why)
    return machine.start(order) and not there


def _read(raw: Any, settings: Settings) -> Order | None:
    event = read_envelope(raw)
    if event.kind not in ORDERS:
        raise EventNotUnderstood(f"{event.kind}: no event of this detail-type starts a release. See docs/starting.md.")
    return ORDERS[event.kind](event, settings)


def _on_push(event: Envelope, settings: Settings) -> Order | None:
    event.check_sender("aws.ecr", *machine.home())
    push = pushed(event)
    if push is None or push.kind is ManifestKind.OTHER:
        return None
    found = trigger_sources.functions_with(IMAGE, push.wanted)
    if found and push.kind is None:
        push = _described(push)
    return None if push.kind is ManifestKind.OTHER else order_of_push(event, push, found, settings)


def _described(push: Push) -> Push:
    """Ask ECR for data that the event does not contain; `overtaken` handles a deleted image."""
    described = images.describe(push.image.repository, imageDigest=push.image.digest)
    return replace(push, manifest=described.manifest, artifact=described.artifact) if described else push


def _on_update(event: Envelope, settings: Settings) -> Order | None:
    event.check_sender("aws.lambda", *machine.home())
    update = updated(event)
    if update is None or not may_be_ours(update, settings):
        return None
    return order_of_update(event, update, trigger_sources.of_function(machine.function_arn(update.function)), settings)


ORDERS: dict[str, Callable[[Envelope, Settings], Order | None]] = {
    REQUESTED: requested,
    PUSHED: _on_push,
    UPDATED: _on_update,
}
"""The handlers by detail-type."""


def _reject(event: Any, now: int, settings: Settings, error: TidegateError, order: Order | None) -> dict[str, Any]:
    which, kind = named(event), type(error).__name__
    name = order.name if order else name_of_rejected(which)
    refused = Refused(at=now, release=name, summary=f"{kind}: {error}", error=kind)
    announce_rejected(machine.arn(), settings.event_bus, refused, which, order.functions if order else ())
    return {"release": None, "summary": refused.summary}
