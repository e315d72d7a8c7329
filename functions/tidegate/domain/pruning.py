"""Which old versions of a function may be deleted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tidegate.domain.schedule import DAY


@dataclass(frozen=True)
class OldVersion:
    """A published version, and when it was last modified (seconds since 1970)."""

    number: int
    modified: int


def superfluous(versions: Sequence[OldVersion], *, keep: int, in_use: Collection[str], now: int) -> list[str]:
    """Give the versions that may go, oldest first.

    Never the newest `keep`, one `in_use`, nor one younger than a day: whoever published it may be about to use it.
    """
    if keep < 1:
        raise ValueError(f"at least one version is kept, not {keep}")
    by_age = sorted(versions, key=lambda version: version.number)
    return [
        str(version.number)
        for version in by_age[:-keep]
        if str(version.number) not in in_use and now - version.modified >= DAY
    ]
