"""`tidegate hold`, `promote` and `abort`: ask the Decide function."""

from typing import Any

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.error_sentences import answer_or_stop
from tidegate_cli.invoke import ask, by_option
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.targets import RELEASE, holders
from tidegate_cli.wrapping import tell

release_argument = click.argument("release", required=False, metavar="[RELEASE|FUNCTION]", type=RELEASE)


@click.command(cls=Command, examples=['tidegate hold checkout --reason "numbers look odd"'])
@release_argument
@click.option("--reason", help="Reason; shown with the release.")
@by_option
@click.pass_obj
def hold(shared: Shared, release: FunctionName | str | None, reason: str | None, by: str) -> None:
    """Keep RELEASE at its weight, still judged, until promote or abort, or until its max_hold is over.

    RELEASE may be a FUNCTION that it releases. The default is the only running release.
    """
    _decide(shared, release, {"decision": "hold", "by": by, "reason": reason})


@click.command(cls=Command, examples=["tidegate promote checkout", "tidegate promote checkout --to 100"])
@release_argument
@click.option(
    "--to",
    type=click.FloatRange(0, 100, min_open=True),
    metavar="PERCENT",
    help="Weight of a later step, any weight before the next one, or 100.",
)
@click.option("--reason", help="Reason; shown with the release.")
@by_option
@click.pass_obj
def promote(shared: Shared, release: FunctionName | str | None, to: float | None, reason: str | None, by: str) -> None:
    """Let RELEASE continue with its next step, or to the weight --to; 100 finishes it.

    This also works if the release is held, waits for approval, or is inconclusive; never if a version fails.
    RELEASE may be a FUNCTION that it releases. The default is the only running release.
    """
    _decide(shared, release, {"decision": "promote", "by": by, "reason": reason, "to": to})


@click.command(cls=Command, examples=['tidegate abort checkout --reason "wrong build"'])
@release_argument
@click.option("--reason", required=True, help="Reason; becomes the Cause of the execution.")
@by_option
@click.pass_obj
def abort(shared: Shared, release: FunctionName | str | None, reason: str, by: str) -> None:
    """Roll RELEASE back. Its version may be released again.

    RELEASE may be a FUNCTION that it releases. The default is the only running release.
    """
    _decide(shared, release, {"decision": "abort", "by": by, "reason": reason})


def _decide(shared: Shared, release: FunctionName | str | None, order: dict[str, Any]) -> None:
    name = _running(shared, release)
    given = {key: value for key, value in order.items() if value is not None}
    answer = ask(shared, "DecideFunction", {"release": name, "via": "command", **given}, "take decisions")
    if shared.json:
        shared.output.document({"type": "decision", **answer})
    if not answer["accepted"]:
        raise Stop(Outcome.REFUSED, "" if shared.json else answer["summary"])
    if not shared.json:
        tell(answer["summary"])


def _running(shared: Shared, meant: FunctionName | str | None) -> str:
    """Find the named release, or the running one.

    Raises
    ------
    Stop
        When there is none, or more than one.
    """
    _ = shared.stack  # has the ledger found
    from tidegate.aws.ledger import locks

    # Who may decide need not be allowed to read the ledger: what is named is then a release.
    read = answer_or_stop(locks.read_all) if isinstance(meant, str) else locks.read_all()
    held = [] if isinstance(read, Stop) else read
    names = holders(shared, held, meant) if meant else sorted({lock.release for lock in held})
    if len(names) == 1:
        return names[0]
    if names:
        raise Stop(Outcome.REFUSED, f"{len(names)} releases are running; name one: {', '.join(names)}")
    raise Stop(Outcome.REFUSED, "No release is running.")
