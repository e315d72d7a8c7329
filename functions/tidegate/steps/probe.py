"""Probe: check whether the version starts, and whether it answers as the release expects."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tidegate.aws.announcements import tell_event, tell_event_once
from tidegate.aws.clients import region
from tidegate.aws.lambda_ import functions, hooks, invocations
from tidegate.aws.lambda_.functions import FunctionState
from tidegate.aws.ledger import history
from tidegate.domain import errors
from tidegate.domain.errors import StillProvisioning, TidegateError, VersionWakingUp
from tidegate.domain.foreign_text import undotted
from tidegate.domain.ledger_items import kind_of_target
from tidegate.domain.metric import INIT_DURATION, metrics_of
from tidegate.domain.partition import log_link
from tidegate.domain.probe import InitLimits, ProbeFinding, approved, beside_stable, combined, judge_probe, not_probed
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.parse import read_request
from tidegate.domain.request.probe import MOST_CALLS, Probe, ProbeCall
from tidegate.steps.handling import step
from tidegate.steps.preparation import PreparationEvent
from tidegate.steps.provisioned_probe import environments_of_stable, has_requested, init_without_invocation

PROVISION = "provision"
"""The kind of probe for which the provisioned environments are the probe."""

LONGEST_ASKED = 870
"""Most seconds to wait for a function of the user's: this function may run for 900."""


class ProbeEvent(PreparationEvent):
    request: Any
    settings: Settings


@step(ProbeEvent)
def handler(event: ProbeEvent) -> dict[str, Any]:
    target = event.target
    found = functions.read(target.function, target.version)
    if found is None or target.version is None:
        raise errors.VersionNotActive(f"Version {target.version} of {target.function} is gone.")
    wanted = target.request_in(event.request, event.settings).probe
    gets_more = target.provisioned > 0 and wanted.kind != PROVISION
    try:
        # Environments are requested after the probe, so a retry that finds them requested does not probe again.
        told = [] if gets_more and has_requested(event.release, target) else [_tried(event, wanted, found)]
        if gets_more:
            told.append(_with_environments(event, found))
    except VersionWakingUp:
        _tell_waking(event, found.version)
        raise
    except StillProvisioning as error:
        _tell_waiting(event, found.version, str(error))
        raise
    return target.then("ready", "; ".join(told))


def _tried(event: ProbeEvent, wanted: Probe, found: FunctionState) -> str:
    """Probe the version, record and announce the finding, and return it as a sentence; raise it if it is an error."""
    target = event.target
    finding, link = _probe(event, wanted, found)
    details = {"init_seconds": finding.init_seconds, "log_group": found.log_group}
    history.record_probe(target.name, found.version, expires=target.expires, details=details)
    tell_event(
        event.release,
        event.now,
        kind_of_target("probed", target.name),
        target.expires,
        {
            "version": target.version,
            "probe": wanted.kind,
            "init_seconds": finding.init_seconds,
            "summary": finding.sentence,
        },
    )
    if finding.error:
        raise _failure(finding, link)
    return finding.sentence


def _with_environments(event: ProbeEvent, found: FunctionState) -> str:
    """Give the version as many provisioned environments as stable has."""
    finding = environments_of_stable(event.release, event.target, found, event.now)
    if finding.error:
        raise _failure(finding, log_link(region(), found.log_group, "INIT_REPORT"))
    return finding.sentence


def _tell_waking(event: ProbeEvent, version: str) -> None:
    """Announce it once, in the first try that finds the version idle."""
    target = event.target
    summary = f"version {version} of {target.function} was idle and is waking up; this may take a few minutes"
    details = {"version": version, "summary": summary}
    tell_event_once(event.release, event.now, kind_of_target("waking-up", target.name), target.expires, details)


def _tell_waiting(event: ProbeEvent, version: str, why: str) -> None:
    """Announce it once, in the first try."""
    target = event.target
    details = {"version": version, "summary": why}
    tell_event_once(event.release, event.now, kind_of_target("waiting", target.name), target.expires, details)


def _beside_stable(event: ProbeEvent, wanted: Probe, finding: ProbeFinding) -> ProbeFinding:
    """Compare the init with stable's, if the request asks for it."""
    target = event.target
    metrics = metrics_of(read_request(event.request, event.settings, [event.target.function]).analysis)
    asked = next((metric for metric in metrics if metric.name == INIT_DURATION), None)
    if target.stable is None or (asked is None and wanted.max_init_ratio is None):
        return finding
    limits = InitLimits(asked.over_ms if asked and asked.gates else None, wanted.max_init_ratio)
    before = history.probed(target.name, target.stable).get("init_seconds")
    return beside_stable(finding, target.stable, before, limits)


def _probe(event: ProbeEvent, wanted: Probe, found: FunctionState) -> tuple[ProbeFinding, str]:
    """Return what the probe found, and a link to the log."""
    if wanted.kind == "none":
        _refuse_idle(found)
        return not_probed(_subject(found)), ""
    if wanted.kind == "function":
        return _asked(event, wanted, found), ""
    if wanted.kind == PROVISION:
        _refuse_idle(found)
        finding = init_without_invocation(event.release, event.target, found, event.now)
        return finding, log_link(region(), found.log_group, "INIT_REPORT")
    finding, request_id = _invoked(event, wanted, found)
    return _beside_stable(event, wanted, finding), log_link(region(), found.log_group, request_id)


def _refuse_idle(found: FunctionState) -> None:
    """Refuse an idle version, whose first requests would fail: only an invocation wakes it up."""
    if found.state == "Inactive":
        raise errors.VersionNotActive(
            f"Version {found.version} of {found.function} is idle, and only an invocation wakes it up, so that its "
            'first requests would fail: release it with "probe": {"kind": "invoke"}.'
        )


def _asked(event: ProbeEvent, wanted: Probe, found: FunctionState) -> ProbeFinding:
    """Ask the user's function about the version."""
    assert wanted.function, "the request is read only with one"
    target = event.target
    told = {
        "tidegate": "probe",
        "release": event.release,
        "function": target.function,
        "alias": target.alias,
        "version": found.version,
        "arn": found.arn,
        "stable": target.stable,
        "token": f"{event.release}/probe/{target.name}",
    }
    answer = hooks.ask(wanted.function, told, seconds=LONGEST_ASKED)
    return approved(_subject(found), wanted.function, answer)


def _invoked(event: ProbeEvent, wanted: Probe, found: FunctionState) -> tuple[ProbeFinding, str]:
    """Invoke the version as often as the request says, concurrently.

    A failure of the version counts more than a call that could not be made, for which all are made again.
    """

    def one(call: ProbeCall) -> tuple[ProbeFinding, str]:
        answer, request_id = invocations.probe(
            event.target.function,
            found.version,
            event.release,
            call.payload if call.has_payload else {},
            found.timeout_seconds,
            tenant=wanted.tenant,
        )
        finding = judge_probe(
            answer,
            has_payload=call.has_payload,
            has_expect=call.has_expect,
            expect=call.expect,
            max_init_seconds=wanted.max_init_seconds,
            timeout_seconds=found.timeout_seconds,
            subject=_subject(found),
        )
        return finding, request_id

    with ThreadPoolExecutor(max_workers=MOST_CALLS) as pool:
        tried = [pool.submit(one, call) for call in wanted.invocations]
    answered = [each.result() for each in tried if not each.exception()]
    if len(answered) < len(tried) and not any(finding.error for finding, _ in answered):
        # A call without an answer may still be running: it is not made again.
        raise min(
            filter(None, (each.exception() for each in tried)),
            key=lambda error: not isinstance(error, errors.ProbeUnanswered),
        )
    worst = combined([finding for finding, _ in answered])
    return worst, next(request_id for finding, request_id in answered if finding.error == worst.error)


def _subject(found: FunctionState) -> str:
    return f"version {found.version} of {found.function}"


FAILURES = {kind.__name__: kind for kind in errors.OF_A_PROBE}


def _failure(finding: ProbeFinding, link: str) -> TidegateError:
    assert finding.error is not None
    log = f" Log: {link}" if link else ""
    return FAILURES[finding.error](f"{undotted(finding.sentence)}. It received no traffic.{log}")
