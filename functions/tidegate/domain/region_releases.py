"""A release of several Regions: what each of them is doing, and what is to be done next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from tidegate.domain.foreign_text import shortened
from tidegate.domain.ledger_items import REGION, Item, sort_key
from tidegate.domain.partition import execution_link
from tidegate.domain.rollout.proof import WORDS

LONGEST_NAME = 80
"""Characters of an execution's name (Step Functions API reference, StartExecution)."""

LONGEST_TROUBLE = 200
"""Characters of an error in a sentence about all Regions."""

RELEASED, REFUSED, ROLLED_BACK, PARTLY = "released", "refused", "rolled-back", "partly-released"
"""How a release ends; the last one: not every Region is on the same versions."""


class Stage(StrEnum):
    """What a Region is doing."""

    WAITING = "waiting"
    CHECKING = "checking"
    CHECKED = "checked"
    RELEASING = "releasing"
    RELEASED = "released"
    UNCHANGED = "unchanged"
    """Its release ended, and every alias is as before."""
    GOING_BACK = "going-back"
    BACK = "back"
    UNCERTAIN = "uncertain"
    """An alias may not be as before: a person must look."""


UNDER_WAY = (Stage.RELEASING, Stage.GOING_BACK)
ASKED = (Stage.CHECKING, *UNDER_WAY)
"""Stages in which there is an execution to look at."""
FAILED = (Stage.UNCHANGED, Stage.GOING_BACK, Stage.BACK, Stage.UNCERTAIN)


class Act(StrEnum):
    """What to do with a Region; also how the name of its execution ends."""

    CHECK = "check"
    START = ""
    STOP = "stop"
    GO_BACK = "back"


STAGE_OF = {Act.CHECK: Stage.CHECKING, Act.START: Stage.RELEASING, Act.GO_BACK: Stage.GOING_BACK}


@dataclass(frozen=True)
class RegionRelease:
    """One Region of an account in a release of several; `group` counts from 0.

    `execution` is the last execution there, and `machine` and `table` are of the stack; `appeared`: it was seen.
    `since` is the start of its stage, in seconds since 1970. `error` and `summary` say how its release ended; `moved`:
    it may have moved an alias; `proof` is what the evidence for its promotion lacks. `unreached` is since when every
    call fails, or 0, and `trouble` says how; `lost`: that takes so long that no other Region waits for it. `tries` are
    the executions that should roll it back.
    """

    region: str
    account: str
    stack: str
    group: int
    stage: Stage = Stage.WAITING
    since: int = 0
    machine: str = ""
    table: str = ""
    execution: str = ""
    error: str = ""
    summary: str = ""
    moved: bool = False
    proof: str = ""
    appeared: bool = False
    unreached: int = 0
    trouble: str = ""
    lost: bool = False
    tries: int = 1

    @property
    def name(self) -> str:
        return f"{self.region}/{self.account}/{self.stack}"

    @property
    def last_release(self) -> str:
        """The name of the last execution there; empty if there is none."""
        return self.execution.rpartition(":")[2]

    @property
    def link(self) -> str:
        """Link to the last execution there; empty if there is none."""
        return execution_link(self.execution) if self.execution else ""

    @property
    def now(self) -> str:
        """What it is doing, in words; a release that the evidence does not support is not called released."""
        unproven = WORDS.get(self.proof) if self.stage is Stage.RELEASED else None
        return unproven or SAID[self.stage]

    @property
    def said(self) -> str:
        """Why it cannot be followed now, or else how its release ended."""
        return self.trouble or self.summary

    def at(self, stage: Stage, now: int, **more: Any) -> "RegionRelease":
        return replace(self, stage=stage, since=now, **{"unreached": 0, "trouble": "", "lost": False, **more})

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "RegionRelease":
        known = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        return cls(**{**known, "stage": Stage(document["stage"])})


def execution_name(release: str, one: RegionRelease, act: Act) -> str:
    """Return the name of an execution in a Region: the same at each call, so that nothing is started twice."""
    again = str(one.tries) if act is Act.GO_BACK and one.tries > 1 else ""
    end = f"-{one.region}" + (f"-{act}{again}" if act else "")
    if len(release) + len(end) <= LONGEST_NAME:
        return release + end
    short = sha256(release.encode()).hexdigest()[:8]
    return f"{release[: LONGEST_NAME - len(end) - 9]}-{short}{end}"


STOPPED = "Stopped"
"""Error with which a parent stops the release of a Region."""

SAID = {
    Stage.WAITING: "not started",
    Stage.CHECKING: "being checked",
    Stage.CHECKED: "checked",
    Stage.RELEASING: "being released",
    Stage.RELEASED: "released",
    Stage.UNCHANGED: "as before",
    Stage.GOING_BACK: "going back",
    Stage.BACK: "back on the versions before",
    Stage.UNCERTAIN: "perhaps not as before",
}


def listed(items: Iterable[Item]) -> tuple[RegionRelease, ...]:
    """Return the Regions among the items of a release, in the order of its request."""
    return tuple(RegionRelease.of(item) for item in items if sort_key(item).startswith(REGION))


def told(regions: Sequence[RegionRelease]) -> str:
    """Say in one sentence where each Region is."""
    return "; ".join(f"{one.region} ({one.account}) is {_said(one)}" for one in regions)


def _said(one: RegionRelease) -> str:
    return f"{one.now} ({shortened(one.trouble, LONGEST_TROUBLE)})" if one.trouble else one.now
