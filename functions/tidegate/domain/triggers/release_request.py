"""`Release Requested`: the detail is the request of a release, like the input of an execution."""

import json
from collections.abc import Iterator
from typing import Any

from tidegate.domain.errors import EventNotUnderstood, InvalidRequest
from tidegate.domain.execution import KEY
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import read_request
from tidegate.domain.request.problems import SMALLEST, Problem
from tidegate.domain.request.wording import line
from tidegate.domain.triggers.event import Envelope
from tidegate.domain.triggers.order import Order, name_by_event, name_by_key, objects_of

KIND = "Release Requested"
STORAGE = "aws.s3"
"""Source of S3's own events; a rule that turns them into requests keeps it."""

LARGEST = 256 * 1024
"""Bytes of an execution's input (Step Functions quotas)."""


def requested(event: Envelope, settings: Settings) -> Order:
    """Read the request; `key` replaces the event's id in the name of the release.

    Raises
    ------
    EventNotUnderstood
        When the event cannot be named, or is too large.
    InvalidRequest
        With every problem: path, mistake, example. Also for code or configuration that events must not
        contain.
    """
    document = dict(event.detail)
    key = document.pop("key", None)
    if key is not None and not (isinstance(key, str) and KEY.fullmatch(key)):
        raise InvalidRequest(
            ['key: cannot name a release: use up to 40 letters, digits, and . _ -; example: "key": "build-4711"']
        )
    request = read_request(document, settings)
    if not settings.allow_changes_by_event:
        _refuse_changes(request, short_form="targets" not in document)
    if len(json.dumps(document)) > LARGEST:
        raise EventNotUnderstood(f"{KIND}: the request exceeds the {LARGEST} bytes allowed for an execution's input.")
    functions = tuple(target.function for target in request.targets)
    name = name_by_key(_readable(document, request), key) if key else name_by_event(_readable(document, request), event)
    brought = objects_of(request) if event.source == STORAGE else ()
    return Order(name, document, functions, sole=key is not None, brought=brought)


def _readable(document: dict[str, Any], request: Request) -> str:
    """Name the first function, and its alias if the event contains it.

    The default may change before a duplicate arrives.
    """
    first, more = request.targets[0], len(request.targets) - 1
    written = document["targets"][0] if "targets" in document else document
    alias = f"-{first.alias}" if "alias" in written else ""
    return first.function + alias + (f"-and-{more}" if more else "")


def _refuse_changes(request: Request, *, short_form: bool) -> None:
    problems = list(_changes(request))
    if problems:
        raise InvalidRequest([line(problem, short_form=short_form) for problem in problems])


def _changes(request: Request) -> Iterator[Problem]:
    for index, target in enumerate(request.targets):
        for change in target.changes:
            text = (
                f"events must not contain {change}: put it into $LATEST first and release it without changes, or set "
                "the parameter AllowChangesByEvent of Tidegate's stack"
            )
            yield Problem(("targets", index, change), text, SMALLEST)
