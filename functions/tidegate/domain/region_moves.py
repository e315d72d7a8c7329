"""What is due in a release of several Regions, when it is over, and how it ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.foreign_text import shortened
from tidegate.domain.ledger_items import Item
from tidegate.domain.region_releases import (
    ASKED,
    FAILED,
    PARTLY,
    REFUSED,
    RELEASED,
    ROLLED_BACK,
    STOPPED,
    UNDER_WAY,
    Act,
    RegionRelease,
    Stage,
)
from tidegate.domain.request.regions import PARENT
from tidegate.domain.rollout.proof import NOT_COMPARED, NOT_PROVEN
from tidegate.domain.schedule import DAY, HOUR, MINUTE
from tidegate.domain.truncation import first_sentences


def has_failed(regions: Sequence[RegionRelease]) -> bool:
    return any(one.stage in FAILED for one in regions)


def due(regions: Sequence[RegionRelease], *, stops: bool, roll_back: bool) -> list[tuple[int, Act]]:
    """Return what to do now, by the place of each Region in the list.

    All Regions are checked first. A group starts when every Region before it is released. After a failure, or if the
    release `stops`, nothing is started any more. With `roll_back`, releases under way are then stopped, and Regions
    that are released go back, the last group first, unless all are released; a Region that is lost is not awaited.
    Otherwise only a release that `stops` stops them.
    """
    if not (stops or has_failed(regions)):
        return list(_forward(regions))
    under_way = [place for place, one in enumerate(regions) if one.stage in UNDER_WAY]
    running = [(place, Act.STOP) for place in under_way if regions[place].stage is Stage.RELEASING]
    stopping = running if stops or roll_back else []
    released = [place for place, one in enumerate(regions) if one.stage is Stage.RELEASED]
    awaited = any(not regions[place].lost for place in under_way)
    if awaited or not roll_back or len(released) in {0, len(regions)}:
        return stopping
    last = max((regions[place].group for place in released if not regions[place].lost), default=None)
    back = (place for place in released if regions[place].lost or regions[place].group == last)
    return [*stopping, *((place, Act.GO_BACK) for place in back)]


def _forward(regions: Sequence[RegionRelease]) -> Iterator[tuple[int, Act]]:
    unchecked = [place for place, one in enumerate(regions) if one.stage in {Stage.WAITING, Stage.CHECKING}]
    if unchecked:
        yield from ((place, Act.CHECK) for place in unchecked if regions[place].stage is Stage.WAITING)
        return
    left = [one.group for one in regions if one.stage is not Stage.RELEASED]
    for place, one in enumerate(regions):
        if left and one.group == min(left) and one.stage is Stage.CHECKED:
            yield place, Act.START


def goes_on(regions: Sequence[RegionRelease], *, stops: bool, roll_back: bool) -> bool:
    """Return whether there is something to wait for, or something due that could not be done now."""
    if any(one.stage in ASKED for one in regions):
        return True
    return bool(due(regions, stops=stops, roll_back=roll_back))


def released_since(released_by: Mapping[str, str], release: str, back: str) -> list[str]:
    """Return the targets of a release that a later one has released, from the last release of each since its start.

    Not those that it rolled `back` itself, the beginning of the names of these releases.
    """
    return [target for target, last in released_by.items() if last != release and not last.startswith(back)]


def request_back(targets: Sequence[Item], release: str, execution: str) -> dict[str, Any] | None:
    """Return the request that rolls a Region back, from the targets in its record; None if nothing can go back.

    The last wave goes first. `release` failed, and is the `execution` with this ARN.
    """
    last = max((each.get("wave", 1) for each in targets), default=1)
    back = [
        {
            "function": each["function"],
            "alias": each["alias"],
            "version": each["snapshot"]["version"],
            "wave": last + 1 - each.get("wave", 1),
        }
        for each in targets
        if each.get("snapshot")
    ]
    if not back:
        return None
    # The version served until a few minutes ago: a probe, or a comparison, would only delay it.
    return {
        "targets": [{**each, "probe": {"kind": "none"}, "again": True, "unmoved": True} for each in back],
        "strategy": "all-at-once",
        "analysis": {"after": {"on_worse": "ignore"}},
        "drain": {"watch": False},
        "labels": {PARENT: execution, "emergency": f"release {release} failed in another Region"},
    }


EXECUTION_ENDED = "ExecutionEnded"
"""Why Recover stops a release: its execution will not end it."""

LONGEST = 2000
"""Characters of a reason of one Region; a Fail state's Cause has 32,768 at most, with where all Regions are."""

NAMED = 5
"""Failed Regions whose reasons are in a cause; the report has all."""


@dataclass(frozen=True)
class StopReason:
    """Why the release stops: the name of an error, and a sentence."""

    error: str
    cause: str


def outcome(regions: Sequence[RegionRelease]) -> str:
    """Return the outcome's word of a release that has nothing to wait for."""
    stages = {one.stage for one in regions}
    if stages == {Stage.RELEASED}:
        return RELEASED
    if stages & {Stage.RELEASED, Stage.UNCERTAIN}:
        return PARTLY
    return ROLLED_BACK if any(one.moved for one in regions) else REFUSED


def proof_of_all(regions: Sequence[RegionRelease]) -> tuple[str, tuple[str, ...]]:
    """Return what the promotion in all Regions lacks, "" if nothing, and in which of them; () for all."""
    lacking = {one.name: one.proof for one in regions if one.proof}
    worst = next((each for each in (NOT_PROVEN, NOT_COMPARED) if each in lacking.values()), "")
    return worst, tuple(lacking) if len(lacking) < len(regions) else ()


def failures(regions: Sequence[RegionRelease]) -> list[RegionRelease]:
    """Return the Regions that failed, the first one first; one that was stopped because of another did not fail."""
    failed = [one for one in regions if one.stage in {Stage.UNCHANGED, Stage.UNCERTAIN} and one.error != STOPPED]
    return sorted(failed, key=lambda one: one.since)


def ended(regions: Sequence[RegionRelease], reason: StopReason | None) -> tuple[str, StopReason]:
    """Return the outcome's word, and why it is not `released`; `reason` is why the release stopped, if it did."""
    failed = failures(regions)
    if reason and not (failed and reason.error == EXECUTION_ENDED):
        return outcome(regions), reason
    # The failure of a Region, also before an execution that ended by itself.
    said = [f"{one.region} ({one.account}): {shortened(one.summary, LONGEST)}" for one in failed]
    return outcome(regions), StopReason(failed[0].error if failed else "", first_sentences(said, NAMED))


SOON = 15
"""Seconds until the next poll at first, and after an event: an end may take a moment to show."""


def pause(age: int, since_event: int | None = None) -> int:
    """Return the seconds until the next poll of a release that began so many seconds ago, if no event ends them.

    `since_event` are the seconds since the last event. About 13 events of the history each: 13 days of it fit into the
    25,000 of an execution.
    """
    if age < 10 * MINUTE or (since_event is not None and since_event < MINUTE):
        return SOON
    return MINUTE if age < 6 * HOUR else 5 * MINUTE if age < 2 * DAY else 20 * MINUTE
