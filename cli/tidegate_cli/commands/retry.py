"""`tidegate retry`: start the request of an ended release again."""

from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.options import starting_again
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.request import targets_of, with_targets
from tidegate_cli.targets import RELEASE, newest, written


@click.command(cls=Command, examples=["tidegate retry checkout", "tidegate retry checkout --again"])
@click.argument("release", metavar="RELEASE|FUNCTION", type=RELEASE)
@click.option("--again", is_flag=True, help="Release the code even if a verdict rolled it back.")
@starting_again
@click.pass_obj
def retry(shared: Shared, /, release: FunctionName | str, *, again: bool, **options: Any) -> None:
    """Start the request of RELEASE, or of the newest release of FUNCTION, again, as a new release.

    The request is the same, the code is that of today: $LATEST, unless the request has a version or code. Labels stay.
    """
    from tidegate_cli.naming import check_key, key_of_now
    from tidegate_cli.releasing import Releasing

    if options["name"]:
        check_key(options["name"])
    request = _request_of(shared, release)
    targets = [{**each, **({"again": True} if again else {})} for each in targets_of(shared, request, None)]
    rest = {name: value for name, value in request.items() if name not in {"targets", *targets[0]}}
    # Not the key of the CI job's run: under it, the release to retry would be found, and its outcome be reported.
    key = options["name"] or key_of_now()
    Releasing(shared, targets, with_targets(targets, rest), key=key, repeatable=options["name"] is not None).run(
        options
    )


def _request_of(shared: Shared, meant: FunctionName | str) -> dict[str, Any]:
    """Read the request from the execution of an ended release.

    Raises
    ------
    Stop
        When there is none, it is running, or it was only a dry run.
    """
    _ = shared.stack
    from tidegate.aws import executions

    name = newest(shared, meant)
    found = executions.describe(shared.stack.execution(name)) if name else None
    if found is None:
        raise Stop(
            Outcome.FAILED,
            f"The request of {name or written(meant)} is unknown: there is no such release, or it ended more than 90 "
            f"days ago and Step Functions has deleted it. Past releases: {shared.line('history', 'FUNCTION')}",
        )
    if found.running:
        raise Stop(Outcome.REFUSED, f"Release {name} is still running. To follow it: {shared.line('watch', name)}")
    if not isinstance(found.request, dict) or found.request.get("dry_run"):
        raise Stop(Outcome.REFUSED, f"{name} was no release but a dry run. Use: tidegate release FUNCTION")
    return {field: value for field, value in found.request.items() if field != "$schema"}
