"""From what the ledger, Step Functions and CloudWatch say of a release to what its report shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.domain.cause import sentence_of
from tidegate.domain.execution import Execution, Passage
from tidegate.domain.observation import Observation
from tidegate.report import judged as ticks_of
from tidegate.report.model import (
    DRY_RUN,
    LEFT_TO_RECOVER,
    REFUSED,
    RUNNING,
    Event,
    Report,
    Shift,
    Target,
)

Item = Mapping[str, Any]
TOLD_ELSEWHERE = {"judged"}
"""Kinds of events that are no milestones: the ticks, which have a picture of their own."""


def load(
    release: str,
    items: Sequence[Item],
    *,
    now: int,
    execution: Execution | None = None,
    way: Sequence[Passage] | None = None,
    seen: Mapping[str, Observation] | None = None,
    notes: Sequence[str] = (),
) -> Report:
    """Put a report together from everything in the partition of a release.

    Every source but one may be missing: a refused release has no items, an old one no execution. Items of an
    earlier release of this name are left out.

    Raises
    ------
    ValueError
        When there is neither a record nor an execution.
    """
    record = next((item for item in items if item["sk"] == "record"), None)
    if record is None and execution is None:
        raise ValueError(f"nothing is known of a release {release}")
    started: int = record["started"] if record else execution.started  # type: ignore[union-attr] # one of them is there
    own = [item for item in items if item.get("at", 0) >= started]
    outcome, why = _outcome(record, execution)
    plan: Item = record["plan"] if record else {}
    strategy: Item = plan.get("strategy", {})
    return Report(
        release=release,
        outcome=outcome,
        why=why,
        made=now,
        started=started,
        ended=_ended(record, execution),
        execution=execution.arn if execution else str(record["execution"] if record else ""),
        error=execution.error if execution else (record or {}).get("blame", {}).get("error"),
        strategy=strategy.get("name", ""),
        steps=tuple((float(step["weight"]), int(step["bake_minutes"])) for step in strategy.get("steps", [])),
        alpha=plan.get("alpha", 0.05),
        settings={name: plan[name] for name in SETTINGS if name in plan},
        targets=_targets(plan, own, seen or {}),
        shifts=_shifts(own),
        ticks=ticks_of.ticks(_of_kind(own, "judged")),
        events=_events(own),
        way=None if way is None else tuple(way),
        labels=record.get("labels", {}) if record else {},
        request=execution.request if execution else None,
        notes=tuple(notes),
    )


SETTINGS = ("alpha", "min_effect", "max_bake_minutes", "on_inconclusive", "max_hold_minutes")


def _outcome(record: Item | None, execution: Execution | None) -> tuple[str, str]:
    """Give the outcome's word, and why. The record counts: a roll back ends an execution FAILED by design."""
    if record and record.get("ended"):
        return record["ended"], record.get("outcome", "")
    if execution is None or execution.running:
        return RUNNING, ""
    if record:
        why = sentence_of(execution.cause) if execution.cause else f"Its execution is {execution.status}."
        return LEFT_TO_RECOVER, f"{why} Recover brings its aliases back to one version within a minute or two."
    if execution.status == "SUCCEEDED":
        return DRY_RUN, "Nothing was changed."
    return REFUSED, sentence_of(execution.cause) if execution.cause else "It ended before it had changed anything."


def _ended(record: Item | None, execution: Execution | None) -> int | None:
    if record and record.get("ended"):
        at: int = record["ended_at"]
        return at
    return execution.stopped if execution else None


def _of_kind(items: Sequence[Item], kind: str) -> list[Item]:
    return [item for item in items if item["sk"].startswith("event#") and item["kind"].partition("#")[0] == kind]


def _targets(plan: Item, items: Sequence[Item], seen: Mapping[str, Observation]) -> tuple[Target, ...]:
    prepared = {item["target"]: item for item in items if item["sk"].startswith("target#")}
    judged = _of_kind(items, "judged")
    return tuple(
        _target(each, prepared.get(_name(each), {}), items, judged, seen.get(_name(each), Observation()))
        for each in plan.get("targets", [])
    )


def _name(target: Item) -> str:
    return f"{target['function']}:{target['alias']}"


def _target(planned: Item, prepared: Item, items: Sequence[Item], judged: Sequence[Item], seen: Observation) -> Target:
    name = _name(planned)
    last = ticks_of.last_verdict(name, judged) or {}
    probes = [item for item in _of_kind(items, "probed") if item["kind"] == f"probed#{name}"]
    snapshot = planned.get("snapshot")
    return Target(
        name=name,
        stable=snapshot["version"] if snapshot else None,
        canary=prepared.get("canary") or planned.get("canary") or planned.get("version"),
        metrics=ticks_of.metrics_of(name, judged),
        verdict=last.get("verdict"),
        log_e_value=last.get("log_e_value"),
        explanation=last.get("explanation", ""),
        problem=ticks_of.problem_of(name, judged),
        probe=probes[-1].get("summary") if probes else None,
        seen=seen,
    )


def _shifts(items: Sequence[Item]) -> tuple[Shift, ...]:
    found = [item for item in items if item["sk"].startswith("shift#")]
    shifts = [Shift(item["at"], float(item["weight"]), item.get("skew_seconds")) for item in found]
    return tuple(sorted(shifts, key=lambda shift: shift.at))


def _events(items: Sequence[Item]) -> tuple[Event, ...]:
    told = [
        Event(item["at"], item["kind"].partition("#")[0], str(item.get("summary", "")))
        for item in items
        if item["sk"].startswith("event#") and item["kind"] not in TOLD_ELSEWHERE
    ]
    told += [
        Event(item["at"], "shifted", str(item.get("summary", ""))) for item in items if item["sk"].startswith("shift#")
    ]
    told += [
        Event(item["at"], "published", f"version {item['canary']} of {item['target'].rpartition(':')[0]}")
        for item in items
        if item["sk"].startswith("target#")
    ]
    return tuple(sorted(told, key=lambda event: event.at))
