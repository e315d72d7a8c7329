"""What became of an event, and whether that is what had to."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.starting.draw import NOTHING, REFUSED, RELEASED, Scenario, Sent

if TYPE_CHECKING:
    from tests.starting.run import Gathered


@dataclass(frozen=True)
class Release:
    """An execution by its name and its input."""

    name: str
    request: Any


@dataclass(frozen=True)
class Outcome:
    """What became of one scenario: how many events, of each kind of end; `dead` and `dead_released` before they were
    given to Start again."""

    scenario: Scenario
    events: int
    releases: frozenset[str]
    refused: int
    refused_again: int
    nothing: int
    dead: int
    dead_released: int
    struck: bool
    violations: tuple[str, ...]


def outcome_of(scenario: Scenario, gathered: "Gathered", *, struck: bool) -> Outcome:
    sent = {identity: each for identity, (of, each) in gathered.events.items() if of is scenario}
    owned = {identity: releases_of(identity, each, gathered) for identity, each in sent.items()}
    refusals = {identity: gathered.refusals.get(identity, []) for identity in sent}
    dead = {identity for identity in sent if identity in gathered.letters}
    releases = frozenset(name for names in owned.values() for name in names)
    return Outcome(
        scenario=scenario,
        events=len(sent),
        releases=releases,
        refused=sum(bool(told) for told in refusals.values()),
        refused_again=sum(max(0, len(told) - 1) for told in refusals.values()),
        nothing=sum(not owned[identity] and not refusals[identity] for identity in sent),
        dead=len(dead),
        dead_released=sum(bool(owned[identity]) for identity in dead),
        struck=struck,
        violations=tuple(_violations(scenario, owned, refusals)),
    )


def _violations(scenario: Scenario, owned: dict[str, set[str]], refusals: dict[str, list[str]]) -> Iterator[str]:
    for identity, names in owned.items():
        refused = refusals[identity]
        if len(names) > 1:
            yield f"event {identity} is more than one release: {', '.join(sorted(names))}"
        if names and refused:
            yield f"event {identity} is a release and refused: {refused[0]}"
        became = RELEASED if names else REFUSED if refused else NOTHING
        if became not in scenario.may:
            what = "lost" if became == NOTHING else became
            yield f"event {identity} had to be {' or '.join(sorted(scenario.may))}, and is {what}: {refused[:1]}"
        if any(len(summary) < 30 for summary in refused):
            yield f"event {identity} is refused without a reason: {refused}"
    releases = {name for names in owned.values() for name in names}
    if len(releases) > scenario.releases or (scenario.may == {RELEASED} and len(releases) != scenario.releases):
        yield f"there had to be {scenario.releases} release(s), and there are {sorted(releases)}"


def releases_of(identity: str, sent: Sent, gathered: "Gathered") -> set[str]:
    """Find the executions that are this event's: by the end of their name; where it has a key, by the request too."""
    key = sent.detail.get("key")
    if sent.by_aws or not isinstance(key, str):
        ending = hashlib.sha256(identity.encode()).hexdigest()[:12]
        return {name for name in gathered.releases if name.endswith(f"-{ending}")}
    request = json.loads(json.dumps({name: value for name, value in sent.detail.items() if name != "key"}))
    named = [each for each in gathered.releases.values() if each.name.endswith(f"-{key}")]
    return {each.name for each in named if each.request == request}


def strays(gathered: "Gathered", outcomes: list[Outcome], names: tuple[str, ...]) -> list[str]:
    """Name the releases of these functions that no event asked for."""
    owned = {name for outcome in outcomes for name in outcome.releases}
    return sorted(name for name in gathered.releases if name not in owned and name.startswith(names))
