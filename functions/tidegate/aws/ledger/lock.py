"""One lock: the release that has locked an alias, and its progress."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.aws.ledger.reading import moment, typed
from tidegate.domain.alias import AliasState

SHIFTING = "shifting"
FINISHING = "finishing"
UNDOING = "undoing"


@dataclass(frozen=True)
class Lock:
    """The release that has locked an alias; `promoting` once its promotion has begun.

    `since` and `restored_at` are seconds since 1970.

    `left` is the state after Recover, if it is not the state before the release; `refused` is AWS's error while the
    alias cannot be restored; `healed_by` is the person who repaired it; `provisioned` is the version with
    provisioned environments that its release requested, unless they are removed.
    """

    target: str
    release: str
    execution: str
    since: int
    generation: int
    phase: str
    snapshot: AliasState | None
    promoting: bool = False
    restored_at: int | None = None
    left: AliasState | None = None
    refused: str = ""
    healed_by: str = ""
    provisioned: str = ""

    @property
    def function(self) -> str:
        return self.target.rpartition(":")[0]

    @property
    def alias(self) -> str:
        return self.target.rpartition(":")[2]

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Lock":
        """Read a lock; raises what `reading.MALFORMED` lists."""
        snapshot, left = item["snapshot"], item.get("left")
        restored_at = item.get("restored_at")
        return cls(
            target=item["sk"],
            release=typed(item, "release", str),
            execution=typed(item, "execution", str),
            since=moment(item, "since"),
            generation=typed(item, "generation", int),
            phase=typed(item, "phase", str),
            snapshot=AliasState.of(snapshot) if snapshot else None,
            promoting=bool(item.get("promoting", False)),
            restored_at=None if restored_at is None else moment(item, "restored_at"),
            left=AliasState.of(left) if left else None,
            refused=str(item.get("refused", "")),
            healed_by=str(item.get("healed_by", "")),
            provisioned=str(item.get("provisioned", "")),
        )
