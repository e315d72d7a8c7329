"""`tidegate try`: five releases on a local AWS, without an account."""

import json
import logging
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from localcloud.speed import Speed
from localcloud.trial import display, stage
from localcloud.trial.display import Display
from localcloud.trial.narration import Narration
from localcloud.trial.play import play
from localcloud.trial.results import Result, table
from localcloud.trial.scenarios import SCENARIOS

SCHEMA = 1
STYLES = {"ok": "green", "differs": "bold red"}


@click.command(name="try", epilog="\b\nExamples:\n  tidegate try\n  tidegate try --only 3 --clock 10")
@click.option(
    "--clock",
    type=Speed(1, 120),
    help="Speed of the emulated clock, as a multiple of real time. (Default: pauses are skipped.)",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("out/try.json"),
    show_default=True,
    help="File for the results, as JSON.",
)
@click.option("--only", type=click.IntRange(1, len(SCENARIOS)), help="Run only this one of the five releases.")
@click.pass_context
def try_(context: click.Context, clock: float | None, output: Path, only: int | None) -> None:
    """Watch five releases under traffic on a local AWS: no account, no Docker.

    Exits 0 only if each release ended as expected.
    """
    _make_writable(output)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    began = time.monotonic()
    with _interruptible(context), display.opened() as shown:
        results = _play_all(shown, clock, [only] if only else range(1, len(SCENARIOS) + 1))
    for line in ("", *table(results), ""):
        click.echo(line)
    _write(output, clock, results)
    good = sum(result.ok for result in results)
    click.echo(
        f"{good} of {len(results)} releases ended as they must; {time.monotonic() - began:.0f} s; details: {output}"
    )
    context.exit(0 if good == len(results) else 1)


def _play_all(shown: Display, clock: float | None, numbers: Sequence[int]) -> list[Result]:
    pace = f"whose minutes last {60 / clock:.3g} s" if clock else "that skips the pauses in which nothing happens"
    shown.line(f"Starting a local AWS {pace}, and deploying template.yaml to it.")
    results = []
    with stage.opened(clock) as here:
        shown.line(
            f"{stage.FUNCTION} gets {stage.PER_SECOND:g} requests a second, all through its alias {stage.ALIAS}. "
            "Times are that cloud's, from the start of each release."
        )
        for number in numbers:
            scenario = SCENARIOS[number - 1]()
            shown.line("")
            shown.line(f"{number}. {scenario.title}", "bold")
            narration = Narration(shown)
            run = play(here, scenario, number, narration)
            shown.progress = None
            result = Result.of(number, scenario, run)
            for word, text in result.lines():
                narration.line(result.run.ended, word, text, STYLES.get(word))
            results.append(result)
    return results


def _make_writable(output: Path) -> None:
    """Create the folder, and check that the file can be written, before the releases run."""
    there = output.exists()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.open("a").close()
        if not there:
            output.unlink()
    except OSError as error:
        raise click.UsageError(f"--output {output} cannot be written: {error.strerror}") from error


def _write(output: Path, clock: float | None, results: list[Result]) -> None:
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "ok": all(result.ok for result in results),
        "clock": clock,
        "traffic": {"target": stage.TARGET, "per_second": stage.PER_SECOND},
        "releases": [result.document() for result in results],
    }
    output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def _interruptible(context: click.Context) -> Iterator[None]:
    """Make Ctrl-C and SIGTERM stop everything that was started, then exit with 128 + the signal's number."""
    received = signal.SIGINT

    def interrupt(number: int, _: FrameType | None) -> None:
        nonlocal received
        received = signal.Signals(number)
        raise KeyboardInterrupt

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        context.exit(128 + received)
