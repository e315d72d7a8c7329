"""Writing down what happens to a release, and announcing it: the one place where both is done."""

from contextlib import suppress
from typing import Any

from tidegate.aws.announcements import announce_items
from tidegate.aws.ledger import items
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.analysis.readings import Shift
from tidegate.domain.foreign_text import cleaned


def tell_event(name: str, now: int, kind: str, expires: int, details: dict[str, Any], *, insist: bool = True) -> None:
    """Write a milestone or a tick, then announce it: also where the ledger refuses it; see `optional.put`."""
    announce_items(name, [items.record_event(name, now, kind, expires, cleaned(details), insist=insist)])


def tell_event_once(name: str, now: int, kind: str, expires: int, details: dict[str, Any]) -> None:
    """Tell a milestone as `tell_event` does, unless an earlier try of the step has told it."""
    with suppress(ConditionUnmet):
        announce_items(name, [items.record_event(name, now, kind, expires, cleaned(details), once=True)])


def tell_target(name: str, target: str, canary: str, now: int, *, expires: int, details: dict[str, Any]) -> None:
    """Write which version a target is to get, then announce it."""
    announce_items(name, [items.record_target(name, target, canary, now, expires=expires, details=cleaned(details))])


def tell_shift(name: str, step: int, shift: Shift, expires: int, details: dict[str, Any]) -> None:
    """Write a change of weight, then announce it."""
    announce_items(name, [items.record_shift(name, step, shift, expires, cleaned(details))])
