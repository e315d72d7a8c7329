"""An event from EventBridge or from a rule's input transformer; untrusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.errors import EventNotUnderstood

LONGEST_TEXT = 256
"""Most characters in the message about a rejected event."""


@dataclass(frozen=True)
class Envelope:
    """`kind` is its detail-type; `id` is the same for duplicates."""

    id: str
    source: str
    kind: str
    account: str
    region: str
    detail: Mapping[str, Any]

    def check_sender(self, source: str, account: str, region: str) -> None:
        """Check that a service of AWS sent it, here: only AWS may use a source `aws.…`.

        Raises
        ------
        EventNotUnderstood
            When the sender is different, or in another account or Region.
        """
        sent_by = (self.source, self.account, self.region)
        if sent_by != (source, account, region):
            raise EventNotUnderstood(
                f"{self.kind}: starts a release only if it comes from {source} in {account} in {region}; "
                f"this event came from {' in '.join(_cut(each) or 'nobody' for each in sent_by)}."
            )

    def text(self, *path: str) -> str:
        """Return a string in the detail.

        Raises
        ------
        EventNotUnderstood
            When it is missing or empty.
        """
        found = self.find(*path)
        if not isinstance(found, str) or not found:
            raise EventNotUnderstood(f"{self.kind}: detail.{'.'.join(path)} must be a string, but is {_shown(found)}.")
        return found

    def find(self, *path: str) -> Any:
        """Return the value in the detail at this path, or None."""
        found: Any = self.detail
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found


def read_envelope(raw: Any) -> Envelope:
    """Read any JSON as an event.

    Raises
    ------
    EventNotUnderstood
        When it has no detail-type, or a detail that is not an object.
    """
    if not isinstance(raw, dict):
        raise EventNotUnderstood(f"An event must be an object, but is {_shown(raw)}.")
    kind, detail = raw.get("detail-type"), raw.get("detail")
    if not isinstance(kind, str) or not kind:
        raise EventNotUnderstood(f"An event needs a detail-type, but it is {_shown(kind)}.")
    if not isinstance(detail, dict):
        raise EventNotUnderstood(f"{_cut(kind)}: the detail must be an object, but is {_shown(detail)}.")
    given = {name: _text(raw.get(name)) for name in ("id", "source", "account", "region")}
    return Envelope(kind=_cut(kind), detail=detail, **given)


def named(raw: Any) -> dict[str, str]:
    """Return the identification of an event, if present: id, source, detail_type."""
    given = raw if isinstance(raw, dict) else {}
    fields = {"id": "id", "source": "source", "detail_type": "detail-type"}
    return {ours: _cut(_text(given.get(theirs))) for ours, theirs in fields.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _cut(text: str) -> str:
    """Return a text that can be shown: not too long, and without halves of surrogate pairs."""
    return text[:LONGEST_TEXT].encode(errors="replace").decode()


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, str):
        return f'"{_cut(value)}"' if value else "empty"
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "a number")
