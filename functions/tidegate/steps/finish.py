"""Finish: set every alias to the canary with one call each, commit, and release the locks."""

import time
from typing import Any

from tidegate.aws import gauges
from tidegate.aws.ending.conclusion import promote
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias, at_once
from tidegate.aws.ledger import decisions, freezes, locks, records, routes
from tidegate.aws.ledger.lock import FINISHING
from tidegate.aws.ledger.records import PROMOTED, Release
from tidegate.domain.alias import AliasState
from tidegate.domain.due_hooks import with_hooks
from tidegate.domain.hooks import AFTER_PROMOTION
from tidegate.domain.plan import TargetPlan
from tidegate.domain.schedule import MINUTE, format_time, minute_of, visible_at
from tidegate.domain.strategy import WHOLE
from tidegate.domain.waves import in_order, left
from tidegate.steps.draining import then_drain
from tidegate.steps.handling import TriedEvent, done_by, step


@step(TriedEvent)
def handler(event: TriedEvent) -> dict[str, Any]:
    began = time.monotonic()
    release = records.read_running(event.release)
    if release.status != PROMOTED:
        if not release.shifts:
            freezes.refuse(release.plan.freezable, event.now)
        if release.plan.hooks:
            decisions.close_unless_aborted(release, event.now)
        _promote_all(release)
        gauges.show_weight(tuple(target for target in release.plan.targets if not target.live), WHOLE)
    whole = minute_of(done_by(event, began))
    look = _look_back(release, since=whole + MINUTE)
    if look and release.plan.on_worse == "rollback" and release.status != PROMOTED:
        decisions.look_back(release, whole)
        names = ", ".join(target.name for target in release.plan.targets[:3])
        return {**look, "summary": f"{names}: every request goes to the new version; promoted after the look back"}
    answer = {"outcome": "released", "summary": promote(release, event.now), **look}
    if look:
        return answer
    answer = then_drain(answer, release.plan, whole + MINUTE)
    return with_hooks(answer, release.plan, [(AFTER_PROMOTION, None)], then=answer.get("next", "released"))


def _look_back(release: Release, *, since: int) -> dict[str, Any]:
    """Return the first look back, on minutes from `since` on; empty if there is nothing to compare with."""
    plan = release.plan
    if not plan.after_minutes or not plan.shifting:
        return {}
    # Who only wants to know is told once; who wants it undone, as soon as it shows.
    first = 1 if plan.on_worse == "rollback" else plan.after_minutes
    return {"next": "look_back", "since": since, "tick": format_time(visible_at(since + first * MINUTE))}


def _promote_all(release: Release) -> None:
    """Move every alias to its canary, even if it is already there: this fences off late steps.

    Wave by wave, in order. Aliases are created last, when nothing else can fail: a new alias cannot be rolled back,
    because it has no earlier version. The locks are raised after the read: a later roll back or
    superseding release also writes the aliases, so that the state read here is stale.
    """
    found = at_once(lambda target: (target, _look(release, target)), release.plan.aliases)
    held = {t.name: locks.raise_generation(t.name, release.name, FINISHING) for t in release.plan.aliases}

    def promote(pair: tuple[TargetPlan, Alias | None]) -> None:
        target, alias = pair
        assert target.canary is not None

        def fence() -> None:
            locks.still(target.name, release.name, held[target.name].generation)

        if alias is None:
            fence()
            aliases.create(target.function, target.alias, target.canary)
        else:
            aliases.move(alias, AliasState(target.canary), fence=fence)

    read = {target.name: (target, alias) for target, alias in found}
    for wave in in_order(release.plan.aliases):
        at_once(promote, [read[target.name] for target in wave if read[target.name][1]])
    for target in release.plan.targets:
        if target.channel:
            routes.close(target.function, target.alias, release.name)
    at_once(promote, [pair for pair in found if not pair[1]])


def _look(release: Release, target: TargetPlan) -> Alias | None:
    """Read an alias before its promotion.

    Raises
    ------
    AliasMoved
        When somebody else changed it.
    """
    assert target.canary is not None
    alias = aliases.read(target.function, target.alias)
    promoted = AliasState(target.canary)
    if target.stable is None:
        if alias is not None and alias.state != promoted:
            raise aliases.moved(target.name, "no alias", alias)
        return alias
    before = left(target, release.shifts) if target.shifts else AliasState(target.stable)
    if alias is None or alias.state not in (before, promoted):
        raise aliases.moved(target.name, before, alias)
    return alias
