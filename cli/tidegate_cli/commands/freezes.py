"""`tidegate freeze`, `thaw` and `freezes`: ask the Freeze function."""

from typing import Any

import click

from tidegate.domain.foreign_text import one_line
from tidegate.domain.function_name import FunctionName
from tidegate.domain.schedule import DAY
from tidegate_cli import time_at_aws
from tidegate_cli.command import Command, Shared
from tidegate_cli.invoke import ask, by_option
from tidegate_cli.option_types import Moment, MomentType
from tidegate_cli.targets import FUNCTION, here
from tidegate_cli.terminal import say


def _functions(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    from tidegate_cli import completing

    return completing.functions(ctx, incomplete)


def pattern_of(_: click.Context, __: click.Parameter, pattern: str) -> str | FunctionName:
    """Return a pattern unchanged, and the function name of an ARN."""
    if ":" not in pattern:
        return pattern
    found = FUNCTION.convert(pattern, None, None)
    if found.alias:
        raise click.BadParameter(
            f"a freeze covers a function with all its aliases; name only the function: {found.name}"
        )
    return found


@click.command(
    cls=Command,
    examples=[
        "tidegate freeze 'shop-*' --until 2h --reason \"a sale\"",
        "tidegate freeze checkout --until 18:00 --reason audit",
    ],
)
@click.argument("pattern", callback=pattern_of, shell_complete=_functions)
@click.option("--reason", required=True, help="Reason; shown in each refusal.")
@click.option(
    "--until",
    required=True,
    type=MomentType(),
    metavar="TIME",
    help="When the freeze ends: 2h, 3d, 18:00 (the next one, local), or 2026-12-01T08:00:00Z.",
)
@by_option
@click.pass_obj
def freeze(shared: Shared, pattern: str | FunctionName, reason: str, until: Moment, by: str) -> None:
    """Refuse new releases of functions, and hold running ones.

    PATTERN is a name with * and ?, such as 'shop-*'; '*' matches every function. To change reason or end, freeze
    PATTERN again.
    """
    # The machine's clock may be wrong, so that here only what is long over is refused.
    if until.seconds(time_at_aws.now()) < time_at_aws.now() - DAY:
        raise click.BadParameter(f"{until.text} is in the past", param_hint="--until")
    _ = shared.stack  # from its answer on, the time at AWS is known
    order = {"freeze": _pattern(shared, pattern), "reason": reason, "until": until.written(time_at_aws.now()), "by": by}
    answer = _ask(shared, order)
    shared.output.show({"type": "frozen", **answer}, answer["summary"])


@click.command(cls=Command, examples=["tidegate thaw 'shop-*'"])
@click.argument("pattern", callback=pattern_of, shell_complete=_functions)
@by_option
@click.pass_obj
def thaw(shared: Shared, pattern: str | FunctionName, by: str) -> None:
    """End the freeze of PATTERN; releases that it held continue."""
    answer = _ask(shared, {"thaw": _pattern(shared, pattern), "by": by})
    left = [f"still frozen: {line_of(one)}" for one in answer["freezes"]]
    shared.output.show({"type": "thawed", **answer}, "\n".join([answer["summary"], *left]))


@click.command(cls=Command, examples=["tidegate freezes"])
@click.pass_obj
def freezes(shared: Shared) -> None:
    """List what is frozen."""
    found = _ask(shared, {"list": True})["freezes"]
    shared.output.begin()
    for one in found:
        shared.output.show({"type": "freeze", **one}, line_of(one))
    if not found and not shared.json:
        say("no function is frozen")


def _pattern(shared: Shared, pattern: str | FunctionName) -> str:
    return pattern if isinstance(pattern, str) else here(shared, pattern).name


def line_of(freeze: dict[str, Any]) -> str:
    return one_line("{pattern} until {until}: {reason} (by {by}, {since})".format(**freeze))


def _ask(shared: Shared, order: dict[str, Any]) -> Any:
    return ask(shared, "FreezeFunction", order, "freeze")
