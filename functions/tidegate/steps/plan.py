"""Plan: validate the request, read every function and alias, take the locks.

If it fails, nothing has changed, except superseded releases, which may already be rolled back.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from tidegate.aws import canary_aliases, clients, going_back, preflight
from tidegate.aws.announcements import announce
from tidegate.aws.cloudwatch import caller_logs, log_looks
from tidegate.aws.cloudwatch.expected_traffic import look_ahead
from tidegate.aws.ending import supersession
from tidegate.aws.failures import FAILED_CALL, in_our_words
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.lambda_.inspection import inspect
from tidegate.aws.ledger import analysis_state, history, items, locks, records
from tidegate.aws.ledger.index import Heading, enlist
from tidegate.aws.ledger.records import Release
from tidegate.aws.ledger.table import BATCH
from tidegate.aws.preflight import named
from tidegate.aws.regions import opening
from tidegate.aws.selecting import functions_of
from tidegate.domain.alias import AliasState, percent
from tidegate.domain.errors import AwsBusy, FunctionIdle, InvalidRequest, LockHeld, NotConfigured, TidegateError
from tidegate.domain.events.milestone import Refused
from tidegate.domain.events.timeline import begun
from tidegate.domain.expectation import expectation, idle_targets
from tidegate.domain.finding import in_short, recorded, softened
from tidegate.domain.function_name import unrecognised
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.planning.known_calls import with_calls
from tidegate.domain.planning.meetings import MOST_SHOWN, meetings
from tidegate.domain.planning.outlook import Outlook, with_expectation
from tidegate.domain.planning.plan_builder import make_plan
from tidegate.domain.planning.preflight import obstacles
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.planning.selected import changed
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import read_request
from tidegate.domain.routing import share_of
from tidegate.domain.truncation import first_names
from tidegate.domain.waves import each_wave, in_how_many
from tidegate.steps.handling import StepEvent, step
from tidegate.steps.preparation import Preparation

OWN_NAME = "AWS_LAMBDA_FUNCTION_NAME"
"""Lambda's name of the running function; it is set only by Lambda."""

NO_LABELS: Mapping[str, str] = {}


class PlanEvent(StepEvent):
    execution: str
    request: Any
    settings: Settings
    attempt: int


class Look(NamedTuple):
    """The plan, what it can detect, and the schemas of the messages of new versions, by target name."""

    plan: ReleasePlan
    ahead: Outlook
    schemas: Mapping[str, str]


@step(PlanEvent)
def handler(event: PlanEvent) -> dict[str, Any]:
    try:
        return in_our_words(lambda: _plan(event))
    except TidegateError as error:
        if not isinstance(error, AwsBusy):
            announce(_heading(event), _refused(event, error))
        raise


def _plan(event: PlanEvent) -> dict[str, Any]:
    own = event.settings.own_prefix
    if problem := unrecognised(os.environ.get(OWN_NAME, own), own):
        raise NotConfigured(problem)
    clients.refuse_older_sdk()
    if opening.is_of_regions(event.request):
        return opening.opened(event.request, _heading(event), event.now, event.settings, attempt=event.attempt)
    request = read_request(event.request, event.settings, functions_of(event.request, event.settings))
    going_back.refuse_frozen(request, event.now, allowed=event.settings.roll_back_under_freeze)
    # First: an alias that a release has split looks broken to whoever does not know of its lock.
    held = locks.holders(canary_aliases.names(request), event.release)
    if request.on_conflict == "refuse":
        locks.refuse(held)
    in_the_way = supersession.read(held)
    seen = _look(event, request, supersession.left_behind(in_the_way))
    plan, ahead, _ = seen
    records.refuse_too_large(dict(request.labels), plan)
    _refuse_idle(plan)
    if request.dry_run:
        told = _told(plan, in_the_way, ahead)
        answer = _answer(event, "dry_run", plan, f"Dry run: nothing was changed. A release would {told}")
        return {
            **answer,
            "plan": {
                **ahead.shown(_intent(plan, in_the_way), *_remarks(plan), *(each.sentence for each in plan.findings)),
                "meetings": [each.document() for each in islice(meetings(plan), MOST_SHOWN)],
            },
        }
    if in_the_way:
        plan = _take_over(event, request, in_the_way, seen)
    else:
        _take(event, request, seen)
    record = {"started": event.now, "labels": request.labels, "plan": plan.document()}
    announce(_heading(event, request.labels, plan.functions), begun(event.release, record))
    return _answer(event, "prepare", plan, _told(plan, in_the_way, ahead))


def _refuse_idle(plan: ReleasePlan) -> None:
    if plan.on_idle == "refuse" and (told := idle_targets(plan)):
        raise FunctionIdle(
            f"{told}. Start the release again when there are calls, or choose what happens without; "
            'example: "analysis": {"on_idle": "promote"}'
        )


def _heading(event: PlanEvent, labels: Mapping[str, str] = NO_LABELS, functions: tuple[str, ...] = ()) -> Heading:
    return Heading(event.release, event.execution, dict(labels), functions, event.settings.event_bus)


def _refused(event: PlanEvent, error: TidegateError) -> Refused:
    name = type(error).__name__
    return Refused(at=event.now, release=event.release, summary=f"{name}: {error}", error=name)


def _look(
    event: PlanEvent, request: Request, left_behind: Mapping[str, AliasState | None], before: Look | None = None
) -> Look:
    """Read everything and plan the release; what was seen `before` is not read again, only functions and aliases.

    Raises
    ------
    InvalidRequest
        With all reasons for the refusal.
    """
    settings = event.settings
    states = at_once(
        lambda target: inspect(target, left_behind, carries=settings.carry_provisioned), request.targets, calls=2
    )
    back = going_back.going_back(request)
    short = "targets" not in event.request
    request, states, skipped = changed(event.request, request, states)
    problems = _obstacles(request, states, settings.limits().keys, short=short) + going_back.moved(request, states)
    plan = make_plan(
        request, states, now=event.now, retention_days=settings.retention_days, keep_versions=settings.keep_versions
    )
    plan = canary_aliases.planned(replace(plan, event_bus=settings.event_bus, skipped=skipped), request, event.release)
    problems += canary_aliases.obstacles(plan, left_behind)
    problems += caller_logs.obstacles(plan, event.now) if before is None else []
    ahead = before.ahead if before else look_ahead(plan, event.now)
    plan = with_expectation(plan, ahead)
    if request.analysis.fast:
        plan = log_looks.planned(plan, states, event.now)
    schemas = before.schemas if before else {}
    if before is None:
        urgent = going_back.is_urgent(request, back)
        found, calls, schemas = preflight.look(request, states, plan, settings, event.now, alarms=ahead.alarms)
        found = softened(found) if urgent else found
        problems += named.missing(request, short=short, urgent=urgent)
        problems += [each.sentence for each in found if each.severity == "error"]
        plan = with_calls(replace(plan, findings=recorded(found)), calls)
    if problems:
        raise InvalidRequest(problems)
    plan = going_back.noted(plan, back if settings.roll_back_under_freeze else frozenset(), event.now)
    return Look(plan, ahead, schemas)


def _take_over(event: PlanEvent, request: Request, in_the_way: list[Release], before: Look) -> ReleasePlan:
    """Supersede blocking releases, read the aliases again, and take the locks; what was found `before` stays.

    An error then mentions the superseded releases.
    """
    done = supersession.supersede(in_the_way, event.release, event.now)
    try:
        # Another release may have been faster; it is not superseded as well, or there might be no end to it.
        locks.refuse(locks.holders(canary_aliases.names(request), event.release))
        plan = replace(_look(event, request, {}, before).plan, findings=before.plan.findings)
        plan = with_calls(plan, {each.name: dict(each.found) for each in before.plan.targets})
        _take(event, request, before._replace(plan=plan))
    except TidegateError as error:
        told = supersession.overtaken(error, in_the_way) if isinstance(error, LockHeld) else error
        told.args = (f"{told} Before that: {done}.",)
        raise told from None
    return plan


def _obstacles(request: Request, states: list[Inspected], keys: Sequence[str], *, short: bool) -> list[str]:
    return [
        problem
        for index, (wanted, found) in enumerate(zip(request.targets, states, strict=True))
        for problem in obstacles(wanted, found, "" if short else f"targets[{index}].", keys)
    ]


def _take(event: PlanEvent, request: Request, seen: Look) -> None:
    """Write the record and the locks with the snapshots; release everything if that fails."""
    plan, ahead, schemas = seen
    snapshots = {alias.name: alias.snapshot for alias in plan.aliases}
    writes = locks.requests(event.release, event.execution, event.now, snapshots, attempt=event.attempt)
    labels = dict(request.labels)
    opening = records.opening(event.release, event.execution, event.now, labels, plan, attempt=event.attempt)
    # As many as one transaction takes, and the record in it: a lone record would stay open for ever.
    locks.take(event.release, snapshots, writes[: BATCH - 1], opening=opening)
    try:
        for first in range(BATCH - 1, len(writes), BATCH):
            locks.take(event.release, snapshots, writes[first : first + BATCH])
        _check_snapshots(plan)
        canary_aliases.put_on_stable(plan, event.release)
        details = {"summary": _intent(plan), "outlook": ahead.sentence, "alarms": list(ahead.guards)}
        items.record_event(event.release, event.now, "planned", plan.expires, details)
        analysis_state.record(event.release, event.now, plan.expires, ahead.rows())
        history.prepare_contracts(event.release, schemas, event.now, plan.expires)
        enlist(event.release, event.now, [target.name for target in plan.targets], plan.expires)
    except (TidegateError, *FAILED_CALL) as error:
        canary_aliases.leave(plan, event.release)
        for name in snapshots:
            locks.free(name, event.release, attempt=event.attempt)
        records.close_refused(event.release, str(error), event.now, attempt=event.attempt)
        raise


def _check_snapshots(plan: ReleasePlan) -> None:
    """Read the aliases again now that they are locked: a roll back restores the snapshot."""

    def check(target: TargetPlan) -> None:
        found = aliases.read(target.function, target.alias)
        if (found.state if found else None) != target.snapshot:
            raise aliases.moved(target.name, str(target.snapshot or "no alias"), found)

    at_once(check, plan.targets)


def _intent(plan: ReleasePlan, in_the_way: Sequence[Release] = ()) -> str:
    names = first_names([target.name for target in plan.targets])
    weights = " → ".join(percent(step.weight / 100) for step in each_wave(plan).steps)
    schedule = plan.strategy.name + in_how_many(plan) + (f" ({weights}{share_of(plan.routing)})" if weights else "")
    others = f", superseding {', '.join(each.name for each in in_the_way)}" if in_the_way else ""
    return ", ".join(filter(None, [f"release {names} by {schedule}{others}", plan.unprobed]))


def _told(plan: ReleasePlan, in_the_way: Sequence[Release], ahead: Outlook) -> str:
    return ". ".join(
        filter(None, [_intent(plan, in_the_way), *_remarks(plan), in_short(plan.findings), ahead.sentence])
    )


def _remarks(plan: ReleasePlan) -> tuple[str, ...]:
    """Return what is unusual about the release, as texts; some may be empty."""
    decides = plan.routing.told if plan.routing else ""
    return plan.left_out, plan.despite_freeze, plan.carried, expectation(plan), plan.pace, plan.logs_off, decides


def _answer(event: PlanEvent, following: str, plan: ReleasePlan, summary: str) -> dict[str, Any]:
    return {
        "next": following,
        "summary": summary,
        "settings": event.settings.model_dump(mode="json"),
        "targets": [Preparation.of(target, plan).model_dump(mode="json") for target in plan.targets],
    }
