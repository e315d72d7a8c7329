"""Output: plain lines, with a panel below them on a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from localcloud.clock import current
from localcloud.traffic import Traffic, by_version

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

BAR = 30
REDRAWS_PER_SECOND = 4


def elapsed(seconds: float) -> str:
    """Write seconds as mm:ss."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes:02}:{rest:02}"


@dataclass
class Progress:
    """How far a release is: `weight` in percent on the canary."""

    started: float
    traffic: Traffic
    canary: str | None = None
    weight: float = 0.0


class Display:
    """Lines as they are: no colour, never wrapped."""

    progress: Progress | None = None

    def line(self, text: str, style: str | None = None) -> None:  # noqa: ARG002 - for those that have styles
        click.echo(text)


class Panel(Display):
    """The same lines, scrolling up above a few that show how far the release is."""

    def __init__(self, console: "Console") -> None:
        self._console = console

    def line(self, text: str, style: str | None = None) -> None:
        from rich.text import Text

        # A style given to print() would colour the panel below, too.
        self._console.print(Text(text, style or ""), soft_wrap=True)

    def __rich__(self) -> "Text":
        from rich.text import Text

        blocks = "█░" if "utf" in self._console.encoding.lower() else "#-"
        rows = _rows(self.progress, blocks) if self.progress else ()
        return Text("\n".join(rows), no_wrap=True, overflow="ellipsis")


@contextmanager
def opened() -> Iterator[Display]:
    """Return a panel on a terminal that can redraw, lines elsewhere."""
    if not sys.stdout.isatty() or os.environ.get("TERM") in (None, "dumb") or os.environ.get("CI"):
        yield Display()
        return
    from rich.console import Console
    from rich.live import Live

    console = Console()
    panel = Panel(console)
    with Live(panel, console=console, transient=True, refresh_per_second=REDRAWS_PER_SECOND):
        yield panel


def _rows(progress: Progress, blocks: str) -> Iterator[str]:
    yield ""
    yield f"{_bar(progress, blocks)}   {elapsed(current().time() - progress.started)} elapsed"
    for version, counts in by_version(progress.traffic.between(progress.started)).items():
        yield f"version {version:<3} {counts.total():6} requests {counts['failed']:6} failed"


def _bar(progress: Progress, blocks: str) -> str:
    full, empty = blocks[0], blocks[1]
    filled = round(progress.weight / 100 * BAR)
    where = f"on version {progress.canary}" if progress.canary else "on the new version"
    return f"{full * filled}{empty * (BAR - filled)} {progress.weight:3.0f} % {where}"
