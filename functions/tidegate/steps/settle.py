"""Settle: check whether an update of $LATEST has settled or a published version is active; one check per call."""

from typing import Any

from tidegate.aws.announcements import tell_event
from tidegate.aws.lambda_ import functions
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.ledger import records
from tidegate.domain import init_failure
from tidegate.domain.errors import (
    OF_A_PROBE,
    TidegateError,
    UpdateFailed,
    UpdateNotSettled,
    VersionNotActive,
    VersionsDiffer,
)
from tidegate.domain.foreign_text import undotted
from tidegate.domain.ledger_items import kind_of_target
from tidegate.domain.schedule import MINUTE
from tidegate.steps.handling import step
from tidegate.steps.preparation import Preparation, PreparationEvent

UPDATE_MINUTES = 10
"""How long an update may take: twice what Lambda's own waiter allows (function_updated_v2: 300 s)."""

VERSION_MINUTES = 26
"""How long a version may stay Pending: like Lambda's own waiter (published_version_active: 312 times 5 s)."""


NEVER_ACTIVE = {"ActiveNonInvocable", "Deactivated", "Deactivating", "Deleting"}
"""States that a wait does not end."""


@step(PreparationEvent)
def handler(event: PreparationEvent) -> dict[str, Any]:
    target = event.target
    found = functions.read(target.function, target.version)
    if found is None:
        what = f"version {target.version} of {target.function}" if target.version else target.function
        raise VersionNotActive(f"{what} was deleted after the release was planned.")
    return _version(event, found) if target.version else _update(event, found)


def _update(event: PreparationEvent, latest: FunctionState) -> dict[str, Any]:
    target = event.target
    if latest.state == "Failed" or (latest.update_status == "Failed" and (target.applied or not target.pending)):
        reason = latest.update_reason if latest.update_status == "Failed" else latest.state_reason
        raise UpdateFailed(
            f"The last update of {target.function} failed ({reason}); the code before it still serves. "
            "Fix the cause, then start a new release."
        )
    if latest.busy:
        if target.waited(event.now) >= UPDATE_MINUTES * MINUTE:
            raise UpdateNotSettled(
                f"{target.function} was still being updated after {UPDATE_MINUTES} minutes "
                f"(State {latest.state}, LastUpdateStatus {latest.update_status}). It is left unchanged: another "
                "update of a stuck function would put it into Failed."
            )
        summary = f"{target.function}: waiting for LastUpdateStatus Successful"
        return target.waiting(event.now, summary, UPDATE_MINUTES * MINUTE)
    seen = {
        "revision_id": latest.revision_id,
        "code_sha256": latest.code_sha256,
        "config_sha256": latest.config_sha256,
    }
    following = "update" if target.pending else "publish"
    return target.then(following, f"{target.function}: settled", **seen)


def _version(event: PreparationEvent, found: FunctionState) -> dict[str, Any]:
    target = event.target
    if target.version == target.stable:
        return target.then("ready", f"version {target.version} of {target.function} is already live")
    if found.state == "Failed":
        raise _failure(f"Version {target.version} of {target.function} failed: {undotted(found.state_reason)}.", found)
    # An Inactive version is one that was idle for long; its first invocation wakes it.
    if found.state in {"Active", "Inactive"}:
        _check_companions(event.release, target, found)
        state = "active" if found.state == "Active" else "idle; the probe will wake it up"
        summary = f"version {target.version} of {target.function} is {state}"
        details = {"version": target.version, "summary": summary}
        tell_event(event.release, event.now, kind_of_target("settled", target.name), target.expires, details)
        return target.then("probe", summary)
    if found.state in NEVER_ACTIVE:
        raise VersionNotActive(
            f"Version {target.version} of {target.function} is {found.state}, and cannot be invoked "
            f"({undotted(found.state_reason)}). On Lambda Managed Instances, that is so while its scaling allows no "
            "execution environment: aws lambda put-function-scaling-config."
        )
    if target.waited(event.now) >= VERSION_MINUTES * MINUTE:
        raise VersionNotActive(
            f"Version {target.version} of {target.function} was still {found.state} after {VERSION_MINUTES} minutes "
            f"({found.state_reason})."
        )
    summary = f"version {target.version} of {target.function} is {found.state}{_why_pending(found)}"
    if target.waiting_since is None:
        details = {"version": target.version, "summary": summary}
        tell_event(event.release, event.now, kind_of_target("waiting", target.name), target.expires, details)
    return target.waiting(event.now, summary, VERSION_MINUTES * MINUTE)


def _why_pending(version: FunctionState) -> str:
    """Say why a version takes minutes to become active, if Lambda runs its init first."""
    if version.configuration.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
        return ": Lambda runs its init and makes a snapshot of it (SnapStart), which takes minutes"
    if version.configuration.get("CapacityProviderConfig"):
        return ": Lambda starts its first execution environments on managed instances, which takes minutes"
    return ""


def _failure(sentence: str, version: FunctionState) -> TidegateError:
    """Blame the version only for its content: a quota, a network, a role or a key is not a reason to fix the code."""
    failure = init_failure.of_state(version.state_reason)
    if failure is None:
        return VersionNotActive(sentence)
    kind = next(kind for kind in OF_A_PROBE if kind.__name__ == failure.error)
    return kind(f"{sentence} {failure.advice}".rstrip())


def _check_companions(release: str, target: Preparation, canary: FunctionState) -> None:
    """Check that an alias can be split between the versions (AWS Lambda guide, "Weighted alias").

    Raises
    ------
    VersionsDiffer
        When role or dead-letter queue differ, the strategy has steps, and they split the alias.
    """
    if target.stable is None or target.channel or not records.read(release).plan.strategy.steps:
        return
    stable = functions.read(target.function, target.stable)
    if stable is None:
        return
    for name in ("Role", "DeadLetterConfig"):
        if stable.configuration.get(name) != canary.configuration.get(name):
            raise VersionsDiffer(
                f"{target.function}: versions {target.stable} and {target.version} differ in {name}, but Lambda "
                f"splits an alias only between versions with the same {name}. Release it with "
                '"strategy": "all-at-once", or to users, whose aliases have one version each: "routing": "users".'
            )
