"""What is due in a release of several Regions, when it is over, and how it ended."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.ledger_items import Item
from tidegate.domain.region_releases import (
    ASKED,
    FAILED,
    UNDER_WAY,
    Act,
    RegionRelease,
    Stage,
)
from tidegate.domain.request.regions import PARENT
from tidegate.domain.schedule import DAY, HOUR, MINUTE


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
        "targets": [{**each, "probe": {"kind": "none"}, "again": True} for each in back],
        "strategy": "all-at-once",
        "analysis": {"after": {"on_worse": "ignore"}},
        "drain": {"watch": False},
        "labels": {PARENT: execution, "emergency": f"release {release} failed in another Region"},
    }


def pause(age: int) -> int:
    """Return the seconds until the next poll of a release that began so many seconds ago.

    About nine events each: 14 days of it fit into the 25,000 events of an execution's history.
    """
    return 15 if age < 10 * MINUTE else MINUTE if age < 6 * HOUR else 5 * MINUTE if age < 2 * DAY else 15 * MINUTE
