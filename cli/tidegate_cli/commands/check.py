"""`tidegate check`: are the project file and requests valid. Calls nothing of AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import click

from tidegate_cli.command import Command, Shared
from tidegate_cli.outcome import Outcome


class Checked(NamedTuple):
    """One file, and its problems."""

    file: str
    what: str
    problems: list[str]


@click.command(cls=Command, examples=["tidegate check", "tidegate check release.json"], reads_project=False)
@click.argument("requests", nargs=-1, type=click.File("rb"), metavar="[REQUEST]...")
@click.pass_obj
def check(shared: Shared, requests: tuple[BinaryIO, ...]) -> None:
    """Check the project file, tidegate.yaml, and files with requests, without AWS.

    Plan also checks what only the stack and AWS know. Exits 1 when something is wrong.
    """
    wrong = False
    for each in _checked(shared.project_file, requests):
        wrong = wrong or bool(each.problems)
        document: dict[str, Any] = {"type": "checked", "ok": not each.problems, **each._asdict()}
        lines = [f"no  {each.file}: {problem}" for problem in each.problems] or [f"ok  {each.file}: {each.what}"]
        shared.output.show(document, "\n".join(lines), fg="red" if each.problems else "green")
    raise click.exceptions.Exit(Outcome.FAILED.code if wrong else 0)


def _checked(given: str | None, requests: tuple[BinaryIO, ...]) -> Iterator[Checked]:
    from tidegate_cli.project import read
    from tidegate_cli.project_file import NAME, find

    file = find(Path.cwd()) if given is None else Path(given) if given else None
    if file is None and not requests:
        what = f"there is no {NAME} here or above, and no request is named"
        raise click.UsageError(f"{what}; example: tidegate check release.json")
    project, problems = read(file) if file else (None, [])
    if file:
        yield Checked(str(file), project.summary if project else "", problems)
    for each in requests:
        yield _request(each, None if problems else project)


def _request(file: BinaryIO, project: Any) -> Checked:
    from tidegate.domain.request.selection import selection_of
    from tidegate_cli.request import read_request
    from tidegate_cli.wanted import asked_for

    name = str(getattr(file, "name", "-"))
    try:
        content = read_request(file)
        found = asked_for((), content, {}, project)
    except click.UsageError as error:
        return Checked(name, "", error.message.split("\n"))
    functions = ", ".join(each.name for each, _ in found.targets)
    return Checked(name, f"releases {functions or f'what changed of {selection_of(content)}'}", found.problems())
