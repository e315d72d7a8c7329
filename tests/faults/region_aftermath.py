"""What is left of a faulted release of two Regions, and what must be true of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.aftermath import Timeline
from tests.faults.bars import Bars
from tests.faults.region_troubles import ParentDisturbed
from tests.faults.regions import HERE, THERE, Regions
from tests.faults.scenario import STABLE

CANARY = "2"
ON_NEW, ON_OLD = {"released"}, {"waiting", "checking", "checked", "unchanged", "back"}
"""Stages of a Region in the ledger, by the version that its alias is then on; of others nobody can tell."""


@dataclass(frozen=True)
class Execution:
    """One execution, of the parent or of a Region, and its record."""

    name: str
    status: str
    error: str
    cause: str
    ended_at: float
    record: Mapping[str, Any] | None

    @property
    def outcome(self) -> str:
        """What the ledger calls it."""
        return str(self.record.get("ended", "open")) if self.record else "refused"

    @property
    def is_check(self) -> bool:
        return self.name.endswith("-check")


@dataclass(frozen=True)
class There:
    """A Region: its stage in the parent's record, its alias, its executions and its locks."""

    stage: str
    line: Timeline
    executions: tuple[Execution, ...]
    locks: tuple[str, ...]

    @property
    def unknown(self) -> bool:
        """Whether a release timed out before its record: nothing then tells which versions were there before."""
        return any(each.status == "TIMED_OUT" and each.record is None for each in self.executions)

    @property
    def moved(self) -> bool:
        return any(state != (STABLE, {}) for state in self.line.states)


@dataclass(frozen=True)
class RegionsAftermath:
    release: Regions
    parent: Execution
    places: Mapping[str, There]
    running: tuple[str, ...]
    ended_by_others: frozenset[str]
    bars: Bars
    struck: tuple[str, ...]
    healing: None = None

    @property
    def outcome(self) -> str:
        return self.parent.outcome

    @property
    def on_new(self) -> list[str]:
        return [region for region, there in self.places.items() if there.line.last == (CANARY, {})]

    @property
    def disturbed(self) -> bool:
        """Whether something kept a Region from going back, or the parent from seeing where it is."""
        backs = any("-back" in name for name in self.ended_by_others)
        unknown = any(there.unknown for there in self.places.values())
        return backs or unknown or ParentDisturbed.kind in self.struck

    def violations(self) -> Iterator[str]:
        for holds in INVARIANTS:
            yield from holds(self)


def every_region_is_whole_and_where_the_record_says(after: RegionsAftermath) -> Iterator[str]:
    for region, there in after.places.items():
        allowed = [CANARY] if there.stage in ON_NEW else [STABLE] if there.stage in ON_OLD else [STABLE, CANARY]
        if there.line.last not in [(version, {}) for version in allowed]:
            yield f"{region} is {there.line.last} and called {there.stage}; it was {there.line.states}"
        if after.parent.record and there.stage not in ON_NEW | ON_OLD and not after.disturbed:
            yield f"{region} is called {there.stage}"


def every_region_is_whole_in_time(after: RegionsAftermath) -> Iterator[str]:
    for region, there in after.places.items():
        for each in there.executions:
            by = each.ended_at + after.bars.whole
            others = any(other.ended_at > each.ended_at for other in there.executions if not other.is_check)
            if not others and not each.is_check and there.line.settled_at > by:
                late = there.line.settled_at - each.ended_at
                yield f"{region} was whole only {late:.0f} s after the end of {each.name}"


def all_or_none_of_the_regions_are_released(after: RegionsAftermath) -> Iterator[str]:
    """With `rollback`, unless what goes back is ended by others; with `leave`, the first may stay released."""
    if len(after.on_new) in {0, len(after.places)} or after.disturbed:
        return
    if after.release.on_failure == "rollback":
        yield f"{after.on_new} alone is on the new version, and a failure rolls back"
    elif not after.release.together and after.on_new != [HERE]:
        yield f"{after.on_new} alone is on the new version"


def the_second_group_waits_for_the_first(after: RegionsAftermath) -> Iterator[str]:
    first, second = after.places[HERE].line, after.places[THERE].line
    for at, state in second.writes[1:] if not after.release.together else ():
        if state != (STABLE, {}) and first.at(at) != (CANARY, {}):
            yield f"{THERE} was {state} while {HERE} was {first.at(at)}"
        return


def one_record_tells_how_it_ended(after: RegionsAftermath) -> Iterator[str]:
    told, count = after.parent.outcome, len(after.on_new)
    if told == "open":
        yield f"the record of {after.parent.name} is open: {after.parent.status}"
    elif told == "refused" and (count or any(there.moved for there in after.places.values())):
        yield f"{after.parent.name} is called refused, and an alias moved"
    elif (told == "released") != (count == len(after.places)) or (told == "rolled-back" and count):
        yield f"{after.parent.name} is called {told}, and {after.on_new or 'no Region'} is on the new version"
    elif told == "partly-released" and not count and not after.disturbed:
        yield f"{after.parent.name} is called {told}, and no Region is on the new version"
    for each in (each for there in after.places.values() for each in there.executions):
        if each.outcome == "open":
            yield f"the record of {each.name} is open: {each.status}"


def the_execution_tells_the_truth(after: RegionsAftermath) -> Iterator[str]:
    parent = after.parent
    if parent.status == "SUCCEEDED" and parent.outcome != "released":
        yield f"{parent.name} SUCCEEDED and is {parent.outcome}"
    if parent.status == "FAILED" and parent.outcome == "released":
        yield f"{parent.name} FAILED ({parent.error}: {parent.cause}) and is released"
    if parent.status == "FAILED" and (not parent.error or not parent.cause or parent.error.startswith("States.")):
        yield f"{parent.name} FAILED and does not say why: {parent.error!r}, {parent.cause!r}"


def nothing_runs_and_nothing_is_locked(after: RegionsAftermath) -> Iterator[str]:
    if after.running:
        yield f"still running: {', '.join(after.running)}"
    for region, there in after.places.items():
        if there.locks:
            yield f"still locked in {region}: {', '.join(there.locks)}"


def what_nothing_struck_ends_as_its_versions_deserve(after: RegionsAftermath) -> Iterator[str]:
    """Else all would hold where every release is refused, or no function runs."""
    failing = [region for region in after.places if after.release.fails(region)]
    if not after.struck and (after.outcome == "released") != (not failing):
        why = f"{after.parent.error}: {after.parent.cause}"
        yield f"nothing struck {after.parent.name}, whose versions fail in {failing}, and it is {after.outcome} ({why})"


INVARIANTS: tuple[Callable[[RegionsAftermath], Iterator[str]], ...] = (
    every_region_is_whole_and_where_the_record_says,
    every_region_is_whole_in_time,
    all_or_none_of_the_regions_are_released,
    the_second_group_waits_for_the_first,
    one_record_tells_how_it_ended,
    the_execution_tells_the_truth,
    nothing_runs_and_nothing_is_locked,
    what_nothing_struck_ends_as_its_versions_deserve,
)
