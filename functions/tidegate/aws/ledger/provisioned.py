"""The note in a lock that a release has requested provisioned environments, for whoever ends the release."""

from collections.abc import Collection

from tidegate.aws.ledger import locks, table
from tidegate.aws.ledger.table import ConditionUnmet
from tidegate.domain.errors import LockLost


def note(target: str, release: str, version: str) -> None:
    """Record that a version has environments that this release requested; "" once they are removed.

    Raises
    ------
    LockLost
        When another process has ended the release and released the lock.
    """
    try:
        table.update(
            locks.PARTITION, target, {"provisioned": version}, condition="#release = :release", release=release
        )
    except ConditionUnmet:
        raise LockLost(f"{target} is no longer locked by release {release}.") from None


def noted(targets: Collection[str], release: str) -> set[str]:
    """Return the versions of these notes."""
    return {lock.provisioned for lock in locks.read(targets) if lock.release == release and lock.provisioned}
