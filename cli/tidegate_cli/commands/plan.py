"""`tidegate plan`: what a release would do, and what blocks it. Changes nothing."""

from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.metric_options import judging, metrics_given
from tidegate_cli.options import Seconds, choosing
from tidegate_cli.request import (
    analysis_with,
    check_named,
    read_request,
    strategy_given,
    targets_named,
    targets_of,
    with_targets,
)


@click.command(cls=Command)
@choosing
@judging
@click.option(
    "--request", type=click.File("rb"), help="File with the request as JSON, instead of FUNCTION; - reads stdin."
)
@click.option("--poll", type=Seconds(), default="1s", show_default=True, help="Polling interval.")
@click.pass_obj
def plan(shared: Shared, /, functions: tuple[FunctionName, ...], request: Any, poll: float, **options: Any) -> None:
    """Show what a release would do, and what blocks it. This is a dry run: nothing changes.

    Exits 0 if nothing blocks the release, otherwise 6.
    """
    if bool(functions) == (request is not None):
        raise click.UsageError("give a FUNCTION or a --request; example: tidegate plan checkout")
    wanted = read_request(request) if request is not None else {}
    strategy = strategy_given(options["strategy"], options["steps"], options["every"])
    check_named(functions, options["alias"])
    if request is not None:
        first = targets_of(shared, wanted, options["alias"])[0]["function"]
    else:
        version = None if options["version"] == "publish" else options["version"]
        targets = targets_named(shared, functions, options["alias"], version=version)
        wanted, first = with_targets(targets, {}), targets[0]["function"]
    wanted = {**wanted, **analysis_with(wanted, metrics_given(options, wanted.get("analysis")))}
    _ask(shared, first, {**wanted, **({"strategy": strategy} if strategy else {}), "dry_run": True}, poll)


def _ask(shared: Shared, function: str, request: Any, poll: float) -> None:
    from tidegate.domain.execution import LONGEST_NAME
    from tidegate_cli.ending import Ending
    from tidegate_cli.follow import Follower, Wish
    from tidegate_cli.naming import key_of_now
    from tidegate_cli.release_state import Eye
    from tidegate_cli.starting import start
    from tidegate_cli.views.view import Silent

    name = f"plan-{key_of_now()}-{function}"[:LONGEST_NAME]
    start(shared, name, request)
    eye, resume = Eye(name, shared.stack.execution(name)), shared.line("watch", name)
    link = shared.stack.console_link(name)
    ending: Ending = Follower(eye, Silent(), Wish(poll=poll), resume=resume, link=link).follow()
    document = {
        "type": "plan",
        "outcome": ending.outcome.word,
        "exit": ending.outcome.code,
        "error": ending.error or None,
        "summary": ending.sentence,
    }
    shared.output.show(document, ending.sentence, err=ending.outcome.code != 0 and not shared.json)
    raise click.exceptions.Exit(ending.outcome.code)
