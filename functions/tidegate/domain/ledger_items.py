"""The keys of the ledger's items, and the only reader of the items of a release.

The docstring of `tidegate.aws.ledger` says what each item is. A sort key is a word, or a word, "#" and
an id. Only this module and the modules of `tidegate.aws.ledger` use keys.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from tidegate.domain.analysis.readings import Shift
from tidegate.domain.judge import Minute
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.schedule import format_time

Item = Mapping[str, Any]

LOCKS, FREEZES, RELEASES = "locks", "freezes", "releases"
"""Partitions of which there is one each."""

RECORD, REGION = "record", "region#"
TARGET, SHIFT, VERSION_ERRORS = "target#", "shift#", "version-errors"
"""These keys and the two before come last in a release's partition: who follows the release reads from `event#` on."""
EVENT = "event#"
COUNTS = "counts#"
COMPLETE, SLOTS = "complete#", "slots#"
BY_USER = "by-user#"
CALLER_LOGS = "caller-logs"
BASELINE = "baseline"
BAKE, AHEAD = "bake", "ahead#"
ASKED = "asked#"

CURRENT, QUESTION = "current", "question"
"""Keys in the partition of the decisions on a release."""

LIVE, PROBED, ROLLED_BACK, CONTRACT = "live", "probed#", "rolled-back#", "contract#"
"""Keys of an alias."""

TICK = "judged"
"""The kind of the event that each tick writes."""


def release_partition(name: str) -> str:
    return f"release#{name}"


def route_partition(function: str) -> str:
    """Return the partition of the documents that say which users go to a canary, by alias; callers read them, too."""
    return f"route#{function}"


def wake_partition(name: str) -> str:
    """Return the partition that the state machine itself writes to: nothing else is in it."""
    return f"wake#{name}"


def decisions_partition(name: str) -> str:
    return f"decisions#{name}"


def alias_partition(target: str) -> str:
    return f"alias#{target}"


def target_key(target: str) -> str:
    return f"{TARGET}{target}"


def shift_key(step: int) -> str:
    return f"{SHIFT}{step:03d}"


def step_of(shift: Item) -> int:
    """Return the step number of a `shift#` item."""
    return int(shift["sk"].removeprefix(SHIFT))


def event_key(at: int, kind: str = "") -> str:
    """Return the key of an event; without `kind`, the lowest key of all events from `at` (seconds since 1970) on."""
    return f"{EVENT}{format_time(at)}#{kind}" if kind else f"{EVENT}{format_time(at)}"


def decided_key(at: int, number: int) -> str:
    return event_key(at, f"decided#{number}")


def ahead_key(number: int) -> str:
    return f"{AHEAD}{number:03d}"


def asked_key(token: str) -> str:
    return f"{ASKED}{token}"


def numbered_key(prefix: str, at: int, number: int) -> str:
    """Return the key of one of several items of a time, such as an hour or a tick."""
    return f"{prefix}{format_time(at)}#{number:03d}"


def listed_key(started: int, name: str) -> str:
    """Return the key of a release in the list of all releases."""
    return f"{format_time(started)}#{name}"


def probed_key(version: str) -> str:
    return f"{PROBED}{version}"


def rolled_back_key(version: str) -> str:
    return f"{ROLLED_BACK}{version}"


def contract_key(version: str = "next") -> str:
    return f"{CONTRACT}{version}"


def end_of(prefix: str) -> str:
    """Return the lowest key after all keys that begin with `prefix`, which ends in "#"."""
    return f"{prefix.removesuffix('#')}$"


def sort_key(item: Item) -> str:
    """Return the part of the key that identifies an item within its release."""
    return str(item["sk"])


def kind_of_target(kind: str, target: str) -> str:
    """Return the kind of an event that is about one target."""
    return f"{kind}#{target}"


def kind_and_target(event: Item) -> tuple[str, str]:
    """Return the kind of an event, and its target, "" if there is none."""
    kind, _, target = event["kind"].partition("#")
    return kind, target


class ReleaseItems:
    """The items of one release in the ledger, or the part that was read.

    They keep the order in which they are given. Items are as `tidegate.aws.ledger` writes them; a malformed item raises
    KeyError or TypeError when it is read.
    """

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._items = tuple(items)
        self._by_sort = defaultdict[str, list[Item]](list)
        for item in self._items:
            word, mark, _ = item["sk"].partition("#")
            self._by_sort[word + mark].append(item)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def _all(self, sort: str) -> list[Item]:
        return self._by_sort.get(sort, [])

    def _one(self, sort: str) -> Item | None:
        return next(iter(self._all(sort)), None)

    def since(self, started: int) -> "ReleaseItems":
        """Omit items of an earlier release with the same name, before `started`."""
        return ReleaseItems(item for item in self._items if item.get("at", started) >= started)

    def own(self) -> "ReleaseItems":
        """Omit items older than the record; without a record the result is empty."""
        return self.since(self.record["started"]) if self.record else ReleaseItems()

    def updated(self, newer: Iterable[Item]) -> "ReleaseItems":
        """Add items; a newer item replaces the one with the same key."""
        return ReleaseItems({item["sk"]: item for item in (*self._items, *newer)}.values())

    @property
    def record(self) -> Item | None:
        return self._one(RECORD)

    @cached_property
    def plan(self) -> ReleasePlan | None:
        """The plan with the published versions; None without a record."""
        return ReleasePlan.of(self.record["plan"]).with_canaries(self.canaries) if self.record else None

    @property
    def targets(self) -> Sequence[Item]:
        """The preparation of each target: `target`, `canary`, `created`."""
        return self._all(TARGET)

    @property
    def canaries(self) -> dict[str, str]:
        """The versions that were published so far, by target name."""
        return {item["target"]: item["canary"] for item in self.targets}

    @property
    def weight_changes(self) -> Sequence[Item]:
        """Each change of weight, the oldest first: `at`, `until`, `weight` (percent), `skew_seconds`, `summary`."""
        return sorted(self._all(SHIFT), key=lambda item: item["at"])

    @property
    def shifts(self) -> tuple[Shift, ...]:
        return tuple(
            Shift(each["at"], each["weight"], each.get("until", each["at"]), each.get("wave"))
            for each in self.weight_changes
        )

    def events(self, kind: str = "", target: str = "") -> Sequence[Item]:
        """Return milestones and ticks: of all kinds or one, and of all targets or one."""
        found = self._all(EVENT)
        if kind:
            found = [item for item in found if kind_and_target(item)[0] == kind]
        return [item for item in found if kind_and_target(item)[1] == target] if target else found

    @cached_property
    def ticks(self) -> Sequence[Item]:
        return self.events(TICK)

    @property
    def newest(self) -> int:
        """When the newest of the items was written, in seconds since 1970; 0 without one."""
        return max((item["at"] for item in self._items if "at" in item), default=0)

    @property
    def baselines(self) -> Mapping[str, Item]:
        """Stable's baseline before the release, by target name: see `Baseline.document`."""
        found: Mapping[str, Item] = (self._one(BASELINE) or {}).get("targets", {})
        return found

    @property
    def forecasts(self) -> Mapping[str, Item]:
        """Plan's forecast of each target in short form (`Outlook.rows`), by target name."""
        return {name: row for item in self._all(AHEAD) for name, row in item["forecasts"].items()}

    def counts(self, target: str) -> Iterator[tuple[str, int, Minute]]:
        """Yield measure, start and counts of a target's minutes; a minute that late data corrected is yielded again."""
        for item in self._all(COUNTS):
            for measure, rows in item["rows"].get(target, {}).items():
                yield from ((measure, start, Minute(*counts)) for start, *counts in rows)
        yield from ((ERRORS, *minute) for minute in self._counts_in_ticks(target))

    def _counts_in_ticks(self, target: str) -> Iterator[tuple[int, Minute]]:
        """Yield minutes where old versions of Compare wrote them: the newest three in each tick's event."""
        versions = ("canary_total", "canary_bad", "stable_total", "stable_bad")
        for item in self.ticks:
            for minute in item.get("evidence", {}).get(target, {}).get("minutes", []):
                yield minute["start"], Minute(*(minute[name] for name in versions))

    def users(self, name: str) -> Iterator[Sequence[Any]]:
        """Yield the rows of `Users` of a function, or those of `count_meetings` of an edge."""
        for item in self._all(BY_USER):
            yield from item["rows"].get(name, ())

    @property
    def errors(self) -> Sequence[Item]:
        """The logged errors of failed versions; records of earlier versions of Tidegate contain them."""
        found = self._one(VERSION_ERRORS) or (self.record or {}).get("blame") or {}
        errors: Sequence[Item] = found.get("errors", ())
        return errors

    @property
    def bake(self) -> Item:
        """The state from the last tick; empty before the first."""
        return self._one(BAKE) or {}

    @property
    def complete_hours(self) -> Sequence[Item]:
        """Complete hours: `hour` (its start) and `packed` counts."""
        return self._all(COMPLETE)
