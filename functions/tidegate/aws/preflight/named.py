"""What a request names outside of its targets: sources of code and values, alarms, and functions to ask."""

from collections.abc import Iterator

from tidegate.aws import sources
from tidegate.aws.cloudwatch import alarms
from tidegate.aws.failures import FAILED_CALL, is_busy
from tidegate.aws.lambda_ import functions
from tidegate.aws.lambda_.aliases import at_once
from tidegate.aws.logger import logger
from tidegate.domain.request.models import Request


def missing(request: Request, *, short: bool, urgent: bool = False) -> list[str]:
    """Return a problem for each missing source, alarm and function to ask of the request.

    An `urgent` release does without an alarm.
    """
    problems = [*sources.absent(request.targets, short=short), *_functions(request, short=short)]
    if urgent:
        return problems
    for name in alarms.missing(request.analysis.alarms):
        place = request.analysis.alarms.index(name)
        problems.append(
            f"analysis.alarms[{place}]: there is no alarm {name!r} in this account and Region; "
            'example: "alarms": ["checkout-orders-stopped"]'
        )
    return problems


def _functions(request: Request, *, short: bool) -> Iterator[str]:
    """Return a problem for each function to ask that does not exist, or that Lambda throttles always."""
    asked = [(f"hooks.{hook.moment}", hook.function) for hook in request.hooks.planned()]
    for index, target in enumerate(request.targets):
        if target.probe.function:
            asked.append((("" if short else f"targets[{index}].") + "probe.function", target.probe.function))
    names = sorted({name for _, name in asked})
    wrong = {name: why for name, why in zip(names, at_once(_what_is_wrong, names), strict=True) if why}
    for path, name in asked:
        if name in wrong:
            yield f'{path}: {wrong[name]}; example: "release-check"'


def _what_is_wrong(name: str) -> str:
    """Say why a function cannot be asked; empty if it can, or if that cannot be read."""
    try:
        found = functions.read(name)
    except FAILED_CALL as error:
        if is_busy(error):
            raise
        logger.warning("function %s could not be read: %s", name, error)
        return ""
    if found is None:
        return f"there is no function {name!r} in this account and Region: create it, or name another"
    if found.reserved == 0:
        return f"{name} has a reserved concurrency of 0, so that Lambda refuses every call: raise it, or name another"
    return ""
