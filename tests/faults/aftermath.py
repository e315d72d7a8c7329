"""What is left of a faulted release, as plain data; and what of it is wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.faults.scenario import Outline

if TYPE_CHECKING:
    from tests.faults.stage import Beats

State = tuple[str, dict[str, float]]
MINUTE = 60


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

    def at(self, moment: float) -> State:
        """Give what it was then."""
        return [state for at, state in self.writes if at <= moment][-1]

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
class Carrier:
    """The alias that carries the canary of routed users; `sent` are percent and number of those who are sent there."""

    state: State
    sent: tuple[float, int]


@dataclass(frozen=True)
class Healing:
    """Seconds of the cloud until all aliases were whole, and by which run of recover's schedule at the latest."""

    seconds: float
    run: int


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
    cut_off_at: float | None
    whole_within: float
    beats: "Beats"
    struck: tuple[str, ...] = ()
    over: bool = False
    """Whether nothing can strike any more; until then it may be looked at what is left."""
    ledger_gone: bool = False
    finishing: bool = False
    """Whether it came as far as Finish."""
    environments: frozenset[str] | None = None
    carriers: Mapping[str, "Carrier | None"] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """What the ledger calls the first of its executions, if there is a ledger."""
        return "no record" if self.ledger_gone else self.endings[0].outcome

    @property
    def last_end(self) -> float:
        return max(ending.ended_at for ending in self.endings)

    def runs_of_recover(self, start: float, end: float) -> int:
        return self.beats.between(start, end)

    def promoted(self, target: str) -> bool:
        return any(ending.promoted and target in ending.targets for ending in self.endings)

    @property
    def healing(self) -> Healing | None:
        """Tell how long after its execution was cut off every alias was whole for good; None if they were already."""
        if self.cut_off_at is None or len(self.endings) > 1 or self.moved_by_someone:
            return None
        healed = max(line.settled_at for line in self.timelines.values())
        if healed <= self.cut_off_at:
            return None
        runs = 1 + self.beats.between(self.cut_off_at, healed)
        return Healing(healed - self.cut_off_at, runs)

    def violations(self) -> Iterator[str]:
        from tests.faults.invariants import INVARIANTS  # they are about this class

        for holds in INVARIANTS:
            yield from holds(self)
