"""Which targets of a request go back to an earlier version: a freeze does not block those."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import freezes, index, reading, records
from tidegate.aws.ledger.reading import Item
from tidegate.domain.control.freeze import in_spite_of
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.request.models import Request, TargetRequest

MOST_LISTED = 2000
"""Releases of all functions, the newest first, among which those of an alias are looked for."""

MOST_READ = 100
"""Releases of the alias whose records are read."""

EMERGENCY = "emergency"
"""The label with the reason for an emergency."""


UNDER_FREEZE = {
    True: ". A freeze does not block a release back to a version that was live before: tidegate rollback FUNCTION",
    False: ". The freeze also blocks roll backs, because the stack's parameter RollBackUnderFreeze is false",
}
"""Advice to a frozen release, by whether a release back to an earlier version runs under a freeze."""


def refuse_frozen(request: Request, now: int, *, allowed: bool) -> None:
    """Refuse frozen functions; `allowed`: except targets that go back.

    Raises
    ------
    Frozen
        When a freeze covers one of them.
    """
    if freezes.covering([target.function for target in request.targets], now):
        back = going_back(request) if allowed else frozenset()
        blocked = [target.function for target in request.targets if _name(target) not in back]
        freezes.refuse(blocked, now, advice=UNDER_FREEZE[allowed])


def noted(plan: ReleasePlan, request: Request, now: int, *, allowed: bool) -> ReleasePlan:
    """Return the plan with the targets that go back, which no freeze blocks, and the freeze that covers one now."""
    back = going_back(request) if allowed else frozenset()
    if not back:
        return plan
    targets = tuple(replace(target, goes_back=target.name in back) for target in plan.targets)
    freeze = freezes.covering([target.function for target in targets if target.goes_back], now)
    return replace(plan, targets=targets, despite_freeze=in_spite_of(freeze) if freeze else "")


def going_back(request: Request) -> frozenset[str]:
    """Name the targets (`function:alias`) whose requested version was live before by the records of releases.

    In an emergency, with a reason as a label, a version that is older than the live one is sufficient: a version may
    have been live before Tidegate was deployed.
    """
    emergency = bool(request.labels.get(EMERGENCY))
    return frozenset(
        _name(each)
        for each in request.targets
        if each.version and (_was_live(each, each.version) or (emergency and _is_older(each, each.version)))
    )


def _name(target: TargetRequest) -> str:
    return f"{target.function}:{target.alias}"


def _was_live(target: TargetRequest, version: str) -> bool:
    """Return whether a release of the alias found this version live."""
    return any(version == found for found in _found_live(_name(target)))


def _found_live(target: str) -> Iterator[str | None]:
    listed = (past for past in islice(index.listed(), MOST_LISTED) if target in past.targets)
    for past in islice(listed, MOST_READ):
        record = records.record_of(past.name)
        yield from reading.each([record] if record else [], lambda item: _snapshot(item, target))


def _snapshot(record: Item, target: str) -> str | None:
    """Return the version of a target before a release; None if the release created the alias."""
    planned = next(each for each in record["plan"]["targets"] if f"{each['function']}:{each['alias']}" == target)
    return planned["snapshot"] and str(planned["snapshot"]["version"])


def _is_older(target: TargetRequest, version: str) -> bool:
    found = aliases.read(target.function, target.alias)
    live = found.state.version if found else ""
    return live.isdecimal() and int(version) < int(live)
