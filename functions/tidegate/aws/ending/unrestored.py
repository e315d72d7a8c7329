"""Aliases that AWS refuses to restore until a person acts: announced once, and closed by that person's event."""

from collections.abc import Sequence

from tidegate.aws.announcements import tell_event
from tidegate.aws.ending.restoration import remove_provisioned
from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import locks
from tidegate.aws.ledger.lock import Lock
from tidegate.aws.ledger.records import Release
from tidegate.domain.control.requests import Healed
from tidegate.domain.errors import InvalidRequest, RollBackIncomplete
from tidegate.domain.foreign_text import undotted
from tidegate.domain.ledger_items import kind_of_target

KIND = "not-restored"
WHAT_TO_DO = (
    "It stays locked and may be split between versions. Give Tidegate its permission back, and Recover restores the "
    "alias within a minute; or put the alias on one version yourself and send Recover the event in docs/trouble.md"
)


def tell(release: Release, lock: Lock, error: Exception, now: int) -> None:
    """Announce an alias that cannot be restored, and record that in its lock; once."""
    if lock.refused:
        return
    summary = f"{lock.target} could not be restored and needs your action: {undotted(error)}. {WHAT_TO_DO}"
    tell_event(release.name, now, kind_of_target(KIND, lock.target), release.plan.expires, {"summary": summary})
    locks.mark_refused(lock.target, lock.release, f"{type(error).__name__}: {error}")


def check(said: Healed, held: Sequence[Lock]) -> None:
    """Check that Recover must rely on a person for an alias.

    Raises
    ------
    InvalidRequest
        When there is no lock on it, or Recover can restore it itself.
    """
    lock = next((lock for lock in held if lock.target == said.healed), None)
    if lock is None:
        raise InvalidRequest([f"healed: no release has a lock on {said.healed}"])
    if not lock.refused:
        raise InvalidRequest([f"healed: {said.healed} can be changed by Tidegate; Recover restores it itself"])


def put_right(lock: Lock, said: Healed, now: int) -> str:
    """Record that a person has restored an alias; return that as a sentence."""
    locks.mark_restored(lock.target, lock.release, now, healed_by=said.by)
    return f"{lock.target} was repaired by {said.by}"


def unlock_forgotten(held: Sequence[Lock]) -> list[str]:
    """Unlock the aliases of a release without a record that are on one version; return a sentence for each.

    Neither record nor execution contains the versions of the release any more: the record
    expired while AWS refused to restore the aliases.

    Raises
    ------
    RollBackIncomplete
        When an alias is split: a person must choose its version.
    """
    divided, told = list[str](), list[str]()
    for lock in held:
        found = aliases.read(lock.function, lock.alias)
        if found and not found.state.whole:
            divided.append(f"{lock.target} is {found.state}")
            continue
        left = remove_provisioned(lock, found.state if found else None)
        locks.free(lock.target, lock.release)
        unlocked = f"{lock.target} was unlocked unchanged: the record of its release cannot be read"
        told.append("; ".join(filter(None, [unlocked, left])))
    if divided:
        raise RollBackIncomplete(
            f"{'; '.join(divided)}; the record of the release cannot be read. Put each alias on one version, and "
            "Recover unlocks it; example: aws lambda update-alias --function-name FUNCTION --name ALIAS "
            "--function-version VERSION --routing-config AdditionalVersionWeights={}"
        )
    return told
