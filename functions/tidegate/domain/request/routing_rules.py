"""Rules about releases whose users are routed."""

from collections.abc import Iterator
from typing import Any

from tidegate.domain.request.as_written import Target
from tidegate.domain.request.limits import Limits, matches
from tidegate.domain.request.models import Request
from tidegate.domain.request.permitted import not_among
from tidegate.domain.request.problems import Problem
from tidegate.domain.request.routing import LONGEST_LOG_GROUP, MOST_LOG_GROUPS
from tidegate.domain.routing import SUFFIX, USERS, routed_alias

MOST_ROUTED = 50
"""Targets whose users are routed: their documents change in one transaction, so that a user meets all canaries or none.
Each of them needs the check of a lock, and a transaction has a hundred items at most (DynamoDB quotas)."""
LONGEST_ALIAS = 128
"""Characters (Lambda API reference, CreateAlias)."""


def routing_problems(document: dict[str, Any], targets: list[Target], limits: Limits) -> Iterator[Problem]:
    """Find what cannot be released by users."""
    routing = document.get("routing")
    if routing is None:
        return
    if isinstance(routing, dict):
        yield from _contradictions(routing)
        yield from _unread_logs(routing, limits)
    if len(targets) > MOST_ROUTED:
        text = f"routes users of {len(targets)} targets, more than the limit of {MOST_ROUTED}: release them in two"
        yield Problem(("routing",), text, '"routing": {"mode": "users", "cohort": "checkout-flow"}')
    yield from _several_aliases(targets)
    for location, fields in targets:
        alias = fields.get("alias")
        if not isinstance(alias, str):
            continue
        if carried := routed_alias(alias):
            text = f'"{alias}" carries the canary of "{carried}" when users are routed: release that alias'
            yield Problem((*location, "alias"), text, f'"alias": "{carried}"')
        elif len(alias) + len(SUFFIX) > LONGEST_ALIAS:
            text = f"is too long to be followed by {SUFFIX}, the alias that carries the canary of the routed users"
            yield Problem((*location, "alias"), text, '"alias": "live"')


def _several_aliases(targets: list[Target]) -> Iterator[Problem]:
    """Find aliases of one function: a line says whose call failed, and of which function, but names no alias."""
    first: dict[str, Any] = {}
    for location, fields in targets:
        function, alias = fields.get("function"), fields.get("alias")
        if isinstance(function, str) and first.setdefault(function, alias) != alias:
            text = f'has two aliases of "{function}", but users are judged by function: release one after the other'
            yield Problem((*location, "alias"), text, '"routing": "users"')


def _contradictions(routing: dict[str, Any]) -> Iterator[Problem]:
    if routing.get("cohort") is not None and routing.get("same_users_as") is not None:
        text = "chooses the users, and so does cohort: omit one of them"
        yield Problem(("routing", "same_users_as"), text, '"routing": {"mode": "users", "cohort": "checkout-flow"}')
    always, never = (routing.get(name) for name in ("always", "never"))
    both = [each for each in always if each in never] if isinstance(always, list) and isinstance(never, list) else []
    if both:
        text = f"has {str(both[0])[:20]}, which is also in always: name a user in one of them"
        yield Problem(("routing", "never"), text, f'"routing": "{USERS}"')


def _unread_logs(routing: dict[str, Any], limits: Limits) -> Iterator[Problem]:
    groups = routing.get("log_groups")
    for index, group in enumerate(groups[:MOST_LOG_GROUPS] if isinstance(groups, list) else ()):
        if isinstance(group, str) and not matches(group[:LONGEST_LOG_GROUP], limits.log_groups):
            text = not_among("log groups", limits.log_groups, "CallerLogGroupPattern")
            yield Problem(("routing", "log_groups", index), text)


def unsteady_routing(request: Request) -> Iterator[Problem]:
    """Find a release by users in which no share of them ever meets the new version before the others."""
    if request.routing and not request.strategy.steps:
        text = (
            f"routes users step by step, but {request.strategy.name} has no steps: choose another strategy, or omit it"
        )
        yield Problem(("routing",), text, '"routing": "users", "strategy": "guarded"')
