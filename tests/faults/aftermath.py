"""What is left of a faulted release, as plain data; and what of it is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.scenario import Outline

State = tuple[str, dict[str, float]]


@dataclass(frozen=True)
class Timeline:
    """What an alias was set to and when (emulated seconds), its creation first."""

    writes: tuple[tuple[float, State], ...]

    @property
    def last(self) -> State:
        return self.writes[-1][1]

    @property
    def states(self) -> list[State]:
        return [state for _, state in self.writes]

    @property
    def settled_at(self) -> float:
        """When it came to be what it is now, for good."""
        since = self.writes[-1][0]
        for at, state in reversed(self.writes):
            if state != self.last:
                break
            since = at
        return since


@dataclass(frozen=True)
class Ending:
    """One execution and its record."""

    name: str
    targets: tuple[str, ...]
    doomed: bool
    status: str
    state: str
    error: str
    cause: str
    ended_at: float
    record: Mapping[str, Any] | None
    kinds: frozenset[str]

    @property
    def promoted(self) -> bool:
        return self.record is not None and self.record["status"] == "promoted"

    @property
    def outcome(self) -> str:
        """What the ledger calls it."""
        return str(self.record.get("ended", "open")) if self.record else "refused"


@dataclass(frozen=True)
class History:
    """What the ledger remembers of an alias: the version a release left there, and those that failed."""

    live: str | None
    failed: frozenset[str]


@dataclass(frozen=True)
class Aftermath:
    release: Outline
    canary: str
    endings: tuple[Ending, ...]
    timelines: Mapping[str, Timeline]
    history: Mapping[str, History]
    locks: tuple[str, ...]
    moved_by_someone: Mapping[str, State]
    served: int
    stopped_at: float | None
    whole_within: float
    struck: tuple[str, ...]

    @property
    def last_end(self) -> float:
        return max(ending.ended_at for ending in self.endings)

    def promoted(self, target: str) -> bool:
        return any(ending.promoted and target in ending.targets for ending in self.endings)

    @property
    def healed_after(self) -> float | None:
        """Emulated seconds from StopExecution until every alias was whole for good; None if they were already."""
        if self.stopped_at is None or len(self.endings) > 1 or self.moved_by_someone:
            return None
        healed = max(line.settled_at for line in self.timelines.values()) - self.stopped_at
        return healed if healed > 0 else None

    def violations(self) -> Iterator[str]:
        from tests.faults.invariants import INVARIANTS  # they are about this class

        for holds in INVARIANTS:
            yield from holds(self)
