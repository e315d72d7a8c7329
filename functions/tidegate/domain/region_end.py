"""How a release of several Regions ended, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.domain.foreign_text import shortened
from tidegate.domain.region_releases import (
    PARTLY,
    REFUSED,
    RELEASED,
    ROLLED_BACK,
    STOPPED,
    RegionRelease,
    Stage,
)
from tidegate.domain.truncation import first_sentences

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
