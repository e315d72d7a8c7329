"""The timeline of a release: its milestones, from its items in the ledger."""

from collections.abc import Iterable, Iterator, Sequence

from tidegate.domain.alias import percent
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import (
    KINDS,
    Judged,
    PlannedStep,
    Published,
    RolledBack,
    Shifted,
    Started,
    StartedTarget,
)
from tidegate.domain.expectation import expectation
from tidegate.domain.ledger_items import RECORD, TICK, Item, ReleaseItems, kind_and_target, sort_key, step_of
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.routing import share_of
from tidegate.domain.schedule import MINUTE, readable_duration
from tidegate.domain.truncation import first_names
from tidegate.domain.waves import each_wave, in_how_many

OUR_OWN = ("planned", "draining")
"""Kinds of events that add nothing to the milestones."""


def story(release: str, items: Iterable[Item]) -> list[Milestone]:
    """Return the milestones in order. `items` are the ledger's items of this release, or those after some time."""
    found = ReleaseItems(items)
    if found.record is None:
        return []
    return sorted([begun(release, found.record), *told_by(release, found)], key=_place)


def _place(told: Milestone) -> tuple[int, int]:
    """Sort kinds within a second; unknown kinds come last."""
    order = list(KINDS)
    return told.at, order.index(told.type) if told.type in order else len(order)


class Story:
    """The timeline of a running release: items are added as they are read, and each is reported once."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._told: dict[str, tuple[Item, list[Milestone]]] = {}

    def add(self, items: Iterable[Item]) -> list[Milestone]:
        """Return, in order, the milestones of new or changed items."""
        new: list[Milestone] = []
        for item in items:
            known, _ = self._told.get(sort_key(item), (None, []))
            if item != known:
                told = list(told_by(self._release, [item]))
                told += [begun(self._release, item)] if sort_key(item) == RECORD else []
                self._told[sort_key(item)] = item, told
                new += told
        return sorted(new, key=_place)

    @property
    def milestones(self) -> list[Milestone]:
        return sorted((each for _, told in self._told.values() for each in told), key=_place)


def told_by(release: str, items: Iterable[Item]) -> Iterator[Milestone]:
    """Return the milestones in the items of a release, except its record."""
    found = ReleaseItems(items)
    yield from (_published(release, item) for item in found.targets)
    yield from (_shifted(release, item) for item in found.weight_changes)
    for item in found.events():
        yield from _event(release, item)


def begun(release: str, record: Item) -> Started:
    """Return the first milestone, from `started`, `labels` and `plan` of the record."""
    plan = ReleasePlan.of(record["plan"])
    steps = tuple(
        PlannedStep(weight=step.weight, bake_minutes=step.bake_minutes, wave=step.wave) for step in plan.strategy.steps
    )
    what = plan.order_of_regions or f"{_names(plan.targets)}, by {_schedule(plan)}"
    parts = [what, plan.despite_freeze, expectation(plan)]
    return Started(
        at=record["started"],
        release=release,
        summary="; ".join(filter(None, parts)),
        targets=tuple(StartedTarget(function=t.function, alias=t.alias, stable=t.stable) for t in plan.targets),
        strategy=plan.strategy.name,
        steps=steps,
        labels=dict(record["labels"]),
        idle=tuple(target.name for target in plan.targets if target.idle),
        on_idle=plan.on_idle,
        likely_minutes=plan.likely_minutes or None,
        likely_undecided=plan.likely_undecided,
        despite_freeze=plan.despite_freeze,
        findings=plan.findings,
        routing=plan.routing.mode if plan.routing else "",
    )


def _names(targets: Sequence[TargetPlan]) -> str:
    return first_names([f"{t.name} from version {t.stable}" if t.stable else f"{t.name}, new" for t in targets])


def _schedule(plan: ReleasePlan) -> str:
    stays = [
        f"{percent(step.weight / 100)} for {readable_duration(step.bake_minutes * MINUTE)}"
        for step in each_wave(plan).steps
    ]
    shown = stays if len(stays) <= 6 else [*stays[:3], "…", *stays[-2:]]
    name = f"{plan.strategy.name}{in_how_many(plan)}"
    return f"{name}: {', '.join(shown)}, then 100 %{share_of(plan.routing)}" if stays else name


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


def _shifted(release: str, item: Item) -> Shifted:
    return Shifted(
        at=item["at"],
        release=release,
        summary=item["summary"],
        step=step_of(item),
        weight=item["weight"],
        wave=item.get("wave"),
        skew_seconds=item.get("skew_seconds"),
    )


def _event(release: str, item: Item) -> Iterator[Milestone]:
    kind, target = kind_and_target(item)
    if kind in OUR_OWN:
        return
    common = {"type": kind, "at": item["at"], "release": release, "summary": item.get("summary", "")}
    if kind == TICK:
        yield Judged.model_validate({**item, **common, "targets": item["verdicts"]})
    elif kind == "rolled-back":
        yield RolledBack(**{**common, "why": item.get("why", ""), "summary": _undone(item)})
    else:
        # Also one that is new: it is told as far as it is known.
        yield KINDS.get(kind, Milestone).model_validate({**item, **common, **({"target": target} if target else {})})


def _undone(item: Item) -> str:
    why = item.get("why", "").rstrip(".")
    return f"{item['summary']}; {why}" if why else str(item["summary"])
