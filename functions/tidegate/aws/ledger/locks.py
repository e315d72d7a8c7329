"""Locks: one item for each alias that a release may move."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.ledger import reading, table
from tidegate.aws.ledger.lock import FINISHING, SHIFTING, UNDOING, Lock
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import AwsBusy, AwsRefused, LockHeld, LockLost, ReleaseExists, TidegateError
from tidegate.domain.foreign_text import shortened
from tidegate.domain.ledger_items import LOCKS
from tidegate.domain.partition import execution_link
from tidegate.domain.schedule import format_time

PARTITION = LOCKS

LONGEST_ANSWER = 1000
"""Most characters of AWS's error in a lock."""


def requests(
    release: str, execution: str, now: int, snapshots: Mapping[str, AliasState | None], *, attempt: int = 0
) -> list[Any]:
    """Return the writes of a lock on each alias, with its state before any change.

    A later `attempt` of Plan takes over the locks of an earlier one, which can then neither take nor
    release them: Step Functions may have timed it out while it still runs.
    """
    return [
        table.put_request(
            {
                "pk": PARTITION,
                "sk": target,
                "release": release,
                "execution": execution,
                "since": now,
                "generation": 1,
                "attempt": attempt,
                "phase": SHIFTING,
                "snapshot": snapshot.document() if snapshot else None,
            },
            condition="attribute_not_exists(#pk) OR "
            "(#release = :release AND #generation = :first AND #attempt <= :attempt)",
            release=release,
            first=1,
            attempt=attempt,
        )
        for target, snapshot in sorted(snapshots.items())
    ]


def take(release: str, targets: Collection[str], writes: Sequence[Any], *, opening: Any = None) -> None:
    """Take locks, all or none, and write the release's record in the same transaction: neither ever exists alone.

    Raises
    ------
    LockHeld
        When another release holds one of them.
    ReleaseExists
        When another execution with this name is recorded and has not ended.
    AwsBusy
        When another transaction changed one of them at the same moment.
    """
    try:
        table.transact_put([opening, *writes] if opening else writes)
    except ClientError as error:
        if code_of(error) != "TransactionCanceledException":
            raise
        refuse(holders(targets, release))
        raise _not_taken(release, error, opened=opening is not None) from None


def _not_taken(release: str, error: ClientError, *, opened: bool) -> TidegateError:
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = [reason.get("Code") for reason in reasons]
    if opened and codes[:1] == ["ConditionalCheckFailed"]:
        return ReleaseExists(f"Release {release} is already recorded and has not ended; choose another name.")
    if "ValidationError" in codes:
        return AwsRefused(f"DynamoDB refused the locks or the record of release {release}: {reasons}"[:1000])
    return AwsBusy(f"The locks of release {release} could not be taken just now: {error}")


def holders(targets: Collection[str], release: str) -> list[Lock]:
    """Return the locks that other releases have on these aliases, oldest first.

    Raises
    ------
    LockHeld
        When a lock on one of them cannot be read: its release and the state before are unknown.
    """
    found = _found([(PARTITION, target) for target in targets])
    if found.unreadable:
        raise LockHeld(
            f"{found.unreadable[0]} has a lock that cannot be read: item pk={PARTITION}, sk={found.unreadable[0]} "
            "of the ledger does not have the format of this version of Tidegate.",
            "Put the alias on one version and delete the item (docs/trouble.md), then start a new release.",
        )
    others = [lock for lock in found.locks if lock.release != release]
    return sorted(others, key=lambda lock: (lock.since, lock.target))


def refuse(held: Sequence[Lock]) -> None:
    """Report the release that has locked an alias, if there is one.

    Raises
    ------
    LockHeld
        When another release does.
    """
    if held:
        lock = held[0]
        raise LockHeld(
            f"{lock.target} has been locked by release {lock.release} since {format_time(lock.since)}.",
            'Wait until that release ends, or use "on_conflict": "supersede" to stop that release and restore all '
            "its aliases.",
            by=lock.release,
            link=execution_link(lock.execution),
        )


@dataclass(frozen=True)
class Found:
    """Locks, and the targets whose locks are malformed."""

    locks: list[Lock]
    unreadable: list[str]


def _read(items: list[table.Item]) -> Found:
    skipped = list[reading.Item]()
    found = reading.each(items, Lock.of, skipped)
    return Found(found, [str(item["sk"]) for item in skipped])


def _found(keys: list[tuple[str, str]]) -> Found:
    return _read(table.get_all(keys))


def read(targets: Collection[str]) -> list[Lock]:
    """Return the readable locks on these aliases."""
    return _found([(PARTITION, target) for target in targets]).locks


def find_all() -> Found:
    """Return every lock, read consistently."""
    return _read(table.query(PARTITION))


def read_all() -> list[Lock]:
    """Return every readable lock, read consistently."""
    return find_all().locks


def require(targets: list[str], release: str) -> None:
    """Check that this release may still shift these aliases.

    Raises
    ------
    LockLost
        When the release was finished, rolled back or recovered in the meantime.
    """
    held = {lock.target: lock for lock in read(targets)}
    for target in targets:
        lock = held.get(target)
        if lock is None or lock.release != release:
            raise LockLost(
                f"{target} is no longer locked by release {release}; Recover restored the alias. Start a new release."
            )
        if lock.generation != 1 or lock.phase != SHIFTING:
            raise LockLost(
                f"{target}: release {release} is already {lock.phase}; this late or repeated step changes nothing."
            )


def raise_generation(target: str, release: str, phase: str, *, seen: int | None = None) -> Lock:
    """Fence off every step that began before: their generation is no longer the lock's.

    A rolled-back release cannot be finished (a redrive would try); a finishing release can be rolled back until
    it is promoted. With `seen`, only if the lock has that generation.

    Raises
    ------
    LockLost
        When the lock is gone, another's, of another generation than `seen`, or undoing and `phase` is not.
    """
    changes: dict[str, Any] = {"phase": phase}
    condition, bound = "#release = :release", dict[str, Any](release=release)
    if seen is not None:
        condition += " AND #generation = :seen"
        bound["seen"] = seen
    if phase == FINISHING:
        changes["promoting"] = True
        condition += " AND #phase <> :undoing"
        bound["undoing"] = UNDOING
    try:
        item = table.update(PARTITION, target, changes, count="generation", condition=condition, **bound)
    except ConditionUnmet:
        raise LockLost(
            f"{target} cannot be {phase} by release {release}: the release was rolled back or its lock is gone."
        ) from None
    return Lock.of(item)


def mark_promoting(targets: Sequence[str], release: str) -> None:
    """Record that a wave is promoted: from then on, its canary alone is restored too. Raises like `mark_restored`."""
    for target in targets:
        _note(target, release, {"promoting": True})


def mark_restored(target: str, release: str, now: int, *, left: AliasState | None = None, healed_by: str = "") -> None:
    """Record when Recover restored the alias; the lock stays until no step can be in flight.

    Raises
    ------
    LockLost
        When a release that superseded this one has already released it.
    """
    changes = {"restored_at": now, "left": left.document() if left else None, "refused": "", "healed_by": healed_by}
    _note(target, release, changes)


def mark_refused(target: str, release: str, why: str) -> None:
    """Record AWS's error when restoring the alias; raises like `mark_restored`."""
    _note(target, release, {"refused": shortened(why, LONGEST_ANSWER)})


def _note(target: str, release: str, changes: dict[str, Any]) -> None:
    try:
        table.update(PARTITION, target, changes, condition="#release = :release", release=release)
    except ConditionUnmet:
        raise LockLost(f"{target} is no longer locked by release {release}.") from None


def free(target: str, release: str, *, attempt: int | None = None) -> None:
    """Release the lock. It is not an error if this release does not have the lock (any more).

    With `attempt`, only a lock that exactly this attempt of Plan took, and that nothing has used since.
    """
    condition = "#release = :release"
    bound: dict[str, Any] = {"release": release}
    if attempt is not None:
        condition += " AND #attempt = :attempt AND #generation = :first"
        bound |= {"attempt": attempt, "first": 1}
    with suppress(ConditionUnmet):
        table.delete(PARTITION, target, condition=condition, **bound)


def still(target: str, release: str, generation: int) -> None:
    """Check that nobody has fenced off this release in the meantime.

    Raises
    ------
    LockLost
        When the lock is missing or has a later generation.
    """
    held = read([target])
    if not held or held[0].release != release or held[0].generation != generation:
        raise LockLost(
            f"{target}: release {release} was taken over by another process; this late step changes nothing."
        )
