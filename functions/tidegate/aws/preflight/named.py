"""What a request names outside of its functions: sources of code and values, and alarms."""

from tidegate.aws import sources
from tidegate.aws.cloudwatch import alarms
from tidegate.domain.request.models import Request


def missing(request: Request, *, short: bool) -> list[str]:
    """Return a problem for each missing source and alarm of the request."""
    problems = sources.absent(request.targets, short=short)
    for name in alarms.missing(request.analysis.alarms):
        place = request.analysis.alarms.index(name)
        problems.append(
            f"analysis.alarms[{place}]: there is no alarm {name!r} in this account and Region; "
            'example: "alarms": ["checkout-orders-stopped"]'
        )
    return problems
