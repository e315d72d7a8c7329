"""Names of releases that events start: readable, and the same whenever the same event comes."""

from dataclasses import dataclass
from typing import Any

from tidegate.domain.errors import EventNotUnderstood
from tidegate.domain.execution_name import LONGEST, distinct, plain, shortened
from tidegate.domain.starting.brought import Brought
from tidegate.domain.starting.envelope import Envelope

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
    return _joined(readable, shortened(event.id, _DIGITS))


def name_by_key(readable: str, key: str) -> str:
    return _joined(readable, distinct(key))


def name_of_rejected(event: dict[str, str]) -> str:
    """Name what would have been a release; `event` says which it is, see `named`."""
    return _joined("event", shortened(event["id"], _DIGITS)) if event["id"] else "event"


def _joined(readable: str, rest: str) -> str:
    first, room = plain(readable), LONGEST - len(rest) - 1
    if len(first) > room:
        # What is cut off may be all that tells two names apart.
        first = f"{first[: room - 7]}-{shortened(readable, 6)}"
    return f"{first}-{rest}"
