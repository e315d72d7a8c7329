"""The release that an event orders: its name, its request, and the artifacts that must still be the newest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.errors import EventNotUnderstood
from tidegate.domain.execution import LONGEST_NAME, distinct_name, name_digits, plain_name
from tidegate.domain.request.models import Request
from tidegate.domain.request.problems import shown
from tidegate.domain.triggers.event import Envelope

IMAGE = "tidegate:image"
"""A repository, or repository:tag: each push is released."""

ON_UPDATE = "tidegate:on-update"
RELEASE = "release"
"""Value of the tag ON_UPDATE: each update of code or configuration by others is released."""

ALIAS = "tidegate:alias"
"""The alias for the release, if it is not the default."""


@dataclass(frozen=True)
class Tagged:
    """A function with its tags."""

    function: str
    tags: Mapping[str, str]

    def target(self, **more: Any) -> dict[str, Any]:
        """Return the target of a request that releases it."""
        alias = {"alias": self.tags[ALIAS]} if self.tags.get(ALIAS) else {}
        return {"function": self.function, **alias, **more}


@dataclass(frozen=True)
class Image:
    """An image that was pushed under a tag; tags move."""

    repository: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def version(self) -> str:
        return self.digest


@dataclass(frozen=True)
class StoredObject:
    """A version of an object in S3."""

    bucket: str
    key: str
    version: str

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{shown(self.key)}"


Brought = Image | StoredObject


def objects_of(request: Request) -> tuple[StoredObject, ...]:
    """Return the versions of objects that the code of a request's targets comes from."""
    codes = [target.code for target in request.targets if target.code]
    return tuple(
        StoredObject(code.s3_bucket, code.s3_key, code.s3_object_version)
        for code in codes
        if code.s3_bucket and code.s3_key and code.s3_object_version
    )


def overtaken(brought: Brought, newest: str | None) -> str | None:
    """Say that a newer artifact has replaced the one in the event; None if it has not."""
    if newest == brought.version:
        return None
    now = f"is {shown(newest)} now" if newest else "has been deleted"
    return (
        f"{brought.name} {now}, but the event is about {shown(brought.version)}: events can arrive out "
        "of order. The newer version has its own event; to release the older one anyway, send Release Requested."
    )


_DIGITS = 12


@dataclass(frozen=True)
class Order:
    """A release to start.

    `sole` says that its name identifies this request: a release with the same name and another request is different.
    `brought` are artifacts that must still be the newest.
    """

    name: str
    request: dict[str, Any]
    functions: tuple[str, ...]
    sole: bool = False
    brought: tuple[Brought, ...] = ()


def name_by_event(readable: str, event: Envelope) -> str:
    """Name a release by the identity of the event.

    The name must not contain data that may change between two deliveries.

    Raises
    ------
    EventNotUnderstood
        When it has no id: a duplicate could not be recognised.
    """
    if not event.id:
        raise EventNotUnderstood(f"{event.kind}: the event has no id, so a duplicate could not be recognised.")
    return _joined(readable, name_digits(event.id, _DIGITS))


def name_by_key(readable: str, key: str) -> str:
    return _joined(readable, distinct_name(key))


def name_of_rejected(event: dict[str, str]) -> str:
    """Name a rejected event like a release; `event` identifies it, see `named`."""
    return _joined("event", name_digits(event["id"], _DIGITS)) if event["id"] else "event"


def _joined(readable: str, rest: str) -> str:
    first, room = plain_name(readable), LONGEST_NAME - len(rest) - 1
    if len(first) > room:
        # What is cut off may be all that tells two names apart.
        first = f"{first[: room - 7]}-{name_digits(readable, 6)}"
    return f"{first}-{rest}"
