"""Who meets whom: the pairs of versions that can meet along the calls between targets, while each wave shifts."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.waves import one_after_the_other, waves_of

OLD, NEW = "old", "new"
ALL = tuple(f"{one}-{other}" for one, other in product((OLD, NEW), repeat=2))
HEADER = ("CALLS", "WHILE", "VERSIONS THAT CAN MEET", "ONLY WITHOUT WAVES")

MOST_SHOWN = 50
"""Most rows that a dry run shows."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The pairs (caller-callee) that can meet while a wave shifts, and those that only one wave for all would add.

    `found` is where the call was found, empty if it is declared.
    """

    caller: str
    callee: str
    wave: str
    pairs: tuple[str, ...]
    avoided: tuple[str, ...]
    found: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        edge = f"{self.caller} → {self.callee}{f' (found in {self.found})' if self.found else ''}"
        return edge, self.wave, ", ".join(self.pairs), ", ".join(self.avoided) or "none"

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Meeting":
        # An earlier Tidegate said only whether it was found.
        found = "what Plan reads" if document["found"] is True else document["found"] or ""
        pairs = {name: tuple(document[name]) for name in ("pairs", "avoided")}
        return cls(**{**document, **pairs, "found": found})


def meetings(plan: ReleasePlan) -> Iterator[Meeting]:
    """Yield the meetings along every known call between two targets that both change, wave by wave.

    A target is on its old version before its wave, on both while it shifts, on the new one afterwards. In lockstep, and
    without steps, all waves shift at the same time.
    """
    changing = {target.name: target for target in plan.targets if target.stable and not target.live}
    waves = list(waves_of(plan)) if one_after_the_other(plan) else []
    for caller in changing.values():
        for callee in (changing[name] for name in caller.calls if name in changing):
            own = sorted({caller.wave, callee.wave} & {*waves})
            while_waves = {f"wave {wave}": _pairs(caller, callee, wave) for wave in own} if len(own) > 1 else {}
            met = {pair for pairs in while_waves.values() for pair in pairs}
            for wave, pairs in (while_waves or {"it shifts": ALL}).items():
                avoided = tuple(pair for pair in ALL if while_waves and pair not in met)
                yield Meeting(caller.name, callee.name, wave, pairs, avoided, dict(caller.found).get(callee.name, ""))


def _pairs(caller: TargetPlan, callee: TargetPlan, wave: int) -> tuple[str, ...]:
    ends = [
        (OLD,) if target.wave > wave else (NEW,) if target.wave < wave else (OLD, NEW) for target in (caller, callee)
    ]
    return tuple(f"{one}-{other}" for one, other in product(*ends))
