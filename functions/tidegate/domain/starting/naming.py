"""Names of releases that events start: readable, and the same whenever the same event comes."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from tidegate.domain.errors import EventNotUnderstood
from tidegate.domain.starting.brought import Brought
from tidegate.domain.starting.envelope import Envelope

LONGEST = 80
"""Characters of an execution's name (Step Functions, StartExecution)."""

KEY = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
"""What may be a sender's key."""

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
"""What may not be in a name if CloudWatch Logs is to have the execution's log (StartExecution, `name`)."""

_DIGITS = 12


@dataclass(frozen=True)
class Order:
    """A release to start.

    `sole` says that its name stands for this very request: a release of the same name with another one is not it.
    `brought` is what has to be the newest of its name still.
    """

    name: str
    request: dict[str, Any]
    functions: tuple[str, ...]
    sole: bool = False
    brought: tuple[Brought, ...] = ()


def name_by_event(readable: str, event: Envelope) -> str:
    """Name a release by what identifies the event. Nothing that may change between two deliveries may be in it.

    Raises
    ------
    EventNotUnderstood
        When it has no id: two of its kind could not be told from one that comes twice.
    """
    if not event.id:
        raise EventNotUnderstood(
            f"{event.kind}: the event has no id, so it could not be told from one that comes twice."
        )
    return _joined(readable, _digest(event.id, _DIGITS))


def name_by_key(readable: str, key: str) -> str:
    plain = _FOREIGN.sub("-", key)
    return _joined(readable, key if key == plain else f"{plain}-{_digest(key, 6)}")


def name_of_rejected(event: dict[str, str]) -> str:
    """Name what would have been a release; `event` says which it is, see `named`."""
    return _joined("event", _digest(event["id"], _DIGITS)) if event["id"] else "event"


def _joined(readable: str, rest: str) -> str:
    plain, room = _FOREIGN.sub("-", readable), LONGEST - len(rest) - 1
    if len(plain) > room:
        # What is cut off may be all that tells two names apart.
        plain = f"{plain[: room - 7]}-{_digest(readable, 6)}"
    return f"{plain}-{rest}"


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:digits]
