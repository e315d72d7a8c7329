"""How a release ended: from its record first, since a roll back ends its execution FAILED by design."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.ledger import locks
from tidegate.domain import errors
from tidegate.domain.alias import AliasState
from tidegate.domain.events.milestone import NotRestored
from tidegate.domain.plan import TargetPlan
from tidegate.domain.region_releases import PARTLY, listed
from tidegate.domain.rollout.proof import NOT_COMPARED, NOT_PROVEN
from tidegate_cli.outcome import Outcome
from tidegate_cli.release_state import ExecutionState, Sight

OUR_FAILURES = {"AwsBusy", "AwsRefused", "NotConfigured", "StepFailed", "StepTimedOut"}
"""Errors that do not count as a refusal: AWS refused or failed, or the stack is incomplete. Errors that are not ours do
not count either: errors of Step Functions and Lambda, or a bug in our code."""


@dataclass(frozen=True)
class TargetResult:
    """`version` is the version that serves now, None if it is unknown or there is no alias."""

    function: str
    alias: str
    version: str | None
    previous: str | None


@dataclass(frozen=True)
class Ending:
    """`error` is the name of the reason for a refusal or a roll back; `lost`: AWS stopped answering."""

    outcome: Outcome
    sentence: str
    targets: tuple[TargetResult, ...] = ()
    error: str = ""
    lost: bool = False


def ending_of(sight: Sight) -> Ending | None:
    """Describe how a release ended; None while it continues, or while Recover has not restored its aliases."""
    record, execution = sight.record, sight.execution
    if record is None:
        return _without_record(execution) if execution and not execution.running else None
    if record.get("ended") == "refused" and execution and execution.running:
        return None  # Plan is about to be tried again
    if "ended" in record:
        return _ended(sight, record)
    if execution is None or execution.running:
        return None
    if record["status"] == "promoted":
        return Ending(_promoted(record), "Every alias is on its new version.", results(sight, promoted=True))
    stuck = [each for each in sight.milestones if isinstance(each, NotRestored)]
    told = "; ".join(each.summary for each in stuck)
    return Ending(Outcome.NEEDS_HUMAN, told, results(sight, promoted=None)) if stuck else None


UNPROVEN = {NOT_COMPARED: Outcome.NOT_COMPARED, NOT_PROVEN: Outcome.NOT_PROVEN}


def _promoted(record: Mapping[str, Any]) -> Outcome:
    return UNPROVEN.get(record.get("proof", ""), Outcome.RELEASED)


def _ended(sight: Sight, record: Mapping[str, Any]) -> Ending:
    sentence, error = record.get("outcome", ""), _error(sight, record)
    if record["ended"] == "released":
        live = bool(_targets(sight)) and all(target.live for target in _targets(sight))
        return Ending(Outcome.ALREADY_LIVE if live else _promoted(record), sentence, results(sight, promoted=True))
    if record["ended"] == "refused":
        return Ending(_refused_or_failed(error), sentence, results(sight, promoted=False), error)
    if record["ended"] == PARTLY:
        now = "; ".join(f"{one.region} is {one.now}" for one in listed(sight.items))
        return Ending(Outcome.NEEDS_HUMAN, f"{sentence.rstrip('.')}. Now: {now}.", error=error)
    if record["ended"] == "superseded":
        return Ending(Outcome.SUPERSEDED, sentence, results(sight, promoted=None), error)
    return Ending(Outcome.ROLLED_BACK, sentence, results(sight, promoted=False), error)


def _error(sight: Sight, record: Mapping[str, Any]) -> str:
    """Return the name of the reason: from the record, since the execution ends a moment after it."""
    blamed = (record.get("blame") or {}).get("error")
    return str(blamed or (sight.execution.error if sight.execution else ""))


def _without_record(execution: ExecutionState) -> Ending:
    """Plan ended it: a dry run or a refusal."""
    if execution.status == "SUCCEEDED":
        return Ending(Outcome.DONE, (execution.output or {}).get("summary", ""))
    if execution.status == "FAILED":
        return Ending(_refused_or_failed(execution.error), execution.cause, error=execution.error)
    return Ending(Outcome.FAILED, f"The execution is {execution.status}; it ended before anything was changed.")


def _refused_or_failed(error: str) -> Outcome:
    return Outcome.REFUSED if hasattr(errors, error) and error not in OUR_FAILURES else Outcome.FAILED


def _targets(sight: Sight) -> tuple[TargetPlan, ...]:
    return sight.plan.targets if sight.plan else ()


def results(sight: Sight, *, promoted: bool | None) -> tuple[TargetResult, ...]:
    """Describe which versions serve: the new ones, the previous ones, or (None) unknown."""

    def now(target: TargetPlan) -> str | None:
        return None if promoted is None else target.canary if promoted else target.stable

    return tuple(TargetResult(t.function, t.alias, now(t), t.stable) for t in _targets(sight))


def verified(ending: Ending, sight: Sight) -> Ending:
    """Check, just after the end, whether every alias matches the record; if one does not, a person must check it."""
    if not (ending.outcome.promoted or ending.outcome is Outcome.ROLLED_BACK) or _taken_by_another(sight):
        return ending
    strange = [text for text in at_once(_strangeness, ending.targets) if text]
    if not strange:
        return ending
    sentence = f"{ending.sentence.rstrip('.')}. But {'; '.join(strange)}. Somebody changed it; check it now."
    return Ending(Outcome.NEEDS_HUMAN, sentence, ending.targets, ending.error)


def as_it_is_now(ending: Ending) -> Ending:
    """Describe the versions that serve now, for a release that ended earlier.

    Its record describes the versions at its end.
    """
    known = at_once(_state_of, ending.targets)
    pairs = list(zip(ending.targets, known, strict=True))
    targets = tuple(replace(each, version=now.version if now and now.whole else None) for each, now in pairs)
    changed = [f"{_name(each)} is {now or 'gone'}" for each, now in pairs if now != _expected(each)]
    if not changed or ending.outcome is Outcome.SUPERSEDED:  # by a release that may have gone on since
        return replace(ending, targets=targets)
    sentence = f"{ending.sentence.rstrip('.')}. That has changed since: {'; '.join(changed)}."
    return replace(ending, sentence=sentence, targets=targets)


def _name(target: TargetResult) -> str:
    return f"{target.function}:{target.alias}"


def _expected(target: TargetResult) -> AliasState | None:
    return AliasState(target.version) if target.version else None


def _state_of(target: TargetResult) -> AliasState | None:
    found = aliases.read(target.function, target.alias)
    return found.state if found else None


def _taken_by_another(sight: Sight) -> bool:
    held = locks.read([target.name for target in _targets(sight)])
    return any(lock.release != sight.release for lock in held)


def _strangeness(target: TargetResult) -> str | None:
    found, expected = _state_of(target), _expected(target)
    return None if found == expected else f"{_name(target)} is {found or 'gone'}, not {expected or 'gone'}"
