"""A release of several Regions: what each of them is doing, and what is to be done next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from tidegate.domain.ledger_items import REGION, Item, sort_key
from tidegate.domain.partition import execution_link
from tidegate.domain.schedule import MINUTE

LONGEST_NAME = 80
"""Characters of an execution's name (Step Functions API reference, StartExecution)."""

APPEARS_WITHIN = MINUTE
"""Seconds after which an execution that Step Functions does not know is started again; the name makes that safe."""

RECOVERS_WITHIN = 15 * MINUTE
"""Seconds after the end of an execution in which Recover, which runs every minute, should have closed its release."""


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

    `execution` is the last execution there, and `machine` and `table` are of the stack. `since` is the start of its
    stage, in seconds since 1970. `error` and `summary` say how its release ended; `moved`: it may have moved an alias.
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

    def at(self, stage: Stage, now: int, **more: Any) -> "RegionRelease":
        return replace(self, stage=stage, since=now, **more)

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "RegionRelease":
        known = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        return cls(**{**known, "stage": Stage(document["stage"])})


@dataclass(frozen=True)
class RegionSight:
    """A release in another Region: of its execution `status` (None: unknown), `error`, `cause` and end.

    Of its record, if there is one: the word and the sentence of its outcome, and whether it is promoted.
    """

    status: str | None
    error: str = ""
    cause: str = ""
    stopped: int = 0
    recorded: bool = False
    promoted: bool = False
    ended: str = ""
    outcome: str = ""

    @property
    def running(self) -> bool:
        return self.status in {"RUNNING", "PENDING_REDRIVE"}


def execution_name(release: str, one: RegionRelease, act: Act) -> str:
    """Return the name of an execution in a Region: always the same one, so that nothing is started twice."""
    end = f"-{one.region}" + (f"-{act}" if act else "")
    if len(release) + len(end) <= LONGEST_NAME:
        return release + end
    short = sha256(release.encode()).hexdigest()[:8]
    return f"{release[: LONGEST_NAME - len(end) - 9]}-{short}{end}"


def seen(one: RegionRelease, sight: RegionSight, now: int, *, stops: bool) -> RegionRelease:
    """Return a Region as it is now; `stops`: nothing is started again."""
    if sight.status is None and not sight.recorded:
        return _missing(one, now, stops=stops)
    if one.stage is Stage.CHECKING:
        return _checked(one, sight, now)
    ended = "" if sight.ended == "refused" and sight.running else sight.ended
    if not ended and (sight.running or sight.status is None):
        return one
    if not ended and sight.recorded and not sight.promoted:
        late = now - sight.stopped > RECOVERS_WITHIN
        why = f"its execution is {sight.status}, and Recover has not restored it"
        return one.at(Stage.UNCERTAIN, now, error="RollBackIncomplete", summary=why) if late else one
    if ended == "released" or (sight.promoted and not ended):
        stage = Stage.BACK if one.stage is Stage.GOING_BACK else Stage.RELEASED
        return one.at(stage, now, error="", summary=sight.outcome, moved=True)
    error = sight.error or ended or str(sight.status)
    summary = sight.outcome or sight.cause or f"its execution is {sight.status}"
    stage = Stage.UNCERTAIN if one.stage is Stage.GOING_BACK else Stage.UNCHANGED
    moved = one.moved or ended in {ROLLED_BACK, "recovered", "superseded"}
    return one.at(stage, now, error=error, summary=summary, moved=moved)


def _missing(one: RegionRelease, now: int, *, stops: bool) -> RegionRelease:
    if now - one.since < APPEARS_WITHIN:
        return one
    before = {Stage.CHECKING: Stage.WAITING, Stage.RELEASING: Stage.CHECKED, Stage.GOING_BACK: Stage.RELEASED}
    if stops and one.stage is Stage.RELEASING:
        return one.at(Stage.UNCHANGED, now, summary="its release did not start", execution="")
    return replace(one, stage=before[one.stage])


def _checked(one: RegionRelease, sight: RegionSight, now: int) -> RegionRelease:
    if sight.running:
        return one
    if sight.status == "SUCCEEDED":
        return one.at(Stage.CHECKED, now)
    return one.at(Stage.UNCHANGED, now, error=sight.error or str(sight.status), summary=sight.cause)


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
    Stage.UNCERTAIN: "may not be as before",
}


def listed(items: Iterable[Item]) -> tuple[RegionRelease, ...]:
    """Return the Regions among the items of a release, in the order of its request."""
    return tuple(RegionRelease.of(item) for item in items if sort_key(item).startswith(REGION))


def told(regions: Sequence[RegionRelease]) -> str:
    """Say in one sentence where each Region is."""
    return "; ".join(f"{one.region} ({one.account}) is {SAID[one.stage]}" for one in regions)
