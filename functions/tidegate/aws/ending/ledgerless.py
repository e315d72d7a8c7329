"""Restoring aliases without the ledger: it was deleted, or it refuses writes that a release needs to end.

Without its lock a release is not fenced off from others. This is still safe enough:

- Only aliases that this release split are written, with stable and canary and no other version, and only to stable.
- Every write has the RevisionId of the previous read: a change by others in between wins.
- If the ledger was deleted, no other release can begin or continue, because each needs its lock to move an alias.
  If only the record is unreadable, an alias that another release has locked is not changed.
- A late step of this release fails on its RevisionId, because an alias that is on one version is also written; then it
checks
  its lock, and finds none.

An alias that Finish has moved is fully on the canary: it stays there, because its promotion is unknown.
"""

from collections.abc import Callable, Sequence

from tidegate.aws.ending.restoration import TRIES, Restoration
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import at_once
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import AliasMoved
from tidegate.domain.execution_targets import CarriedTarget

Locked = Callable[[CarriedTarget], bool]


def restore_all(targets: Sequence[CarriedTarget], locked: Locked = lambda _: False) -> list[Restoration]:
    """Restore every alias that is still split between the versions of the release.

    Parameters
    ----------
    locked
        Returns whether another release has locked an alias.

    Raises
    ------
    AliasMoved
        When an alias keeps changing.
    """
    return at_once(lambda target: _restore(target, locked), list(reversed(targets)), calls=2)


def _restore(target: CarriedTarget, locked: Locked) -> Restoration:
    for _ in range(TRIES - 1):
        try:
            return _write_back(target, locked)
        except AliasMoved:
            continue
    return _write_back(target, locked)


def _write_back(target: CarriedTarget, locked: Locked) -> Restoration:
    found = aliases.read(target.function, target.alias)
    if found is None:
        return Restoration(target.name, f"there is no alias {target.name}")
    wanted = target.whole(found.state)
    if wanted is None or locked(target):
        return Restoration(target.name, f"{target.name} was not changed: {found.state}", left=found.state)
    aliases.move(found, wanted, fence=lambda: None)
    return Restoration(target.name, f"{target.name} is {AliasState(wanted.version)} again", as_before=True)
