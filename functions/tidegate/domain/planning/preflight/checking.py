"""The checks of the preflight, and from the data about a target to its findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.errors import NotConfigured
from tidegate.domain.finding import CheckName, Finding, Severity
from tidegate.domain.planning.preflight import (
    architecture,
    async_retries,
    moving_parts,
    policy_not_on_alias,
)
from tidegate.domain.planning.preflight.alias_obstacles import alias_owned_by_template
from tidegate.domain.planning.preflight.code_and_configuration import code_and_configuration
from tidegate.domain.planning.preflight.contract import contract
from tidegate.domain.planning.preflight.deprecated_runtime import deprecated_runtime
from tidegate.domain.planning.preflight.event_sources import batch_failures, filtered_queue
from tidegate.domain.planning.preflight.no_traffic import no_traffic
from tidegate.domain.planning.preflight.quotas import code_storage, reserved_concurrency
from tidegate.domain.planning.preflight.start_times import provisioned_concurrency, snapstart
from tidegate.domain.planning.preflight.survey import MALFORMED, CannotLook, Conclusion, Conclusions, Survey
from tidegate.domain.planning.preflight.unlike_versions import dlq_differ, roles_differ
from tidegate.domain.planning.preflight.unqualified_callers import READS as CALLERS
from tidegate.domain.planning.preflight.unqualified_callers import managed_instances, unqualified_callers


@dataclass(frozen=True)
class PreflightCheck:
    """`reads` are the facts that `conclude` uses, by name; `severity` is what its findings are by default."""

    conclude: Callable[[Survey], Conclusions]
    severity: Severity = "warning"
    reads: tuple[str, ...] = ()


CHECKS: Mapping[CheckName, PreflightCheck] = {
    "unqualified-callers": PreflightCheck(unqualified_callers, reads=CALLERS),
    "managed-instances": PreflightCheck(managed_instances, "error", reads=CALLERS),
    "code-and-configuration": PreflightCheck(code_and_configuration, reads=("unqualified-calls",)),
    "no-traffic": PreflightCheck(no_traffic),
    "batch-failures": PreflightCheck(batch_failures, reads=("mappings",)),
    "filtered-queue": PreflightCheck(filtered_queue, "error", reads=("mappings",)),
    "roles-differ": PreflightCheck(roles_differ, "error"),
    "dlq-differ": PreflightCheck(dlq_differ, "error"),
    "policy-not-on-alias": PreflightCheck(policy_not_on_alias.policy_not_on_alias, reads=policy_not_on_alias.READS),
    "architecture": PreflightCheck(architecture.architecture, reads=architecture.READS),
    "deprecated-runtime": PreflightCheck(deprecated_runtime),
    "provisioned-concurrency": PreflightCheck(provisioned_concurrency),
    "snapstart": PreflightCheck(snapstart),
    "reserved-concurrency": PreflightCheck(reserved_concurrency),
    "code-storage": PreflightCheck(code_storage, reads=("code-storage",)),
    "async-retries": PreflightCheck(async_retries.async_retries, reads=async_retries.READS),
    "moving-parts": PreflightCheck(moving_parts.moving_parts, reads=moving_parts.READS),
    "alias-owned-by-template": PreflightCheck(alias_owned_by_template, reads=("alias-owner",)),
    "contract": PreflightCheck(contract, reads=("messages",)),
}
"""In the order in which their findings are shown."""

Severities = Mapping[Any, str]


def severities(of_stack: str, of_request: Severities) -> dict[str, str]:
    """Return the severity of each check: the request's, else the stack's ("name=severity,…"), else its own.

    Raises
    ------
    NotConfigured
        If the stack's parameter names a check or a severity that does not exist.
    """
    found: dict[str, str] = {name: check.severity for name, check in CHECKS.items()}
    for part in filter(None, (each.strip() for each in of_stack.split(","))):
        name, _, severity = part.partition("=")
        if name not in found or severity not in ("error", "warning", "ignore"):
            raise NotConfigured(
                f"The parameter PreflightSeverities of Tidegate's stack contains {part!r}: use NAME=error, "
                f"NAME=warning or NAME=ignore, with one of {', '.join(found)}."
            )
        found[name] = severity
    return {**found, **of_request}


def needed(severity_of: Severities) -> set[str]:
    """Return the facts that the checks need that are not ignored."""
    return {fact for name, check in CHECKS.items() if severity_of[name] != "ignore" for fact in check.reads}


def findings(surveys: Iterable[Survey], severity_of: Severities) -> list[Finding]:
    """Return the findings about all targets, errors first."""
    surveys = list(surveys)
    found = [
        finding
        for name, check in CHECKS.items()
        if severity_of[name] != "ignore"
        for survey in surveys
        for finding in _of(name, check, severity_of[name], survey)
    ]
    return sorted(found, key=lambda each: each.severity != "error")


def _of(name: str, check: PreflightCheck, severity: str, survey: Survey) -> Iterator[Finding]:
    for found, why, fix, looked in _conclusions(name, check, survey):
        yield Finding(name, severity if looked else "warning", survey.target, found, why, fix)


def _conclusions(name: str, check: PreflightCheck, survey: Survey) -> Conclusions:
    try:
        yield from check.conclude(survey)
    except CannotLook as problem:
        yield Conclusion.not_looked(name, str(problem))
    except MALFORMED as error:
        yield Conclusion.not_looked(name, f"AWS's answer was not understood ({error!r})")
