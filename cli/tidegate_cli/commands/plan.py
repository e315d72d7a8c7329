"""`tidegate plan`: what a release would do, and what blocks it. Changes nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.options import requesting, starting

if TYPE_CHECKING:
    from tidegate_cli.builds import Candidate
    from tidegate_cli.ending import Ending
    from tidegate_cli.wanted import Wanted


@click.command(
    cls=Command,
    examples=["tidegate plan checkout", "tidegate plan checkout --steps 5,25,50 --every 5m"],
)
@requesting
@starting
@click.pass_obj
def plan(shared: Shared, /, functions: tuple[FunctionName, ...], request: BinaryIO | None, **options: Any) -> None:
    """Show what a release would do, and what blocks it. This is a dry run: nothing changes.

    Takes the options of release: write plan in place of release. Exits 0 if nothing blocks the release, otherwise 6.
    """
    from tidegate_cli.naming import check_key
    from tidegate_cli.wanted import wanted

    if options["name"]:
        check_key(options["name"])
    asked = wanted(shared, functions, request, options)
    shared.connect()
    _ = shared.stack
    from tidegate_cli import starting as start
    from tidegate_cli.builds import check_sha, look

    candidates = look(asked.targets)
    if options["publish_sha"]:
        check_sha(candidates, options["publish_sha"])
    existing = start.already_live(candidates) or _running(shared, candidates, asked)
    if existing:
        _conclude(shared, existing, asked, None)
    _conclude(shared, *_dry_run(shared, asked, options["poll"]))


def _running(shared: Shared, candidates: "Sequence[Candidate]", asked: "Wanted") -> "Ending | None":
    """Describe the running release of the same code, unless it is to be superseded: `release` would follow it."""
    from tidegate_cli import starting
    from tidegate_cli.ending import Ending
    from tidegate_cli.outcome import Outcome
    from tidegate_cli.unapplied import refuse_emergency, unapplied

    name = starting.holder_of_same(candidates, [each.build for each in candidates])
    if name is None:
        return None
    ignored = unapplied(shared, name, asked.request)
    if ignored and asked.rest.get("on_conflict") == "supersede":
        return None
    refuse_emergency(name, asked.request, ignored)
    told = f"Release {name} is releasing the same code. A release would follow it: {shared.line('watch', name)}"
    return Ending(Outcome.DONE, f"{told}. Not applied: {'; '.join(ignored)}" if ignored else told)


def _dry_run(shared: Shared, asked: "Wanted", poll: float) -> "tuple[Ending, Wanted, Any]":
    from dataclasses import replace

    from tidegate.domain.execution import LONGEST_NAME, plain_name
    from tidegate.domain.request.selection import selection_of
    from tidegate_cli.follow import Follower, Wish
    from tidegate_cli.naming import key_of_now
    from tidegate_cli.release_state import Eye
    from tidegate_cli.starting import start
    from tidegate_cli.views.view import Silent

    what = asked.targets[0]["function"] if asked.targets else plain_name(str(selection_of(asked.request)))
    name = f"plan-{key_of_now()}-{what}"[:LONGEST_NAME]
    start(shared, name, {**asked.request, "dry_run": True})
    eye, resume = Eye(name, shared.stack.execution(name)), shared.line("watch", name)
    follower = Follower(eye, Silent(), Wish(poll=poll), resume=resume, link=shared.stack.console_link(name))
    ending = follower.follow()
    execution = follower.sight.execution if follower.sight else None
    output = execution.output if execution and isinstance(execution.output, dict) else {}
    return replace(ending, sentence=asked.reword(ending.sentence)), asked, _reworded(output.get("plan"), asked)


def _reworded(found: Any, asked: "Wanted") -> Any:
    """Write the hints of the findings as the caller wrote the request; an older Tidegate gives no plan."""
    if not isinstance(found, dict):
        return found
    targets = [{**each, "findings": [*map(asked.reword, each["findings"])]} for each in found["targets"]]
    return {**found, "findings": [*map(asked.reword, found["findings"])], "targets": targets}


def _conclude(shared: Shared, ending: "Ending", asked: "Wanted", found: Any) -> None:
    from tidegate_cli.plan_text import lines, values

    document = {
        "type": "plan",
        "outcome": ending.outcome.word,
        "exit": ending.outcome.code,
        "error": ending.error or None,
        "summary": ending.sentence,
        "plan": found,
        "values": [each._asdict() for each in values(asked, shared)],
    }
    text = "\n".join(lines(ending.sentence, found, values(asked, shared), quiet=shared.quiet))
    shared.output.show(document, text, err=ending.outcome.code != 0 and not shared.json)
    raise click.exceptions.Exit(ending.outcome.code)
