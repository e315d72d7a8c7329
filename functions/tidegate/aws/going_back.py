"""Which targets of a request go back to an earlier version: neither a freeze nor a finding of ours blocks those.

But a request may ask that only an alias is moved that nobody else has moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import freezes, history, index
from tidegate.domain.alias import AliasState
from tidegate.domain.control.freeze import in_spite_of
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.request.models import Request, TargetRequest

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


def noted(plan: ReleasePlan, back: frozenset[str], now: int) -> ReleasePlan:
    """Return the plan with the targets that go `back`, which no freeze blocks, and the freeze that covers one now."""
    if not back:
        return plan
    targets = tuple(replace(target, goes_back=target.name in back) for target in plan.targets)
    freeze = freezes.covering([target.function for target in targets if target.goes_back], now)
    return replace(plan, targets=targets, despite_freeze=in_spite_of(freeze) if freeze else "")


def is_urgent(request: Request, back: frozenset[str]) -> bool:
    """Return whether no finding of ours may refuse a release: in an emergency, or if every target goes `back`."""
    return bool(request.labels.get(EMERGENCY)) or back == {_name(each) for each in request.targets}


def going_back(request: Request) -> frozenset[str]:
    """Name the targets (`function:alias`) whose requested version was live before by the records of releases.

    In an emergency, with a reason as a label, a version that is older than the live one is sufficient: a version may
    have been live before Tidegate was deployed.
    """
    wanted = {_name(each): each for each in request.targets if each.version}
    emergency = bool(request.labels.get(EMERGENCY))
    before = _were_live({name: str(each.version) for name, each in wanted.items()})
    return before | {name for name in wanted.keys() - before if emergency and _is_older(wanted[name])}


def moved(request: Request, states: Sequence[Inspected]) -> list[str]:
    """Return a problem for each alias that must be where the last release left it, and is at another version.

    One that is on the requested version already is as it should be.
    """
    return [
        f"unmoved: somebody has moved {_name(each)} since version {live} was released: it is "
        f'{found.alias or "gone"}; example: "unmoved": false'
        for each, found in zip(request.targets, states, strict=True)
        if each.unmoved
        and (live := history.live_version(_name(each)))
        and found.alias not in (AliasState(live), AliasState(str(each.version)))
    ]


def _name(target: TargetRequest) -> str:
    return f"{target.function}:{target.alias}"


def _were_live(wanted: Mapping[str, str]) -> frozenset[str]:
    """Return the targets whose wanted version a release found live."""
    found = set[str]()
    for move in index.past_moves(wanted) if wanted else ():
        if move.before == wanted[move.target]:
            found.add(move.target)
        if len(found) == len(wanted):
            break
    return frozenset(found)


def _is_older(target: TargetRequest) -> bool:
    found = aliases.read(target.function, target.alias)
    live = found.state.version if found else ""
    return live.isdecimal() and int(str(target.version)) < int(live)
