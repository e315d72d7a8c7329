"""Recovery of releases whose record cannot be read, or whose ledger was deleted.

The versions of the release then come from its execution.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tidegate.aws import executions
from tidegate.aws.announcements import announce, announce_recovered
from tidegate.aws.ending import refusal, restoration
from tidegate.aws.ending.recovery import close_undone
from tidegate.aws.ending.restoration import Restoration
from tidegate.aws.ending.restoration import restore as restore_by_lock
from tidegate.aws.ending.unrestored import unlock_forgotten
from tidegate.aws.failures import FAILED_CALL, in_our_words, is_busy
from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import locks, records
from tidegate.aws.ledger.index import DEFAULT_BUS, Heading
from tidegate.aws.ledger.lock import Lock
from tidegate.aws.ledger.records import PROMOTED, RUNNING, UNDOING
from tidegate.aws.logger import logger
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import LockLost, TidegateError
from tidegate.domain.events.milestone import Recovered
from tidegate.domain.execution import FINISH, CarriedTarget
from tidegate.domain.routing import CANARY

Detail = Mapping[str, Any]
"""The detail of a status event: `name`, `executionArn` and others."""

GOING_ON = {None, "RUNNING"}
"""Statuses of an execution that may still restore its aliases itself. An unknown execution is just starting."""


def without_ledger(ended: Detail, now: int, error: TidegateError) -> list[str]:
    """Restore the aliases of an ended execution, if no lock can be read; return sentences about it.

    Raises
    ------
    AwsRefused
        The error, if no execution is named: then there is nothing to restore by.
    """
    if not ended:
        raise error
    logger.error("no lock can be read: %s", error)
    return in_our_words(lambda: _restore(ended, now, f"The ledger cannot be used: {error}", lambda _: False))


def look_after(ended: Detail, now: int, unreadable: Collection[str]) -> list[str]:
    """Handle the aliases of an ended execution that have no lock, and announce what is not announced yet.

    It restores the aliases of a release without a record, and aliases with `unreadable` locks.
    """
    done = list[str]()
    try:
        record = records.record_of(_name(ended))
    except FAILED_CALL as error:
        if is_busy(error):
            raise
        return _restore(ended, now, f"The ledger cannot be used: {error}", lambda _: False)
    if record is None:
        missing = "The ledger has no record of the release."
        done = _restore(ended, now, missing, lambda target: bool(locks.read([target.name])))
    elif unreadable and record.get("ended") is None:
        done = _without_lock(ended, now, unreadable)
    refusal.tell_of(ended, now)
    return done


def _name(ended: Detail) -> str:
    """Return the release's name: the name of the execution, from which everything else is read."""
    return str(ended["executionArn"]).rpartition(":")[2]


def _without_lock(ended: Detail, now: int, unreadable: Collection[str]) -> list[str]:
    """Remove the weight of an unclosed release from its aliases with unreadable locks."""
    release = records.read(_name(ended))
    targets = [target for target in release.plan.aliases if target.name in unreadable]
    if not targets or executions.status(release.execution) in GOING_ON or not records.begin_undo(release.name, now):
        return []
    cleared = {each.target: each.sentence for each in map(restoration.look_after, targets) if each.as_before}
    if cleared:
        whole = not locks.read([target.name for target in release.plan.aliases])
        undone = close_undone(release, cleared.values(), now, whole=whole)
        if undone:
            announce_recovered(release, now, undone, cleared)
    return [f"{release.name}: {sentence}" for sentence in cleared.values()]


def _restore(ended: Detail, now: int, problem: str, locked: restoration.Locked) -> list[str]:
    name, execution = _name(ended), ended["executionArn"]
    if executions.status(execution) in GOING_ON:
        return []
    targets = executions.carried(execution)
    before = all(passage.state != FINISH for passage in executions.way(execution)) if targets else True
    restored = restoration.restore_without_ledger(targets, locked, before_finish=before)
    done = [each for each in restored if each.as_before]
    if not done:
        return []
    functions = tuple(target.function for target in targets)
    bus = executions.planned_with(execution).get("settings", {}).get("event_bus", DEFAULT_BUS)
    summary = "; ".join(each.sentence for each in done)
    announce(
        Heading(name, execution, {}, functions, bus), Recovered(at=now, release=name, summary=summary, why=problem)
    )
    return [f"{name}: {each.sentence}" for each in done]


def heal(held: Sequence[Lock], now: int, longest_step: int, error: Exception) -> list[str]:
    """Restore the aliases of a release with only their locks; release the locks when no step can be in flight.

    Raises
    ------
    RollBackIncomplete
        When the right version of a split alias is unknown.
    """
    logger.error("there is no record to go by: %s", error)
    carried = {each.name: each for target in executions.carried(held[0].execution) for each in target.aliases}
    status = (records.record_of(held[0].release) or {}).get("status")
    if not carried or status == PROMOTED or executions.status(held[0].execution) == "SUCCEEDED":
        return unlock_forgotten(held)
    unknown = status not in {RUNNING, UNDOING}
    done = [_heal(lock, carried.get(lock.target), now, longest_step, may_be_promoted=unknown) for lock in held]
    return [sentence for sentence in done if sentence]


def _heal(
    lock: Lock, carried: CarriedTarget | None, now: int, longest_step: int, *, may_be_promoted: bool
) -> str | None:
    if lock.restored_at is None:
        # An alias that only carries the canary is never promoted by itself, and safe on stable.
        stays = may_be_promoted and not (carried and carried.channel == CANARY)
        try:
            restored = _restored(lock, carried.canary if carried else None, may_be_promoted=stays)
            locks.mark_restored(lock.target, lock.release, now, left=restored.left)
        except LockLost:  # another run was faster
            return None
        return restored.sentence
    if now - lock.restored_at < longest_step:
        return None
    locks.free(lock.target, lock.release)
    return f"{lock.target} was unlocked; the record of its release cannot be read"


def _restored(lock: Lock, canary: str | None, *, may_be_promoted: bool) -> Restoration:
    """Restore an alias; keep an alias on the canary if its promotion is unknown."""
    found = aliases.read(lock.function, lock.alias)
    if may_be_promoted and found and found.state == AliasState(canary or ""):
        return Restoration(lock.target, f"{lock.target} was not changed: {found.state}", left=found.state)
    return restore_by_lock(lock.target, lock.release, canary, seen=lock.generation)
