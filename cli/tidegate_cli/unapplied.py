"""What a call asks for that a running release of the same code does not do: following it would ignore that."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.aws import executions
from tidegate.aws.ledger.items import items
from tidegate.domain.schedule import LATEST
from tidegate_cli.command import Shared
from tidegate_cli.outcome import Outcome, Stop

THE_SAME = {
    "$schema",
    "Comment",
    "alias",
    "code",
    "configuration",
    "dry_run",
    "function",
    "labels",
    "on_conflict",
    "targets",
    "version",
}
"""Fields that a release of the same code has in common, or that change nothing about it."""

DEFAULT = "the default"


def unapplied(shared: Shared, release: str, asked: Mapping[str, Any]) -> list[str]:
    """Return each field of a request that a running release has otherwise, with both values."""
    found = executions.described(shared.stack.execution(release))
    runs = json.loads(found.get("input") or "{}") if found else {}
    return list(differences(asked, runs if isinstance(runs, dict) else {}, _strategy(release)))


def _strategy(release: str) -> str:
    """Return the name of the strategy by which it runs, also if its request names none."""
    plan = items(release, LATEST).plan  # without its events
    return plan.strategy.name if plan else DEFAULT


def refuse_emergency(release: str, asked: Mapping[str, Any], ignored: list[str]) -> None:
    """Refuse to follow a release in steps for an emergency; raises Stop."""
    if ignored and (asked.get("labels") or {}).get("emergency"):
        raise Stop(
            Outcome.REFUSED,
            f"Release {release} is releasing the same code in steps and has locked the alias. To replace it: "
            "--on-conflict supersede.",
        )


def differences(asked: Mapping[str, Any], runs: Mapping[str, Any], strategy: str) -> Iterator[str]:
    """Compare two requests; `strategy` is the name of the strategy by which the second one runs."""
    theirs = {"strategy": strategy, **dict(_fields(runs))}
    for name, value in _fields(asked):
        has = theirs.get(name, DEFAULT)
        if value != has:
            yield f"{name} {_shown(value)} (it has {_shown(has)})"


def _fields(request: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield names and values, those of the analysis one by one, and those of targets with the function's name."""
    for name, value in request.items():
        if name == "analysis" and isinstance(value, Mapping):
            yield from ((f"analysis.{inner}", each) for inner, each in value.items())
        elif name not in THE_SAME:
            yield name, value
    for target in request.get("targets") or ():
        own = (item for item in target.items() if item[0] not in THE_SAME)
        yield from ((f"{target['function']}.{name}", value) for name, value in own)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def sentence(release: str, ignored: list[str], *, same_name: bool) -> str:
    """Say what runs, what was asked for, and how to supersede it."""
    other = "--name NEW-KEY --on-conflict supersede" if same_name else "--on-conflict supersede"
    return (
        f"Release {release} of the same code exists already and is followed; this call does not change it. Not "
        f"applied: {'; '.join(ignored)}. To stop it, roll it back and release as asked: {other}"
    )
