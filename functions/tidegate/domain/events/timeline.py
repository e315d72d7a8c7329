"""The timeline of a release: its milestones, from its items in the ledger."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.alias import percent
from tidegate.domain.events.milestone import (
    KINDS,
    Judged,
    Milestone,
    PlannedStep,
    Published,
    RolledBack,
    Shifted,
    Started,
    StartedTarget,
)
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.schedule import duration_text

Item = Mapping[str, Any]

OUR_OWN = ("planned",)
"""Kinds of events that add nothing to the milestones."""


def story(release: str, items: Sequence[Item]) -> list[Milestone]:
    """Return the milestones in order. `items` are the ledger's items of this release, or those after some time."""
    record = next((item for item in items if item["sk"] == "record"), None)
    if record is None:
        return []
    told = [begun(release, record), *told_by(release, items)]
    order = list(KINDS)
    # Within a second, in the order in which things happen; a kind that is not known comes last.
    return sorted(told, key=lambda one: (one.at, order.index(one.type) if one.type in order else len(order)))


def told_by(release: str, items: Iterable[Item]) -> Iterator[Milestone]:
    """Return the milestones in the items of a release, except its record."""
    for item in items:
        kind, _, rest = item["sk"].partition("#")
        if kind == "target":
            yield _published(release, item)
        elif kind == "shift":
            yield _shifted(release, int(rest), item)
        elif kind == "event":
            yield from _event(release, item)


def begun(release: str, record: Item) -> Started:
    """Return the first milestone, from `started`, `labels` and `plan` of the record."""
    plan = ReleasePlan.of(record["plan"])
    steps = tuple(PlannedStep(weight=step.weight, bake_minutes=step.bake_minutes) for step in plan.strategy.steps)
    return Started(
        at=record["started"],
        release=release,
        summary=f"{_names(plan.targets)}, by {_schedule(plan)}",
        targets=tuple(StartedTarget(function=t.function, alias=t.alias, stable=t.stable) for t in plan.targets),
        strategy=plan.strategy.name,
        steps=steps,
        labels=dict(record["labels"]),
    )


def _names(targets: Sequence[TargetPlan]) -> str:
    names = [f"{t.name} from version {t.stable}" if t.stable else f"{t.name}, new" for t in targets[:3]]
    return ", ".join(names) + (f" and {len(targets) - 3} more" if len(targets) > 3 else "")


def _schedule(plan: ReleasePlan) -> str:
    stays = [f"{percent(step.weight / 100)} for {duration_text(step.bake_minutes)}" for step in plan.strategy.steps]
    shown = stays if len(stays) <= 6 else [*stays[:3], "…", *stays[-2:]]
    return f"{plan.strategy.name}: {', '.join(shown)}, then 100 %" if stays else plan.strategy.name


def _published(release: str, item: Item) -> Published:
    target, version = item["target"], item["canary"]
    created = bool(item.get("created", True))
    how = "published" if created else "unchanged, still"
    return Published(
        at=item["at"],
        release=release,
        summary=f"{target}: {how} version {version}",
        target=target,
        version=version,
        created=created,
    )


def _shifted(release: str, step: int, item: Item) -> Shifted:
    return Shifted(
        at=item["at"],
        release=release,
        summary=item["summary"],
        step=step,
        weight=item["weight"],
        skew_seconds=item.get("skew_seconds"),
    )


def _event(release: str, item: Item) -> Iterator[Milestone]:
    kind, _, target = item["kind"].partition("#")
    if kind in OUR_OWN:
        return
    common = {"type": kind, "at": item["at"], "release": release, "summary": item.get("summary", "")}
    if kind == "judged":
        yield Judged.model_validate({**item, **common, "targets": item["verdicts"]})
    elif kind == "rolled-back":
        yield RolledBack(**{**common, "why": item.get("why", ""), "summary": _undone(item)})
    else:
        # Also one that is new: it is told as far as it is known.
        yield KINDS.get(kind, Milestone).model_validate({**item, **common, **({"target": target} if target else {})})


def _undone(item: Item) -> str:
    why = item.get("why", "").rstrip(".")
    return f"{item['summary']}; {why}" if why else str(item["summary"])
