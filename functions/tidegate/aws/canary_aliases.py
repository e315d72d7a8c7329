"""The aliases that carry the canaries of routed users: planned, checked, and put on stable before any traffic."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias, at_once
from tidegate.aws.ledger import locks, optional, records, routes
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import AliasMoved, InvalidRequest
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.request.models import Request
from tidegate.domain.request.routing import UserRouting
from tidegate.domain.routing import CANARY, STABLE, Routing, canary_alias, routed_alias


def planned(plan: ReleasePlan, request: Request, release: str) -> ReleasePlan:
    """Return the plan of a release that routes users, if the request wants that.

    Raises
    ------
    InvalidRequest
        When it names an earlier release that is not known, or routed no users.
    """
    wanted = request.routing
    if wanted is None:
        return plan
    routing = Routing(_salt(wanted, release), wanted.log_groups, wanted.always, wanted.never)
    return replace(plan, routing=routing, targets=tuple(replace(each, channel=STABLE) for each in plan.targets))


def _salt(wanted: UserRouting, release: str) -> str:
    if wanted.cohort:
        return f"cohort:{wanted.cohort}"  # no release has a colon in its name
    if wanted.same_users_as is None:
        return release
    record = records.record_of(wanted.same_users_as) or {}
    routing = record.get("plan", {}).get("routing")
    if not routing:
        found = "routed no users" if record else "is not in the ledger"
        problem = f'routing.same_users_as: release {wanted.same_users_as} {found}; example: "routing": "users"'
        raise InvalidRequest([problem])
    return str(routing["salt"])


def carriers(plan: ReleasePlan) -> list[TargetPlan]:
    return [each for each in plan.aliases if each.channel == CANARY]


def obstacles(plan: ReleasePlan, left_behind: Mapping[str, AliasState | None]) -> list[str]:
    """Return reasons not to use the aliases: who does not know them may send calls there.

    One that a release in `left_behind` has locked is in our hands.
    """
    ours = [each for each in carriers(plan) if each.name not in left_behind]
    return [problem for problem in at_once(_obstacle, ours) if problem]


def _obstacle(carrier: TargetPlan) -> str:
    found = aliases.read(carrier.function, carrier.alias)
    if found is None or found.state == carrier.snapshot:
        return ""
    document = routes.read(carrier.function, routed_alias(carrier.alias))
    if routes.is_closed(document, carrier.alias):
        return ""
    users = f"its document {_sent(document)}" if document else "no release of Tidegate moved it"
    return (
        f"routing: {carrier.name} carries the canary of routed users, but it is {found.state}, and {users}; put it on "
        f"version {carrier.stable} first; example: aws lambda update-alias --function-name {carrier.function} --name "
        f"{carrier.alias} --function-version {carrier.stable} --routing-config AdditionalVersionWeights={{}}"
    )


def _sent(document: Mapping[str, Any]) -> str:
    if routes.sends(document):
        named = len(document.get("always") or ())
        return f"sends {document.get('percent')} % of the users there, and {named} by name"
    return "is not as a release left it"


def put_on_stable(plan: ReleasePlan, release: str) -> None:
    """Create the aliases, or move them to stable; they are locked. Then tell callers to send no share there yet.

    Until every caller has read that, it may send users by what a document said before.
    """

    def one(carrier: TargetPlan) -> None:
        found: Alias | None = aliases.read(carrier.function, carrier.alias)
        if found is None:
            aliases.create(carrier.function, carrier.alias, str(carrier.stable))
        elif found.state != carrier.snapshot:
            fence = lambda: locks.require([carrier.name], release)  # noqa: E731 - it is one call
            aliases.move(found, AliasState(str(carrier.stable)), fence=fence)

    at_once(one, carriers(plan), calls=2)
    if plan.routing and _routed(plan):
        routes.widen(_routed(plan), plan.routing, 0, release, int(time.time()))


def _routed(plan: ReleasePlan) -> list[TargetPlan]:
    return [each for each in plan.targets if each.aliases != (each,)]


def leave(plan: ReleasePlan, release: str) -> None:
    """Close the documents of a release that is refused after all, unless another try of Plan took it on."""
    with optional.logged(f"the documents of {release}", insist=False):
        for each in _routed(plan):
            routes.close(each.function, each.alias, release, begun=False)


def quiet_at(plan: ReleasePlan, release: str) -> int:
    """Return when the canaries may get traffic, in seconds since 1970; 0 if no users are routed.

    A release that ended a moment ago had perhaps half of the users on its canary. Callers who have not read yet that it
    ended would send all of them to this release's.
    """
    return routes.quiet_at(_routed(plan), release) if plan.routing else 0


def follow(plan: ReleasePlan) -> None:
    """Move aliases that carried a canary before along with a release that routes no users; their targets are locked.

    So a decision that waits in a queue, or in a filter, never meets a version that has since been replaced. One that a
    release has locked as its target is used for something else.
    """

    def one(target: TargetPlan) -> None:
        found = aliases.read(target.function, canary_alias(target.alias))
        wanted = AliasState(str(target.canary))
        if found and found.state.whole and found.state != wanted:
            with suppress(AliasMoved):  # somebody else is moving it
                aliases.move(found, wanted, fence=lambda: None)

    ours = routes.closed([each for each in plan.targets if not each.channel and not each.live])
    held = {lock.target for lock in locks.read([f"{each.function}:{canary_alias(each.alias)}" for each in ours])}
    at_once(one, [each for each in ours if f"{each.function}:{canary_alias(each.alias)}" not in held], calls=2)


def names(request: Request) -> Sequence[str]:
    """Return the aliases that a release of this request may move, as FUNCTION:ALIAS."""
    targets = [TargetPlan(each.function, each.alias, AliasState(""), 0) for each in request.targets]
    if request.routing:
        targets = [replace(each, channel=STABLE) for each in targets]
    return [alias.name for each in targets for alias in each.aliases]
