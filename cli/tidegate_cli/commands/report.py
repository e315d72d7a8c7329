"""`tidegate report`: a release as one page, as Markdown or as data."""

import webbrowser
from pathlib import Path

import click

from tidegate.domain.function_name import FunctionName
from tidegate_cli.command import Command, Shared
from tidegate_cli.outcome import Outcome, Stop
from tidegate_cli.reporting import write_whole
from tidegate_cli.targets import RELEASE
from tidegate_cli.terminal import say


@click.command(cls=Command, examples=["tidegate report checkout --open", "tidegate report checkout --markdown"])
@click.argument("release", required=False, metavar="[RELEASE|FUNCTION]", type=RELEASE)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; - writes to stdout.  [default: RELEASE.html]",
)
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
@click.option(
    "--markdown",
    "as_markdown",
    is_flag=True,
    help="Print Markdown on stdout, for the summary of a CI job.",
)
@click.pass_obj
def report(
    shared: Shared, release: FunctionName | str | None, output: Path | None, show: bool, as_markdown: bool
) -> None:
    """Show a running or ended release: outcome, reasons, charts, path.

    RELEASE is its name; a FUNCTION, or FUNCTION:ALIAS, selects its newest release. The default is the newest release of
    all. The page is one file without external resources. --json prints the data that every page contains; RELEASE may
    then also be the file of an earlier page.
    """
    if show and (as_markdown or shared.json):
        raise click.UsageError("--open shows the HTML page; omit --markdown and --json")
    if isinstance(release, str) and release.endswith(".html"):
        _write(_data_of(Path(release), shared), output or Path("-"))
        return
    from tidegate.report.document import written
    from tidegate.report.markdown import markdown
    from tidegate.report.page import page
    from tidegate_cli.load_report import gather

    found = gather(shared, release)
    if shared.json or as_markdown:
        _write(written(found) if shared.json else markdown(found), output or Path("-"))
        return
    target = output or Path(f"{found.release}.html")
    # Character references, since stdout may have the code page of a terminal.
    _write(page(found).encode("ascii", "xmlcharrefreplace").decode() if str(target) == "-" else page(found), target)
    if str(target) != "-":
        say(str(target))
    if show:
        webbrowser.open(target.resolve().as_uri())


def _data_of(page: Path, shared: Shared) -> str:
    """Return the data in an earlier page.

    Raises
    ------
    Stop
        When there is no such file, or it is not a report.
    """
    from tidegate.domain.foreign_text import as_json
    from tidegate.report.page import read_back

    if not shared.json:
        raise click.UsageError("an earlier page can only be read as data: add --json")
    try:
        return as_json(read_back(page.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise Stop(Outcome.FAILED, f"{page} cannot be read: {error}") from None


def _write(text: str, target: Path) -> None:
    if str(target) == "-":
        say(text, nl=not text.endswith("\n"))
    else:
        write_whole(text, target)
