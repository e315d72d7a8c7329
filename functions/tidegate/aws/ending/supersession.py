"""Superseding releases that have locked an alias: they are stopped and rolled back, and their locks are released."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.aws import executions
from tidegate.aws.announcements import announce_superseded
from tidegate.aws.ending.conclusion import conclude
from tidegate.aws.ending.recovery import close_undone
from tidegate.aws.ending.restoration import restore
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import locks, records
from tidegate.aws.ledger.lock import Lock
from tidegate.aws.ledger.records import PROMOTED, Release
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import LockHeld, LockLost
from tidegate.domain.plan import TargetPlan

MOST_ALIASES = 300
"""Most aliases that one Plan restores: at Lambda's quota that takes a third of its time-out."""

TRIES = 3
"""How often it tries to restore an alias; Recover or another Plan may restore it at the same time."""


def read(held: Sequence[Lock]) -> list[Release]:
    """Return the releases that have these locks.

    Raises
    ------
    LockHeld
        When there are too many to roll back within one Plan.
    """
    found = at_once(records.read, sorted({lock.release for lock in held}))
    count = sum(len(release.plan.aliases) for release in found)
    if count > MOST_ALIASES:
        raise LockHeld(
            f"{len(found)} releases have locked aliases of this release, and superseding them would restore {count} "
            f"aliases; {MOST_ALIASES} is the limit. Stop those executions, and start this release again a few minutes "
            "later."
        )
    return found


def left_behind(found: Sequence[Release]) -> dict[str, AliasState | None]:
    """Return the state after their end of each alias that these releases have locked."""
    return {target.name: _final(release, target) for release in found for target in release.plan.aliases}


def _final(release: Release, target: TargetPlan) -> AliasState | None:
    promoted = release.status == PROMOTED and target.canary is not None
    return AliasState(str(target.canary)) if promoted else target.snapshot


def supersede(found: Sequence[Release], by: str, now: int) -> str:
    """Stop and roll back these releases with all their aliases, and release their locks.

    Return the result as a sentence.

    A promoted release is concluded instead. Safe to repeat, and to run concurrently with Recover or another Plan.
    """
    ended = at_once(lambda release: _end(release, by, now), found)
    undone = [one for one in ended if not one.promoted]
    held = [lock for one in undone for lock in one.held]
    canaries = {(one.release.name, target.name): target.canary for one in undone for target in one.release.plan.aliases}
    waves = {(one.release.name, target.name): target.wave for one in undone for target in one.release.plan.aliases}
    tried = [
        each
        for wave in sorted(set(waves.values()), reverse=True)
        for each in at_once(
            lambda lock: _restore(lock, canaries[lock.release, lock.target]),
            [lock for lock in held if waves[lock.release, lock.target] == wave],
            calls=2,
        )
    ]
    restored = {(each.release, each.target): each for each in tried if each}
    for one in undone:
        _close(one.release, [restored.get((one.release.name, lock.target)) for lock in one.held], now)
    return "; ".join(
        f"release {one.release.name} was promoted already" if one.promoted else f"superseded release {one.release.name}"
        for one in ended
    )


def overtaken(error: LockHeld, found: Sequence[Release]) -> LockHeld:
    """Explain what to do about an alias that is locked after these releases were superseded."""
    if error.by in {release.name for release in found}:
        advice = (
            "It has been superseded, and another process is still rolling it back: Recover, or a release that "
            "supersedes it too. Start a new release in a few minutes."
        )
    else:
        advice = (
            "It locked the alias while this release superseded an earlier one, so it was not superseded. "
            "Wait until it ends, or start a new release to supersede it."
        )
    return LockHeld(error.found, advice, by=error.by, link=error.link)


@dataclass(frozen=True)
class Ended:
    """A release that no longer shifts; `held` are its locks, none if it is `promoted`."""

    release: Release
    promoted: bool
    held: tuple[Lock, ...] = ()


def _end(release: Release, by: str, now: int) -> Ended:
    """Fence a release off, then stop its execution; conclude it instead if it is promoted.

    The order matters: an execution whose release was promoted must not be stopped and reported as stopped.
    """
    first = release.ended is None and release.superseded_by is None
    if not records.begin_undo(release.name, now, superseded_by=by if first else None):
        conclude(release, now)
        return Ended(release, promoted=True)
    executions.stop(release.execution, "Superseded", f"Release {by} supersedes it and restores its aliases.")
    held = [lock for lock in locks.read([t.name for t in release.plan.aliases]) if lock.release == release.name]
    # Read again: it may have published, or a verdict blamed its version, since.
    return Ended(records.read(release.name), promoted=False, held=tuple(held))


@dataclass(frozen=True)
class Restored:
    """A restored alias, as a sentence."""

    release: str
    target: str
    sentence: str


def _restore(lock: Lock, canary: str | None) -> Restored | None:
    """Restore an alias; None if another process was faster each time, or has unlocked it already."""
    for _ in range(TRIES):
        try:
            return Restored(lock.release, lock.target, restore(lock.target, lock.release, canary).sentence)
        except LockLost:
            continue
    return None


def _close(release: Release, restored: Sequence[Restored | None], now: int) -> None:
    """Record the outcome, then release the locks: every late step of the release is fenced off.

    If another process restores one of the aliases, that process does this.
    """
    done = [each for each in restored if each]
    if len(done) < len(restored):
        return
    undone = close_undone(release, [each.sentence for each in done], now)
    if undone:
        announce_superseded(release, now, undone, {each.target: each.sentence for each in done})
    for each in done:
        locks.free(each.target, each.release)
