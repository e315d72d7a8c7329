"""The aliases that Tidegate knows: what serves, what runs, what is frozen, how the last release ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import freezes, index, items, locks
from tidegate.aws.ledger.region_items import is_lock_of_regions
from tidegate.domain.control.freeze import Freeze, covering
from tidegate.domain.events.timeline import story
from tidegate.domain.rollout.proof import words_for
from tidegate.domain.schedule import readable_duration
from tidegate_cli import time_at_aws

if TYPE_CHECKING:
    from tidegate.aws.ledger.index import LastRelease
    from tidegate.domain.alias import AliasState
    from tidegate.domain.events.form import Milestone

MOST_RELEASES = 1000
"""The newest releases among which aliases are looked for."""

MOST_ALIASES = 300
"""Most aliases that are read, within Lambda's quota of calls: twenty seconds."""


@dataclass(frozen=True)
class KnownAlias:
    """One alias. `running` has locked it, `told` is that release's newest milestone; `state` None: it is gone."""

    target: str
    state: "AliasState | None"
    running: str | None
    told: "Milestone | None"
    freeze: Freeze | None
    last: "LastRelease | None"

    @property
    def serves(self) -> str:
        return str(self.state) if self.state else "there is no such alias"

    @property
    def notable(self) -> bool:
        """Return whether it has a release or a freeze, or is split between two versions."""
        return bool(self.running or (self.state and (self.freeze or not self.state.whole)))

    def what(self, now: float, *, last: bool) -> str:
        """Describe it in words; with `last`, also the last release."""
        parts = []
        if self.running:
            parts.append(f"release {self.running}" + (f": {self.told.type}, {self.told.summary}" if self.told else ""))
        elif self.state and not self.state.whole:
            parts.append("split, but no release is running")
        if self.freeze:
            parts.append(str(self.freeze))
        if last and not self.running:
            parts.append(_ago(self.last, now) if self.last else "never released by Tidegate")
        return "; ".join(parts)

    def document(self) -> dict[str, Any]:
        function, _, alias = self.target.rpartition(":")
        return {
            "type": "status",
            "function": function,
            "alias": alias,
            "version": self.state.version if self.state else None,
            "weights": dict(self.state.weights) if self.state else {},
            "serves": self.serves,
            "release": self.running,
            "last": self.told.model_dump(mode="json") if self.told else None,
            "frozen": self.freeze.shown() if self.freeze else None,
            "last_release": self.last.document() if self.last else None,
        }


def _ago(last: "LastRelease", now: float) -> str:
    outcome = words_for(last.outcome, last.proof)
    return f"{outcome.replace('-', ' ')} {readable_duration(now - last.at)} ago"


@dataclass(frozen=True)
class Overview:
    """The aliases, `omitted` more that were not read, and the freezes that cover none of them."""

    aliases: Sequence[KnownAlias]
    omitted: int
    other_freezes: Sequence[Freeze]


def known(only: str | None = None) -> Overview:
    """Read every alias that a release has locked, or that was released; or only one."""
    now = int(time_at_aws.now())
    held = {lock.target: lock.release for lock in locks.read_all() if not is_lock_of_regions(lock.target)}
    frozen, last = freezes.read(now), index.newest_by_target(MOST_RELEASES, only)
    names = [only] if only else [*sorted(held), *sorted({*last} - {*held})]
    states = at_once(_state, names[:MOST_ALIASES])
    found = [
        KnownAlias(name, state, held.get(name), _told(held.get(name)), _freeze(frozen, name, now), last.get(name))
        for name, state in zip(names, states, strict=False)
    ]
    return Overview(
        sorted(found, key=lambda each: each.target),
        max(0, len(names) - MOST_ALIASES),
        [] if only else [each for each in frozen if not _covers(each, names, now)],
    )


def _state(target: str) -> "AliasState | None":
    function, _, alias = target.rpartition(":")
    found = aliases.read(function, alias)
    return found.state if found else None


def _told(release: str | None) -> "Milestone | None":
    told = story(release, items.items(release)) if release else []
    return told[-1] if told else None


def _freeze(frozen: Iterable[Freeze], target: str, now: int) -> Freeze | None:
    return covering(frozen, [target.rpartition(":")[0]], now)


def _covers(freeze: Freeze, targets: Iterable[str], now: int) -> bool:
    return any(freeze.covers(target.rpartition(":")[0], now) for target in targets)
