"""The preflight: read what the checks need, and let them conclude. It only reads."""

from collections.abc import Sequence

from tidegate.aws.preflight import facts
from tidegate.aws.preflight.aim import KEPT, Aim
from tidegate.domain.analysis.guards import Guard
from tidegate.domain.finding import Finding
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.known_calls import handed_on
from tidegate.domain.planning.preflight import checking
from tidegate.domain.planning.preflight.contract import released_schema
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.planning.preflight.survey import Survey
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.models import Request, TargetRequest
from tidegate.domain.routing import canary_alias

STACK_TAG = "aws:cloudformation:stack-name"
"""The tag by which CloudFormation marks what it creates."""


def look(
    request: Request,
    states: Sequence[Inspected],
    plan: ReleasePlan,
    settings: Settings,
    now: int,
    *,
    alarms: tuple[Guard, ...] = (),
) -> tuple[list[Finding], dict[str, dict[str, str]], dict[str, str]]:
    """Return what is found about the targets whose functions exist.

    That is the findings, errors first, calls between the targets (`handed_on`), and the schema of the messages of each
    version to release, by the name of the target.

    Raises
    ------
    NotConfigured
        If the stack's parameter PreflightSeverities is invalid.
    """
    severity_of = checking.severities(settings.preflight_severities, request.preflight)
    targets = [(wanted, state) for wanted, state in zip(request.targets, states, strict=True) if state.latest]
    guards = [alarms, *[()] * len(targets)]
    aims = [
        _aim(*target, of_alarms, settings.keep_versions) for target, of_alarms in zip(targets, guards, strict=False)
    ]
    if plan.routing:
        aims = [aim._replace(carrier=canary_alias(aim.alias)) for aim in aims]
    if not plan.strategy.steps:
        aims = [aim._replace(stable="") for aim in aims]  # no two runtimes to compare
    read = facts.read(aims, checking.needed(severity_of), now, full=settings.preflight == "full")
    surveys = [
        Survey(*target, plan, found, now, of_alarms, settings.function_pattern)
        for target, found, of_alarms in zip(targets, read, guards, strict=False)
    ]
    schemas = {each.target: text for each in surveys if (text := released_schema(each))}
    return checking.findings(surveys, severity_of), handed_on([wanted for wanted, _ in targets], read), schemas


def _aim(wanted: TargetRequest, state: Inspected, alarms: Sequence[Guard], keep_versions: int) -> Aim:
    changed = wanted.configuration.layers if wanted.configuration else None
    layers = state.released.settings.get("Layers", ()) if changed is None and state.released else changed
    return Aim(
        wanted.function,
        wanted.alias,
        str((state.configuration or {}).get("FunctionArn", "")),
        layers=tuple(layers or ()),
        version=wanted.version or "",
        code=wanted.code.api_parameters() if wanted.code else state.code,
        keep=wanted.keep or keep_versions or KEPT,
        stack=state.tags.get(STACK_TAG, ""),
        stable=state.alias.version if state.alias and all(state.runtimes) else "",
        metrics=frozenset(metric for alarm in alarms for metric in alarm.metrics),
        contract=wanted.contract,
        serves=state.alias.version if state.alias else "",
    )
