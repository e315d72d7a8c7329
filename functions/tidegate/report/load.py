"""From the data in the ledger, Step Functions and CloudWatch to the report of a release."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from tidegate.domain.analysis.baseline import Observation
from tidegate.domain.errors import sentence_of
from tidegate.domain.events.timeline import story
from tidegate.domain.execution import Execution, Passage
from tidegate.domain.ledger_items import TICK, Item, ReleaseItems
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.planning.step_table import PlannedStay, planned_stays
from tidegate.domain.region_releases import listed
from tidegate.domain.waves import each_wave, in_how_many
from tidegate.report import judged
from tidegate.report.counts import MetricCounts
from tidegate.report.judged import with_failing_rates
from tidegate.report.model import (
    DRY_RUN,
    LEFT_TO_RECOVER,
    REFUSED,
    RUNNING,
    Event,
    Logged,
    LookBack,
    Report,
    Target,
    WeightChange,
)
from tidegate.report.routed import users

Starts = Mapping[str, float]
"""Seconds of init by version."""

UNDOING, ROLL_BACK = "undoing", "roll_back"
SETTINGS = ("alpha", "min_effect", "mde", "max_bake_minutes", "on_inconclusive", "max_hold_minutes")


class _Told(NamedTuple):
    """Data from other sources, by target."""

    seen: Mapping[str, Observation]
    starts: Mapping[str, Starts]


def load(
    release: str,
    items: Iterable[Item],
    *,
    now: int,
    execution: Execution | None = None,
    way: Sequence[Passage] | None = None,
    seen: Mapping[str, Observation] | None = None,
    starts: Mapping[str, Starts] | None = None,
    notes: Sequence[str] = (),
) -> Report:
    """Build a report from all items of a release.

    One source is sufficient: a refused release has no items, an old one no execution. Items of an
    earlier release with this name are omitted. `seen` and `starts` (seconds of init by version, from earlier probes)
    are by target.

    Raises
    ------
    ValueError
        When there is neither a record nor an execution.
    """
    shared: dict[str, Any] = {
        "made": now,
        "way": None if way is None else tuple(way),
        "request": execution.request if execution else None,
        "notes": tuple(notes),
    }
    own = ReleaseItems(items).own()
    if own.record:
        told = _Told(seen or {}, starts or {})
        return _recorded(release, own.record, own, execution=execution, told=told, shared=shared)
    if execution:
        return _unrecorded(release, execution, shared)
    raise ValueError(f"nothing is known about release {release}")


def _unrecorded(release: str, execution: Execution, shared: Mapping[str, Any]) -> Report:
    """Report on a release that Plan did not accept, or not yet."""
    why = sentence_of(execution.cause) if execution.cause else "It ended before it had changed anything."
    outcome = {"RUNNING": RUNNING, "SUCCEEDED": DRY_RUN}.get(execution.status, REFUSED)
    return Report(
        release=release,
        outcome=outcome,
        why="Nothing was changed." if outcome == DRY_RUN else why,
        left="",
        started=execution.started,
        ended=execution.stopped,
        execution=execution.arn,
        error=execution.error,
        **shared,
    )


def _recorded(
    release: str,
    record: Item,
    own: ReleaseItems,
    *,
    execution: Execution | None,
    told: _Told,
    shared: Mapping[str, Any],
) -> Report:
    plan = _with_versions(ReleasePlan.of(record["plan"]), own)
    outcome, why = _outcome(record, execution)
    return Report(
        release=release,
        outcome=outcome,
        why=why,
        left=_left(own),
        started=record["started"],
        ended=record["ended_at"] if record.get("ended") else execution.stopped if execution else None,
        execution=execution.arn if execution else record["execution"],
        error=(record.get("blame") or {}).get("error") or (execution.error if execution else None),
        strategy=f"{plan.strategy.name}{in_how_many(plan)}",
        steps=tuple((step.weight, step.bake_minutes) for step in each_wave(plan).steps),
        limit=plan.limit,
        settings={name: getattr(plan, name) for name in SETTINGS},
        targets=tuple(_target(target, plan, own, told) for target in plan.targets),
        shifts=_shifts(own),
        ticks=judged.ticks(own),
        logged=tuple(Logged(e["target"], e["type"], e["count"], e["link"]) for e in own.errors),
        after=_after(own),
        exposures=tuple(judged.exposures(plan, own)),
        held=record.get("held", ""),
        proof=record.get("proof", ""),
        undoing=_undoing(record, own),
        events=tuple(Event(m.at, m.type, m.summary) for m in story(release, _without_ticks(own))),
        labels=record.get("labels", {}),
        findings=plan.findings,
        regions=listed(own),
        **{**shared, "notes": (*judged.ambers(own), *shared["notes"])},
    )


def _without_ticks(items: ReleaseItems) -> Iterator[Item]:
    """Omit the ticks, which are most of the items, before they are read as milestones."""
    return (item for item in items if item.get("kind") != TICK)


def _outcome(record: Item, execution: Execution | None) -> tuple[str, str]:
    """Return the outcome's word, and why. The record counts: a roll back ends an execution FAILED by design."""
    if record.get("ended"):
        return record["ended"], record.get("outcome", "").rstrip(".")
    if execution is None or execution.running:
        return RUNNING, ""
    why = sentence_of(execution.cause) if execution.cause else f"Its execution is {execution.status}."
    return LEFT_TO_RECOVER, f"{why} Recover brings its aliases back to one version within a minute or two."


def _undoing(record: Item, items: ReleaseItems) -> bool:
    """Return whether it fails for good: its newest tick says so a moment before Roll back begins."""
    ticks = items.ticks
    return record.get("status") == UNDOING or bool(ticks and ticks[-1].get("next") == ROLL_BACK)


def _after(items: ReleaseItems) -> LookBack | None:
    looks = items.events("looked-back")
    return LookBack(str(looks[-1].get("summary", "")), bool(looks[-1].get("alerts"))) if looks else None


def _left(items: ReleaseItems) -> str:
    """Describe the final state of the aliases, from the last restoration."""
    undone = [item for kind in ("rolled-back", "recovered", "partly-released") for item in items.events(kind)]
    return str(max(undone, key=lambda item: item["at"]).get("summary", "")) if undone else ""


def _with_versions(plan: ReleasePlan, items: ReleaseItems) -> ReleasePlan:
    asked = {target.name: target.version for target in plan.targets if target.version}
    return plan.with_canaries(asked | items.canaries)


def _target(planned: TargetPlan, plan: ReleasePlan, items: ReleaseItems, told: _Told) -> Target:
    name = planned.name
    last = judged.last_verdict(name, items)
    probes = items.events("probed", name)
    return Target(
        name=name,
        stable=planned.stable,
        canary=planned.canary,
        metrics=_metrics(planned, plan, items),
        verdict=last.get("verdict"),
        log_e_value=last.get("log_e_value"),
        explanation=last.get("explanation", ""),
        probe=probes[-1].get("summary") if probes else None,
        before=judged.before(name, items),
        planned=_planned(items.forecasts.get(name), plan, planned),
        starts={**told.starts.get(name, {}), **_starts(probes)},
        seen=told.seen.get(name, Observation()),
    )


def _metrics(target: TargetPlan, plan: ReleasePlan, items: ReleaseItems) -> tuple[MetricCounts, ...]:
    """Return what was compared; where users are, calls are only shown."""
    of_calls, of_users = judged.metrics_of(target.name, plan, items), users(target, plan, items)
    if of_users is None:
        return with_failing_rates(of_calls, plan, target, items)
    return of_users, *(replace(each, gates=False, limit=None, verdict=None) for each in of_calls)


def _planned(forecast: Item | None, plan: ReleasePlan, target: TargetPlan) -> tuple[PlannedStay, ...]:
    return planned_stays(forecast, plan, target.wave, idle=target.idle) if forecast else ()


def _starts(probes: Sequence[Item]) -> Starts:
    return {each["version"]: float(each["init_seconds"]) for each in probes if each.get("init_seconds") is not None}


def _shifts(items: ReleaseItems) -> tuple[WeightChange, ...]:
    changes = items.weight_changes
    return tuple(
        WeightChange(each["at"], float(each["weight"]), each.get("skew_seconds"), each.get("wave")) for each in changes
    )
