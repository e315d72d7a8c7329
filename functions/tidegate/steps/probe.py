"""Probe: check whether the version starts, and whether it answers as the release expects."""

from typing import Any

from tidegate.aws.announcements import tell_event, tell_event_once
from tidegate.aws.clients import region
from tidegate.aws.lambda_ import functions, invocations
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.ledger import history
from tidegate.domain import errors
from tidegate.domain.errors import TidegateError, VersionWakingUp
from tidegate.domain.foreign_text import undotted
from tidegate.domain.ledger_items import kind_of_target
from tidegate.domain.metric import INIT_DURATION, metrics_of
from tidegate.domain.partition import log_link
from tidegate.domain.probe import ProbeFinding, beside_stable, judge_probe
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.parse import read_request
from tidegate.steps.handling import step
from tidegate.steps.preparation import PreparationEvent


class ProbeEvent(PreparationEvent):
    request: Any
    settings: Settings


@step(ProbeEvent)
def handler(event: ProbeEvent) -> dict[str, Any]:
    target = event.target
    found = functions.read(target.function, target.version)
    if found is None or target.version is None:
        raise errors.VersionNotActive(f"Version {target.version} of {target.function} is gone.")
    try:
        finding, link = _probe(event, found)
    except VersionWakingUp:
        _tell_waking(event, found.version)
        raise
    finding = _beside_stable(event, finding)
    details = {"init_seconds": finding.init_seconds, "log_group": found.log_group}
    history.record_probe(target.name, target.version, expires=target.expires, details=details)
    tell_event(
        event.release,
        event.now,
        kind_of_target("probed", target.name),
        target.expires,
        {"version": target.version, "init_seconds": finding.init_seconds, "summary": finding.sentence},
    )
    if finding.error:
        raise _failure(finding, link)
    return target.then("ready", finding.sentence)


def _tell_waking(event: ProbeEvent, version: str) -> None:
    """Announce it once, in the first try that finds the version idle."""
    target = event.target
    summary = f"version {version} of {target.function} was idle and is waking up; this may take a few minutes"
    details = {"version": version, "summary": summary}
    tell_event_once(event.release, event.now, kind_of_target("waking-up", target.name), target.expires, details)


def _beside_stable(event: ProbeEvent, finding: ProbeFinding) -> ProbeFinding:
    """Compare the init with stable's, if the request asks for it."""
    target = event.target
    metrics = metrics_of(read_request(event.request, event.settings).analysis)
    asked = next((metric for metric in metrics if metric.name == INIT_DURATION), None)
    if asked is None or target.stable is None:
        return finding
    before = history.probed(target.name, target.stable).get("init_seconds")
    return beside_stable(finding, target.stable, before, slower_ms=asked.over_ms if asked.gates else None)


def _probe(event: ProbeEvent, found: FunctionState) -> tuple[ProbeFinding, str]:
    target = event.target
    wanted = target.request_in(read_request(event.request, event.settings)).probe
    payload = wanted.payload if wanted.has_payload else {}
    answer, request_id = invocations.probe(
        target.function, found.version, event.release, payload, found.timeout_seconds
    )
    finding = judge_probe(
        answer,
        has_payload=wanted.has_payload,
        has_expect=wanted.has_expect,
        expect=wanted.expect,
        max_init_seconds=wanted.max_init_seconds,
        timeout_seconds=found.timeout_seconds,
        subject=f"version {found.version} of {target.function}",
    )
    return finding, log_link(region(), found.log_group, request_id)


class InitFailed(TidegateError):
    """The version does not start."""


class InitTooSlow(TidegateError):
    """The version takes longer to start than the request allows."""


class ProbeFailed(TidegateError):
    """The version failed on the probe's payload, or did not answer as expected."""


FAILURES = {
    "InitFailed": InitFailed,
    "InitTooSlow": InitTooSlow,
    "ProbeFailed": ProbeFailed,
    "ProbeUnanswered": errors.ProbeUnanswered,
}


def _failure(finding: ProbeFinding, link: str) -> TidegateError:
    assert finding.error is not None
    return FAILURES[finding.error](f"{undotted(finding.sentence)}. It received no traffic. Log: {link}")
