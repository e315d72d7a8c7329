"""`tidegate doctor`: is the stack deployed, may I use it, do callers use the alias."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import click

from tidegate.domain.function_name import FunctionName
from tidegate.domain.schedule import HOUR, WEEK
from tidegate_cli import time_at_aws
from tidegate_cli.command import Command, Shared
from tidegate_cli.error_sentences import answer_or_stop
from tidegate_cli.options import alias_option
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.targets import FUNCTION, here, target_of

MARKS = {True: "ok", False: "no", None: "--"}
STYLES: dict[bool | None, dict[str, Any]] = {True: {"fg": "green"}, False: {"fg": "red", "bold": True}, None: {}}


class CheckResult(NamedTuple):
    """The result of one check; `ok` is None if it is only information."""

    check: str
    ok: bool | None
    sentence: str


@click.command(cls=Command, examples=["tidegate doctor", "tidegate doctor checkout"])
@click.argument("function", required=False, type=FUNCTION)
@alias_option
@click.pass_obj
def doctor(shared: Shared, function: FunctionName | None, alias: str | None) -> None:
    """Check that Tidegate is deployed, that you may use it and, with FUNCTION, that its callers use the alias.

    Only reads. Exits 1 when something is missing.
    """
    healthy = True
    for finding in _findings(shared, function, alias):
        healthy = healthy and finding.ok is not False
        document = {"type": "finding", "check": finding.check, "ok": finding.ok, "summary": finding.sentence}
        before = f"{MARKS[finding.ok]}  {finding.check:<12} "
        shared.output.show(document, before + finding.sentence, indent=len(before), **STYLES[finding.ok])
    raise click.exceptions.Exit(0 if healthy else Outcome.FAILED.code)


def _findings(shared: Shared, function: FunctionName | None, alias: str | None) -> Iterator[CheckResult]:
    shared.connect()
    yield (who := _tried("credentials", _who))
    if who.ok is False:
        return
    yield (stack := _tried("stack", lambda: _stack(shared)))
    if stack.ok is False:
        return
    yield _tried("executions", lambda: _executions(shared))
    yield _tried("ledger", _ledger)
    if not function:
        yield from _freezes(None)
    if function:
        place = _tried("place", lambda: f"{here(shared, function).name} is in the stack's account and Region")
        if not place.ok:
            yield place
            return
        name, alias = target_of(shared, function, alias)
        yield from _freezes(name)
        yield _pattern(shared, name)
        yield _tried("function", lambda: _function(name, alias))
        yield from _callers(name, alias)
        yield from _batches(name, alias)
    yield CheckResult(
        "start", None, "permission to start a release is not checked here; a dry run checks it: tidegate plan FUNCTION"
    )


def _tried(check: str, look: Callable[[], str]) -> CheckResult:
    """Make one read call like the commands; an error shows the missing permission."""
    found = answer_or_stop(look)
    return CheckResult(check, not isinstance(found, Stop), str(found))


def _who() -> str:
    import boto3

    found = boto3.client("sts").get_caller_identity()
    return f"you are {found['Arn']}"


def _stack(shared: Shared) -> str:
    stack = shared.stack
    pattern = stack.parameters.get("FunctionPattern", "")
    return f"{stack.name} in {stack.region} releases {pattern or 'functions'} through {stack.state_machine}"


def _executions(shared: Shared) -> str:
    from tidegate_cli.release_state import describe

    describe(shared.stack.execution("tidegate-doctor"))
    return "you can read releases"


def _ledger() -> str:
    from tidegate.aws.ledger import index, locks

    held = len({lock.release for lock in locks.read_all()})
    running = {0: "no release is running", 1: "1 release is running"}.get(held, f"{held} releases are running")
    newest = next(index.listed(), None)
    last = f"the newest release is {newest.name}" if newest else "there has been no release yet"
    return f"{running}; {last}"


def _freezes(function: str | None) -> Iterator[CheckResult]:
    """Report each freeze, or those that cover the function; a freeze is information, not a fault."""
    from tidegate.aws.ledger import freezes
    from tidegate_cli.commands.freezes import line_of

    found = answer_or_stop(lambda: freezes.read(int(time_at_aws.now())))
    if isinstance(found, Stop):
        yield CheckResult("freezes", None, f"freezes are unknown: {found}")
        return
    for freeze in found:
        if function is None or freeze.covers(function, freeze.since):
            yield CheckResult("freezes", None, f"frozen: {line_of(freeze.shown())}")


def _pattern(shared: Shared, function: str) -> CheckResult:
    from tidegate.domain.request.limits import matches

    pattern = shared.stack.parameters.get("FunctionPattern", "*")
    if matches(function, [pattern]):
        return CheckResult("pattern", True, f"{function} may be released ({pattern})")
    return CheckResult("pattern", False, f"{function} may not be released: the stack's FunctionPattern is {pattern}")


def _function(function: str, alias: str) -> str:
    from tidegate.aws.lambda_ import aliases, functions

    if functions.read(function) is None:
        raise Stop(Outcome.FAILED, f"there is no function {function!r} in this account and Region")
    found = aliases.read(function, alias)
    if found is None:
        raise Stop(
            Outcome.FAILED, f"{function} has no alias {alias!r}; the first release can create it: --create-alias"
        )
    return f"{function}:{alias} is {found.state}"


def _callers(function: str, alias: str) -> Iterator[CheckResult]:
    """Compare a week's calls of the alias with calls of the unqualified function."""
    counted = answer_or_stop(lambda: (_calls(function, f"{function}:{alias}"), _calls(function, function)))
    if isinstance(counted, Stop):
        yield CheckResult("callers", None, f"callers are unknown: {counted}")
        return
    through, bare = counted
    if bare:
        sentence = (
            f"{bare} of {bare + through} calls in the last week bypassed the alias (unqualified function): a release "
            f"does not move them. Change the callers to use {function}:{alias}"
        )
        yield CheckResult("callers", False, sentence)
    else:
        yield CheckResult(
            "callers", bool(through) or None, f"{through} calls in the last week used the alias, none bypassed it"
        )


def _batches(function: str, alias: str) -> Iterator[CheckResult]:
    """Report event source mappings that hide failures, if there are any."""
    from tidegate.aws.preflight import of_function
    from tidegate.domain.planning.preflight.event_sources import of_sources, reporting

    found = answer_or_stop(lambda: reporting(of_function.mappings_of(function), alias))
    if isinstance(found, Stop):
        yield CheckResult("batches", None, f"not known whether event source mappings hide failures: {found}")
    elif found:
        yield CheckResult("batches", None, of_sources(found).sentence)


def _calls(function: str, resource: str) -> int:
    import boto3

    now = int(time_at_aws.now())
    points = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Invocations",
        Dimensions=[{"Name": "FunctionName", "Value": function}, {"Name": "Resource", "Value": resource}],
        StartTime=datetime.fromtimestamp(now - WEEK, UTC),
        EndTime=datetime.fromtimestamp(now + HOUR, UTC),
        Period=HOUR,
        Statistics=["Sum"],
    )
    return round(sum(point["Sum"] for point in points["Datapoints"]))
