"""The preflight: read what the checks need, and let them conclude. It only reads."""

from collections.abc import Sequence

from tidegate.aws.preflight import facts
from tidegate.aws.preflight.aim import Aim
from tidegate.domain.finding import Finding
from tidegate.domain.planning.preflight import checking
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.planning.preflight.survey import Survey
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.models import Request


def look(request: Request, states: Sequence[Inspected], settings: Settings, now: int) -> list[Finding]:
    """Return the findings about the targets whose functions exist, errors first.

    Raises
    ------
    NotConfigured
        If the stack's parameter PreflightSeverities is invalid.
    """
    severity_of = checking.severities(settings.preflight_severities, request.preflight)
    targets = [(wanted, state) for wanted, state in zip(request.targets, states, strict=True) if state.latest]
    aims = [
        Aim(wanted.function, wanted.alias, str((state.configuration or {}).get("FunctionArn", "")))
        for wanted, state in targets
    ]
    read = facts.read(aims, checking.needed(severity_of), now, full=settings.preflight == "full")
    stepwise = bool(request.strategy.steps)
    surveys = [Survey(wanted, state, stepwise, found) for (wanted, state), found in zip(targets, read, strict=True)]
    return checking.findings(surveys, severity_of)
