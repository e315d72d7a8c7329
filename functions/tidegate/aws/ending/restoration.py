"""Restoring an alias to its state before a release, also without the ledger; for Roll back and Recover."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from tidegate.aws import gauges
from tidegate.aws.ending.handover import remove_unused
from tidegate.aws.failures import FAILED_CALL, code_of
from tidegate.aws.gauges import WEIGHT
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias, at_once
from tidegate.aws.ledger import locks, routes
from tidegate.aws.ledger.lock import UNDOING, Lock
from tidegate.domain.alias import AliasState, restored
from tidegate.domain.errors import AliasMoved, TidegateError
from tidegate.domain.execution import CarriedTarget
from tidegate.domain.plan import TargetPlan
from tidegate.domain.routing import CANARY, canary_alias
from tidegate.domain.waves import in_order

TRIES = 3
"""How often to retry with an alias that keeps changing."""


@dataclass(frozen=True)
class Restoration:
    """The result for one alias, as a sentence; `left` is its state, if that is not the state before.

    `as_before`: this release restored it; `moved`: it was not restored, or perhaps not, until now.
    """

    target: str
    sentence: str
    left: AliasState | None = None
    as_before: bool = False
    moved: bool = True


def restore(target: str, release: str, canary: str | None, *, seen: int | None = None) -> Restoration:
    """Fence off earlier steps, then restore the snapshot, even if the alias is already on one version.

    That write changes the alias's RevisionId, so that every step with an earlier read fails.
    Then remove what the release provisioned. With `seen`, only if the lock's generation is still that.

    Raises
    ------
    AliasMoved
        When the alias keeps changing.
    LockLost
        When this release no longer has the lock on the alias.
    """
    lock = locks.raise_generation(target, release, UNDOING, seen=seen)
    for _ in range(TRIES - 1):
        with suppress(AliasMoved):
            return _restored(lock, canary)
    return _restored(lock, canary)


def _restored(lock: Lock, canary: str | None) -> Restoration:
    restoration = _write_back(lock, canary)
    routes.close_behind(lock)
    left = remove_provisioned(lock, restoration.left)
    return replace(restoration, sentence=f"{restoration.sentence}; {left}") if left else restoration


def remove_provisioned(lock: Lock, stays: AliasState | None) -> str:
    """Remove the environments that a release requested for its version, unless the alias `stays` on that.

    Safe to repeat. Return a sentence about environments that stay: an alias that is restored is unlocked nevertheless.
    """
    if not lock.provisioned or (stays and stays.weight_of(lock.provisioned)):
        return ""
    return remove_unused(lock.function, lock.provisioned, but={lock.alias, canary_alias(lock.alias)})


def _write_back(lock: Lock, canary: str | None) -> Restoration:
    found = aliases.read(lock.function, lock.alias)
    # After that look: a lock that was freed since may be another release's by now, and so the alias.
    locks.still(lock.target, lock.release, lock.generation)
    if lock.snapshot is None or found is None:
        return Restoration(lock.target, _nothing_to_undo(lock, found, canary))
    wanted = restored(found.state, lock.snapshot, canary, finishing=lock.promoting)
    if wanted is None:
        sentence = f"{lock.target} was moved by someone else and not changed: {found.state}"
        return Restoration(lock.target, sentence, left=found.state)
    if not _moved(lock, found, wanted):
        return _no_way_back(lock, found, lock.snapshot)
    gauges.show_target(lock.target, {WEIGHT: 0.0})
    if wanted != AliasState(lock.snapshot.version):
        sentence = f"{lock.target} was moved by someone else; only Tidegate's weight was removed: {wanted}"
        return Restoration(lock.target, sentence, left=wanted)
    moved = found.state != wanted
    return Restoration(lock.target, f"{lock.target} is {wanted} again", as_before=True, moved=moved)


def _moved(lock: Lock, found: Alias, wanted: AliasState) -> bool:
    """Move an alias; False if the target version was deleted."""
    try:
        aliases.move(found, wanted, fence=lambda: locks.still(lock.target, lock.release, lock.generation))
    except FAILED_CALL as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return False
    return True


def _no_way_back(lock: Lock, found: Alias, snapshot: AliasState) -> Restoration:
    """Keep an alias on its current version, and fence off late steps.

    Lambda does not delete a version that an alias uses: so the alias has left it and is fully on its canary.
    """
    stays = AliasState(found.state.version)
    if not _moved(lock, found, stays):
        return Restoration(lock.target, f"{lock.target} was deleted by someone else")
    sentence = (
        f"{lock.target} cannot go back to version {snapshot.version}, which was deleted: it stays {stays}. "
        "Check whether that version may serve; if not, release another version"
    )
    return Restoration(lock.target, sentence, left=stays)


def _nothing_to_undo(lock: Lock, found: Alias | None, canary: str | None) -> str:
    if lock.snapshot is not None:
        return f"{lock.target} was deleted by someone else"
    if found is None:
        return f"{lock.target} did not exist before the release and does not exist now"
    if found.state.weight_of(str(canary)) == 0:
        return f"{lock.target} did not exist before the release; someone else created it: {found.state}"
    return (
        f"{lock.target} is new, and stays {found.state} of this release, which was rolled "
        "back: there is no earlier version. Delete the alias, or release another version"
    )


def look_after(target: TargetPlan) -> Restoration:
    """Remove this release's weight from an alias that it no longer has locked, unless another release has locked it."""
    found = aliases.read(target.function, target.alias)
    held = bool(locks.read([target.name]))
    wanted = _without(target, found.state) if found else None
    if found is None or wanted is None or held:
        state = found.state if found else "gone"
        return Restoration(target.name, f"{target.name} was no longer locked and is {state}")
    cleared = aliases.move(found, wanted, fence=lambda: None)
    sentence = f"{target.name} was no longer locked; Tidegate's weight was removed: {cleared.state}"
    return Restoration(target.name, sentence, as_before=True)


def _without(target: TargetPlan, found: AliasState) -> AliasState | None:
    """Return the state of an alias without the canary; None if it has none, or is promoted."""
    if target.channel == CANARY and found == AliasState(str(target.canary)):
        return AliasState(str(target.stable))
    return AliasState(found.version) if target.canary in found.weights else None


Locked = Callable[[CarriedTarget], bool]
"""Whether another release has locked an alias."""


def restore_without_ledger(
    targets: Sequence[CarriedTarget], locked: Locked = lambda _: False, *, before_finish: bool = False
) -> list[Restoration]:
    """Restore every alias that is still split, the last wave first, if the ledger is gone or refuses necessary writes.

    Without its lock a release is not fenced off from others. This is still safe enough:

    - Only aliases that this release split are written, with stable and canary and no other version, and only to
      stable; and those of waves that it promoted, if it certainly did not promote all of them.
    - Every write has the RevisionId of the previous read: a change by others in between wins.
    - If the ledger was deleted, no other release can begin or continue, because each needs its lock to move an alias.
      If only the record is unreadable, an alias that another release has locked is not changed.
    - A late step of this release fails on its RevisionId, because an alias that is on one version is also written; then
    it
      checks its lock, and finds none.

    Otherwise an alias that is fully on the canary stays there: it is unknown whether its wave was promoted, or the
    release. One that cannot be restored does not keep the waves before it waiting.

    Parameters
    ----------
    before_finish
        Whether the execution never entered Finish.
    locked
        Returns whether another release has locked an alias.

    Raises
    ------
    AliasMoved
        When an alias keeps changing; raised when every alias was tried.
    """
    done, failures = list[Restoration](), list[Exception]()
    last = max((target.wave for target in targets), default=0)

    def one(target: CarriedTarget) -> Restoration:
        return _whole(target, locked, early=before_finish and target.wave < last)

    for wave in in_order([alias for target in targets for alias in target.aliases], back=True):
        try:
            done += at_once(one, wave, calls=2)
        except (TidegateError, *FAILED_CALL) as error:
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def _whole(target: CarriedTarget, locked: Locked, *, early: bool) -> Restoration:
    for _ in range(TRIES - 1):
        with suppress(AliasMoved):
            return _write_stable(target, locked, early=early)
    return _write_stable(target, locked, early=early)


def _write_stable(target: CarriedTarget, locked: Locked, *, early: bool) -> Restoration:
    found = aliases.read(target.function, target.alias)
    if found is None:
        return Restoration(target.name, f"there is no alias {target.name}{target.left_over}")
    wanted = target.whole(found.state, early=early)
    if wanted is None or locked(target):
        sentence = f"{target.name} was not changed: {found.state}{target.left_over}"
        return Restoration(target.name, sentence, left=found.state)
    aliases.move(found, wanted, fence=lambda: None)
    sentence = f"{target.name} is {AliasState(wanted.version)} again{target.left_over}"
    return Restoration(target.name, sentence, as_before=True)
