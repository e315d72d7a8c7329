"""Whose logs are looked at: those that Plan can read, of versions whose lines can be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tidegate.aws.clients import lambda_client
from tidegate.aws.cloudwatch.log_counts import TargetLogs, VersionLog, refusal
from tidegate.aws.failures import FAILED_CALL
from tidegate.aws.ledger.records import Release
from tidegate.aws.logger import logger
from tidegate.domain.analysis.log_calls import LogStyle, not_understood
from tidegate.domain.analysis.looks import MOST_TARGETS
from tidegate.domain.analysis.readings import shifts_of
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.schedule import minute_of
from tidegate.domain.truncation import first_names


def planned(plan: ReleasePlan, states: Sequence[Inspected], now: int) -> ReleasePlan:
    """Return the plan with the targets whose logs are looked at, and the reasons for the others.

    Idle targets have too few calls, and where errors do not decide, or users do, those in the logs do not either:
    nothing is said.
    """
    split = [target for target in plan.targets if target.snapshot and not target.idle and not target.live]
    decide = any(metric.name == ERRORS and metric.gates for metric in plan.metrics)
    if plan.routing or not (split and plan.strategy.steps and decide):
        return plan
    if len(split) > MOST_TARGETS:
        return replace(plan, logs_off=f"Logs are not compared: the release has more than {MOST_TARGETS} targets")
    by_name = dict(zip([target.name for target in plan.targets], states, strict=True))
    why = {target.name: _why_not(target, by_name[target.name], now) for target in split}
    return replace(
        plan,
        targets=tuple(replace(each, looks_at_logs=why.get(each.name) == "") for each in plan.targets),
        logs_off=_told(why),
    )


def _told(why: Mapping[str, str]) -> str:
    reasons = sorted(set(filter(None, why.values())))
    names = {reason: first_names([name for name in why if why[name] == reason]) for reason in reasons}
    return "; ".join(f"Logs of {names[reason]} are not compared: {reason}" for reason in reasons)


def _why_not(target: TargetPlan, state: Inspected, now: int) -> str:
    """Say why its logs are not looked at; empty if they are. A change by the request is seen by the first look."""
    configuration = state.configuration or {}
    style = LogStyle.of(configuration)
    return not_understood(style, style) or refusal(VersionLog.of(target.function, "$LATEST", configuration).group, now)


def opened(release: Release) -> dict[str, TargetLogs]:
    """Return the logs of the targets to look at, by name, from their last shift on."""
    found = {}
    for target in release.plan.shifting:
        own = shifts_of(target.wave, release.shifts)
        if target.looks_at_logs and own and own[-1] == release.shifts[-1]:
            first = minute_of(own[-1].at)
            try:
                stable, canary = (_log(target, version) for version in target.versions())
            except FAILED_CALL as error:
                logger.warning("the versions of %s could not be read: %s", target.function, error)
                continue
            found[target.name] = TargetLogs(stable, canary, first)
    return found


def _log(target: TargetPlan, version: str) -> VersionLog:
    found = lambda_client().get_function_configuration(FunctionName=target.function, Qualifier=version)
    return VersionLog.of(target.function, version, found)
