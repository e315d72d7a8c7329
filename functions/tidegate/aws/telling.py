"""Writing down what happens to a release, and announcing it: the one place where both is done."""

from typing import Any

from tidegate.aws.announcements import announce_items
from tidegate.aws.ledger import entries
from tidegate.domain.comparing.evidence import Shift
from tidegate.domain.foreign_text import cleaned


def tell_event(name: str, now: int, kind: str, expires: int, details: dict[str, Any]) -> None:
    """Write a milestone or a tick, then announce it."""
    announce_items(name, [entries.record_event(name, now, kind, expires, cleaned(details))])


def tell_target(name: str, target: str, canary: str, now: int, *, expires: int, details: dict[str, Any]) -> None:
    """Write which version a target is to get, then announce it."""
    announce_items(name, [entries.record_target(name, target, canary, now, expires=expires, details=cleaned(details))])


def tell_shift(name: str, step: int, shift: Shift, expires: int, details: dict[str, Any]) -> None:
    """Write a change of weight, then announce it."""
    announce_items(name, [entries.record_shift(name, step, shift, expires, cleaned(details))])
