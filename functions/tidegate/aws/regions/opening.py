"""Opening a release of several Regions: its request, its record, and the lock by which Recover finds it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.aws.announcements import announce
from tidegate.aws.ledger import locks, records, region_items
from tidegate.aws.ledger.index import Heading, enlist
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.events.timeline import begun
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.region_releases import RegionRelease
from tidegate.domain.request.limits import ANYTHING, Settings
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import parse_request
from tidegate.domain.request.regions import request_of
from tidegate.domain.schedule import DAY
from tidegate.domain.strategy import Strategy

LONGEST = 13 * DAY
"""Seconds that such a release may take: a day less than its execution."""

LONGEST_STACK = 25
"""Characters of this stack's name: with more, CloudFormation shortens the names of its roles (docs/regions.md)."""

ANY_FUNCTION = ("any",)
"""The functions of a request that selects them: each Region finds its own."""


def is_of_regions(raw: Any) -> bool:
    return isinstance(raw, Mapping) and bool(raw.get("regions"))


def opened(raw: Mapping[str, Any], heading: Heading, now: int, settings: Settings, *, attempt: int) -> dict[str, Any]:
    """Validate the request for each Region, record the release, and announce it; nothing is asked of a Region yet.

    Returns the answer of Plan.

    Raises
    ------
    InvalidRequest
        With the problems of the request, of that for the first Region that has some.
    ReleaseExists
        When there is a release of this name.
    """
    request, release, execution = _read(raw), heading.name, heading.execution
    if not settings.regions_role:
        raise InvalidRequest(
            ['regions: this stack releases in its own Region only: deploy it with RegionsRole; example: "regions": []']
        )
    own = settings.own_prefix.removesuffix("-")
    if len(own) > LONGEST_STACK:
        problem = (
            f"regions: the role in each account cannot trust the stack {own}: release with a stack whose name has "
            f'{LONGEST_STACK} characters at most, or in this Region only; example: "regions": []'
        )
        raise InvalidRequest([problem])
    found = _regions(request, settings)
    for one in found:
        _read(request_of(raw, execution, one.region, one.account))
    plan = _plan(request, found, now, settings)
    labels, lock = dict(request.labels), region_items.lock_of(release)
    writes = locks.requests(release, execution, now, {lock: None}, attempt=attempt)
    opening = records.opening(release, execution, now, labels, plan, attempt=attempt)
    locks.take(release, [lock], writes, opening=opening)
    for place, one in enumerate(found):
        region_items.write(release, place, one, started=now, expires=plan.expires)
    enlist(release, now, [], plan.expires)
    announce(
        replace(heading, labels=labels), begun(release, {"started": now, "labels": labels, "plan": plan.document()})
    )
    return {
        "next": "regions",
        "summary": f"release {plan.order_of_regions}, each by Tidegate there",
        "settings": settings.model_dump(mode="json"),
        "targets": [],
    }


def _read(raw: Mapping[str, Any]) -> Request:
    """Read a request without the limits of this stack: those of each Region's own apply there."""
    return parse_request(raw, limits=ANYTHING, functions=ANY_FUNCTION)


def _regions(request: Request, settings: Settings) -> list[RegionRelease]:
    own = settings.own_prefix.removesuffix("-")
    found = [
        RegionRelease(each.region, each.account or settings.account, each.stack or own, group)
        for group, members in enumerate(request.regions)
        for each in members
    ]
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InvalidRequest([f'regions: {twice} is listed twice; example: "regions": [["eu-west-1"], ["us-east-1"]]'])
    return found


def _plan(request: Request, found: list[RegionRelease], now: int, settings: Settings) -> ReleasePlan:
    analysis, deadline = request.analysis, now + LONGEST
    groups = range(len(request.regions))
    return ReleasePlan(
        targets=(),
        strategy=Strategy(request.strategy.name, (), "hold", bakes_on=False),
        alpha=analysis.alpha,
        min_effect=analysis.min_effect,
        max_bake_minutes=0,
        on_inconclusive=analysis.on_inconclusive,
        max_hold_minutes=0,
        deadline=deadline,
        expires=deadline + settings.retention_days * DAY,
        event_bus=settings.event_bus,
        regions=tuple(tuple(one.region for one in found if one.group == group) for group in groups),
        regions_on_failure=request.regions_on_failure,
        regions_role=settings.regions_role,
    )
