"""Making aliases whole without the ledger: it was deleted, or it refuses what a release cannot end without.

Without its lock a release is not fenced off from others. This is safe enough all the same:

- Only an alias is written that this release divided, stable and canary in it and no other version, and only to stable.
- Every write has the RevisionId of the look before it: whoever moved the alias in between wins.
- Where the ledger is gone no other release can begin or go on, since each needs its lock before it moves an alias.
  Where only the record is unreadable, an alias that another release has locked is left alone.
- A late step of this release fails on its RevisionId, since an alias that is whole is written, too; then it looks for
  its lock, and finds none.

An alias that Finish has moved is whole on the canary: it stays there, since nobody can tell whether that was promoted.
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
    """Make whole every alias that is still divided between the versions of the release.

    Parameters
    ----------
    locked
        Tells whether another release has locked an alias.

    Raises
    ------
    AliasMoved
        When an alias would not hold still.
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
        return Restoration(target.name, f"{target.name} was left as it is: {found.state}", left=found.state)
    aliases.move(found, wanted, fence=lambda: None)
    return Restoration(target.name, f"{target.name} is {AliasState(wanted.version)} again", as_before=True)
