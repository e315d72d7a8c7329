"""Announcing a refusal that Plan could not announce.

Plan was cut off, or AWS was busy in each retry. The release had not moved anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.aws import executions
from tidegate.aws.announcements import announce, tell_event
from tidegate.aws.ledger import items, records
from tidegate.aws.ledger.index import DEFAULT_BUS, Heading
from tidegate.aws.ledger.records import Release
from tidegate.domain import errors
from tidegate.domain.errors import sentence_of
from tidegate.domain.events.milestone import Refused

REFUSED = "refused"
STATE = "Refused"


@dataclass(frozen=True)
class Refusal:
    """Plan's error and cause."""

    error: str
    cause: str

    @property
    def sentence(self) -> str:
        why = sentence_of(self.cause).rstrip(".")
        return f"Plan ended in {self.error}: {why}. The release did not start and moved no alias; start a new one."


def of(release: Release) -> Refusal | None:
    """Return the error with which Plan ended an execution; None if the release continued after Plan."""
    if release.ended or release.touched or release.blame or release.superseded_by:
        return None
    if executions.ended_in(release.execution) != STATE:
        return None
    found = executions.describe(release.execution)
    return Refusal(found.error or "", found.cause or "") if found else None


def close(release: Release, refusal: Refusal, now: int, *, insist: bool = True) -> None:
    """Announce it, and record how the release ended; for `insist` see `optional.put`."""
    _tell(release.name, release.plan.expires, refusal, now, insist=insist)
    records.close(release.name, REFUSED, refusal.sentence, now)


def tell_of(ended: Mapping[str, Any], now: int) -> None:
    """Announce the refusal of an execution without locks, if Plan ended it and nobody announced it yet.

    Parameters
    ----------
    ended
        The detail of its status event: `name`, `executionArn`, `status`, `error` and `cause`.
    """
    refusal = Refusal(ended.get("error") or "", ended.get("cause") or "")
    if ended.get("status") != "FAILED" or _plan_told(refusal.error):
        return
    name, execution = ended["name"], ended["executionArn"]
    record = records.record_of(name)
    if record is None:
        bus = executions.planned_with(execution).get("settings", {}).get("event_bus", DEFAULT_BUS)
        announce(Heading(name, execution, {}, (), bus), _milestone(name, refusal, now))
    elif record.get("ended") == REFUSED and not _on_record(name):
        _tell(name, record["plan"]["expires"], refusal, now)


def _tell(name: str, expires: int, refusal: Refusal, now: int, *, insist: bool = True) -> None:
    details = {"summary": refusal.sentence, "error": refusal.error}
    tell_event(name, now, REFUSED, expires, details, insist=insist)


UNTOLD = (errors.AwsBusy, errors.StepTimedOut, errors.StepFailed)
"""Errors that Plan does not announce: it expected a retry, or was cut off."""


def _plan_told(error: str) -> bool:
    """Return whether Plan announces this error itself."""
    kind = getattr(errors, error, None)
    return isinstance(kind, type) and issubclass(kind, errors.TidegateError) and kind not in UNTOLD


def _on_record(name: str) -> bool:
    return bool(items.items(name).events(REFUSED))


def _milestone(name: str, refusal: Refusal, now: int) -> Refused:
    return Refused(at=now, release=name, summary=refusal.sentence, error=refusal.error)
