"""A release of several Regions: what each of them is doing, and what is to be done next."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

from tidegate.domain.ledger_items import REGION, Item, sort_key
from tidegate.domain.partition import execution_link
from tidegate.domain.schedule import DAY, HOUR, MINUTE

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
    if not ended and sight.running:
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


def has_failed(regions: Sequence[RegionRelease]) -> bool:
    return any(one.stage in FAILED for one in regions)


def due(regions: Sequence[RegionRelease], *, stops: bool, roll_back: bool) -> list[tuple[int, Act]]:
    """Return what to do now, by the place of each Region in the list.

    All Regions are checked first. A group starts when every Region before it is released. After a failure, or if the
    release `stops`, nothing is started any more. With `roll_back`, releases under way are then stopped, and Regions
    that are released go back, the last group first; otherwise only a release that `stops` stops them.
    """
    if not (stops or has_failed(regions)):
        return list(_forward(regions))
    under_way = [place for place, one in enumerate(regions) if one.stage in UNDER_WAY]
    if under_way:
        running = (place for place in under_way if regions[place].stage is Stage.RELEASING)
        return [(place, Act.STOP) for place in running] if stops or roll_back else []
    released = [place for place, one in enumerate(regions) if one.stage is Stage.RELEASED]
    if not released or not roll_back:
        return []
    last = max(regions[place].group for place in released)
    return [(place, Act.GO_BACK) for place in released if regions[place].group == last]


def _forward(regions: Sequence[RegionRelease]) -> Iterator[tuple[int, Act]]:
    unchecked = [place for place, one in enumerate(regions) if one.stage in {Stage.WAITING, Stage.CHECKING}]
    if unchecked:
        yield from ((place, Act.CHECK) for place in unchecked if regions[place].stage is Stage.WAITING)
        return
    left = [one.group for one in regions if one.stage is not Stage.RELEASED]
    for place, one in enumerate(regions):
        if left and one.group == min(left) and one.stage is Stage.CHECKED:
            yield place, Act.START


def goes_on(regions: Sequence[RegionRelease], *, stops: bool) -> bool:
    """Return whether there is something to wait for, once everything due is done."""
    if stops or has_failed(regions):
        return any(one.stage in UNDER_WAY for one in regions)
    return any(one.stage is not Stage.RELEASED for one in regions)


def outcome(regions: Sequence[RegionRelease]) -> str:
    """Return the outcome's word of a release that has nothing to wait for."""
    stages = {one.stage for one in regions}
    if stages == {Stage.RELEASED}:
        return RELEASED
    if stages & {Stage.RELEASED, Stage.UNCERTAIN}:
        return PARTLY
    return ROLLED_BACK if any(one.moved for one in regions) else REFUSED


def first_failure(regions: Sequence[RegionRelease]) -> RegionRelease | None:
    """Return the Region that failed first; a Region that was stopped because of it did not fail."""
    failed = [one for one in regions if one.stage in {Stage.UNCHANGED, Stage.UNCERTAIN} and one.error != STOPPED]
    return min(failed, key=lambda one: one.since, default=None)


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


def request_back(record: Mapping[str, Any], release: str) -> dict[str, Any] | None:
    """Return the request that takes a Region back, from the record of its release; None if nothing can go back."""
    targets = [
        {"function": each["function"], "alias": each["alias"], "version": each["snapshot"]["version"]}
        for each in record["plan"]["targets"]
        if each.get("snapshot")
    ]
    if not targets:
        return None
    # The version served until a few minutes ago: a probe, or a comparison, would only delay it.
    return {
        "targets": [{**each, "probe": {"kind": "none"}, "again": True} for each in targets],
        "strategy": "all-at-once",
        "analysis": {"after": {"on_worse": "ignore"}},
        "drain": {"watch": False},
        "labels": {"parent": release, "emergency": f"release {release} failed in another Region"},
    }


def pause(age: int) -> int:
    """Return the seconds until the next poll of a release that began so many seconds ago.

    About nine events each: 14 days of it fit into the 25,000 events of an execution's history.
    """
    return 15 if age < 10 * MINUTE else MINUTE if age < 6 * HOUR else 5 * MINUTE if age < 2 * DAY else 15 * MINUTE
