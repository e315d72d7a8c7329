"""`tidegate local`: the local cloud, for any AWS CLI or SDK."""

import logging
import signal
import threading
from pathlib import Path

import click
from click.core import ParameterSource

from localcloud.cloud import REGION, LocalCloud
from localcloud.deploy import TemplateError
from localcloud.speed import Speed

LOOKS_UP_AFTER = 0.5
DEFAULT_STACK = "tidegate"
"""The stack that the command `tidegate` uses if none is named."""


def _parameters(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    wrong = next((value for value in values if "=" not in value), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not Key=Value; example: FunctionPattern=shop-*")
    return dict(value.split("=", 1) for value in values)


@click.command(
    epilog="\b\nExamples:\n  tidegate local --template template.yaml --parameter FunctionPattern='shop-*'\n"
    "  tidegate local --port 4566 --clock 1"
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to serve on (default: a free port).")
@click.option(
    "--clock",
    type=Speed(1, 10_000),
    default=60.0,
    show_default=True,
    help="Speed of waits, timestamps and metrics, as a multiple of real time.",
)
@click.option(
    "--template", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="SAM template to deploy."
)
@click.option(
    "--parameter", "parameters", multiple=True, callback=_parameters, help="Key=Value for the template; repeatable."
)
@click.option("--stack-name", default=DEFAULT_STACK, show_default=True, help="Name of the stack for --template.")
def local(port: int, clock: float, template: Path | None, parameters: dict[str, str], stack_name: str) -> None:
    """Run a local AWS on 127.0.0.1 until interrupted.

    Paste the lines that it prints into another shell: then the AWS CLI, SDKs and `tidegate` use it.
    """
    if template is None:
        _refuse_what_needs_a_template(click.get_current_context())
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    interrupted = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.set())
    cloud = LocalCloud(factor=clock, port=port)
    try:
        cloud.start()
    except OSError as error:
        raise click.ClickException(f"cannot serve on 127.0.0.1:{port}: {error.strerror}") from error
    try:
        if template:
            _deploy(cloud, template, parameters, stack_name)
        click.echo(f"ready {cloud.endpoint}")
        click.echo(_instructions(cloud.endpoint, clock, stack_name if template else None))
        # A signal that another thread gets does not wake this one, which alone runs its handler.
        while not interrupted.wait(LOOKS_UP_AFTER):
            pass
    finally:
        cloud.stop()


def _instructions(endpoint: str, clock: float, stack: str | None) -> str:
    """Return lines to paste into another shell, and a comment on time and traffic; the first line stays `ready`."""
    named = "" if stack in {None, DEFAULT_STACK} else f" TIDEGATE_STACK={stack}"
    return (
        f"export AWS_ENDPOINT_URL={endpoint}{named}\n"
        f"export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}\n"
        "unset AWS_PROFILE AWS_SESSION_TOKEN TIDEGATE_PROFILE TIDEGATE_REGION\n"
        f"# {_time(clock)} No function is called unless you call it."
    )


def _time(clock: float) -> str:
    if clock == 1:
        return "Time runs as in reality: a bake of 5 minutes takes 5 minutes."
    return (
        f"Time runs {clock:g} times faster: a bake of 5 minutes takes {300 / clock:.3g} seconds, and one call a second "
        f"counts as {60 / clock:.3g} a minute."
    )


def _refuse_what_needs_a_template(context: click.Context) -> None:
    for name, option in (("parameters", "--parameter"), ("stack_name", "--stack-name")):
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise click.UsageError(f"{option} needs --template")


def _deploy(cloud: LocalCloud, template: Path, parameters: dict[str, str], stack_name: str) -> None:
    try:
        cloud.deploy(template, parameters, stack_name)
    except TemplateError as error:
        raise click.ClickException(str(error)) from error
