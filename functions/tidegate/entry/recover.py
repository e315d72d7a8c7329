"""Recover: restore every alias whose release no execution will finish.

Runs every minute, and when an execution ends; the schedule is sufficient, the event only makes it faster. It
uses its own clock: an event may be late, duplicated, or contain a wrong time.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tidegate.aws import executions, gauges
from tidegate.aws.announcements import announce_recovered
from tidegate.aws.ending import refusal, unrecorded, unrestored
from tidegate.aws.ending.conclusion import conclude
from tidegate.aws.ending.recovery import Undone, close_undone
from tidegate.aws.ending.restoration import Restoration, remove_provisioned, restore
from tidegate.aws.failures import FAILED_CALL, in_our_words, is_busy, is_refused
from tidegate.aws.gauges import LOCKS_LEFT
from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import locks, optional, records
from tidegate.aws.ledger.lock import Lock
from tidegate.aws.ledger.reading import MALFORMED
from tidegate.aws.ledger.records import Release
from tidegate.aws.ledger.region_items import is_lock_of_regions
from tidegate.aws.logger import logger
from tidegate.aws.regions.recovery import end_regions
from tidegate.domain.alias import AliasState
from tidegate.domain.control.requests import Healed, parse_healed
from tidegate.domain.errors import (
    AwsRefused,
    ItemUnreadable,
    LockLost,
    ReleaseUnknown,
    RollBackIncomplete,
    TidegateError,
)
from tidegate.domain.schedule import MINUTE

UNKNOWN_COUNTS_AS_RUNNING = 5 * MINUTE
"""Seconds after its lock in which an unknown execution may still appear: DescribeExecution is eventually consistent."""

LONGEST_STEP = 150
"""Seconds after which no step that writes aliases or locks can be in flight: the longest TimeoutSeconds of those.

Two steps take longer. Run hooks writes only answers and events. Probe may request provisioned environments many minutes
after its start, when the version has answered. But it checks its lock just before, then notes in it what it requests:
after an alias was restored it requests nothing, unless that check was in the seconds before. If it is cut off then
before it checks its lock again, Recover finds the note, and removes the environments when it unlocks the alias.
"""

GRACE = 30 * MINUTE
"""How long after its deadline an execution may still roll back: it detects the deadline at its next check, up
to five minutes later, and Compare versions and Roll back may need retries or be waking up."""

INSISTS = 5 * MINUTE
"""How long after an alias was restored it retries to record that, if DynamoDB fails; then it continues without."""

ASKS_REGIONS_FOR = 60
"""Seconds from its start in which it asks other Regions: half of its time-out, since the last call may take long."""

PROMOTED_BEFORE = "It was promoted before its execution ended."

EVERY_RELEASE = "(all)"
"""The release in log lines about no single release."""


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    now, until = int(time.time()), time.monotonic() + ASKS_REGIONS_FOR
    done: list[str] = []
    failures: list[str] = []
    left = 0
    logger.append_keys(release=EVERY_RELEASE)
    # Told of one end, it looks at that release alone: when many end at once, each is not done many times.
    ended = _ended(event)
    try:
        found = in_our_words(locks.find_all)
    except AwsRefused as error:
        return {"recovered": unrecorded.without_ledger(ended, now, error)}
    concerned = [lock for lock in found.locks if ended.get("executionArn") in {None, lock.execution}]
    if ended and (found.unreadable or not concerned):
        done += in_our_words(lambda: unrecorded.look_after(ended, now, found.unreadable))
    said = parse_healed(event)
    if said:
        unrestored.check(said, concerned)
    # Other Regions last: one that does not answer must not delay an alias here.
    ordered = sorted(concerned, key=lambda lock: (is_lock_of_regions(lock.target), lock.release, lock.target))
    for name, group in groupby(ordered, key=lambda lock: lock.release):
        logger.append_keys(release=name)
        held = list(group)
        try:
            if not _in_progress(name, held[0], now):
                left += len(held)
                done += _recover(name, held, now, said, until)
        except (TidegateError, *FAILED_CALL, *MALFORMED) as error:
            # One release that cannot be healed now must not keep the others waiting.
            failures.append(f"{name}: {type(error).__name__}: {error}")
    if not ended:
        # Also where there is none: an alarm hears by it that Recover looks at all.
        gauges.show({LOCKS_LEFT: left + len(found.unreadable)})
    if failures:
        raise RollBackIncomplete("; ".join(failures))
    return {"recovered": done}


def _ended(event: dict[str, Any]) -> dict[str, Any]:
    """Return the detail of a status event, which names an execution; empty for any other event."""
    detail = event.get("detail")
    return detail if isinstance(detail, dict) and isinstance(detail.get("executionArn"), str) else {}


def _recover(name: str, held: Sequence[Lock], now: int, said: Healed | None, until: float) -> list[str]:
    if is_lock_of_regions(held[0].target):
        return end_regions(name, now, LONGEST_STEP, until)
    try:
        promoted = not records.begin_undo(name, now)
        release = records.read(name)  # now that no step can note anything any more
    except (ReleaseUnknown, ItemUnreadable, *FAILED_CALL) as error:
        if is_busy(error):
            raise
        return [f"{name}: {sentence}" for sentence in unrecorded.heal(held, now, LONGEST_STEP, error)]
    if promoted:
        summary = conclude(release, now)
        announce_recovered(release, now, Undone("released", PROMOTED_BEFORE, summary), {})
        return [f"{name}: unlocked after its promotion; {summary}"]
    healing = _heal_all(release, held, now, said)
    _tell_refused(release, healing, now)
    if healing.done or not (healing.failures or healing.left):
        # What is left is restored by another run; what failed is not.
        insist = all(lock.restored_at is None or now - lock.restored_at < INSISTS for lock in held)
        _write_down(release, healing, now, insist=insist)
    if healing.failures:
        raise RollBackIncomplete("; ".join(healing.failures))
    return [f"{name}: {sentence}" for sentence in healing.done.values()]


def _write_down(release: Release, healing: "Healing", now: int, *, insist: bool) -> None:
    """Record and announce the restored aliases; for a release that never started, only its refusal."""
    refused = refusal.of(release)
    if refused and not healing.failures:
        refusal.close(release, refused, now, insist=insist)
    if refused:
        return
    undone = close_undone(release, healing.done.values(), now, whole=not healing.failures, insist=insist)
    if undone:
        announce_recovered(release, now, undone, healing.done)


@dataclass(frozen=True)
class Healing:
    """The results for a release's aliases by target; `left` to another run.

    `refused` are those that AWS refuses to restore, with its error.
    """

    done: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    refused: list[tuple[Lock, Exception]] = field(default_factory=list)


def _heal_all(release: Release, held: Sequence[Lock], now: int, said: Healed | None) -> Healing:
    """Restore each alias, the last wave first: one that cannot be restored now must not delay the others."""
    canaries = {target.name: target.canary for target in release.plan.aliases}
    waves = {target.name: target.wave for target in release.plan.aliases}
    healing = Healing()
    for lock in sorted(held, key=lambda lock: -waves.get(lock.target, 0)):
        try:
            sentence = _heal(lock, canaries.get(lock.target), now, said)
            if sentence:
                healing.done[lock.target] = sentence
            elif _may_be_freed(lock, release, now, closed_later=any(other.refused for other in held)):
                left = remove_provisioned(lock, lock.left)  # again: a late probe may have requested it since
                if left:
                    logger.error(left)
                locks.free(lock.target, release.name)
        except LockLost:
            # Another run of recover has been faster, or a step that is fenced off now: a look in a minute is enough.
            healing.left.append(lock.target)
        except (TidegateError, *FAILED_CALL) as error:
            healing.failures.append(f"{lock.target}: {type(error).__name__}: {error}")
            if is_refused(error):
                healing.refused.append((lock, error))
    return healing


def _tell_refused(release: Release, healing: Healing, now: int) -> None:
    for lock, error in healing.refused:
        with optional.logged(f"{lock.target} cannot be restored", insist=False):
            unrestored.tell(release, lock, error, now)


def _in_progress(name: str, lock: Lock, now: int) -> bool:
    """Return whether the release's execution will finish it. An execution far past its deadline is stopped."""
    status = executions.status(lock.execution)
    if status is None:
        return now - lock.since < UNKNOWN_COUNTS_AS_RUNNING
    if status != "RUNNING":
        return False
    if now < records.deadline(name) + GRACE:
        return True
    executions.stop(lock.execution, "DeadlinePassed", "The release was long past its deadline; Recover rolls it back.")
    return False


def _heal(lock: Lock, canary: str | None, now: int, said: Healed | None) -> str | None:
    """Restore one alias; after that, only check whether a late step has changed it again."""
    if said and said.healed == lock.target:
        return unrestored.put_right(lock, said, now)
    if lock.restored_at is not None and not _needs_healing(lock, canary):
        return None
    restoration: Restoration = restore(lock.target, lock.release, canary, seen=lock.generation)
    locks.mark_restored(lock.target, lock.release, now, left=restoration.left)
    return restoration.sentence


def _may_be_freed(lock: Lock, release: Release, now: int, *, closed_later: bool) -> bool:
    """Return whether no late step can interfere.

    The last lock stays until the release is closed, because otherwise nothing would close it.

    `closed_later` says that another of its locks stays for longer.
    """
    closed = release.ended is not None or closed_later
    return closed and lock.restored_at is not None and now - lock.restored_at >= LONGEST_STEP


def _needs_healing(lock: Lock, canary: str | None) -> bool:
    if lock.healed_by:
        return False
    found = aliases.read(lock.function, lock.alias)
    if found is None or lock.snapshot is None or canary is None or canary == lock.snapshot.version:
        return False
    return found.state.weight_of(canary) > 0 and found.state not in (AliasState(lock.snapshot.version), lock.left)
