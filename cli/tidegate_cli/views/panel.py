"""On a terminal: the lines scroll up and stay, and below them a panel shows how far the release is."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from tidegate.domain.events.form import Milestone
from tidegate.domain.foreign_text import for_log
from tidegate_cli.views.lines import Lines, elapsed
from tidegate_cli.views.progress import Progress
from tidegate_cli.wrapping import filled

INDENT = 19
"""Where sentences begin, after the time and the type of the event."""

REDRAWS_PER_SECOND = 4


class Panel(Lines):
    """The same lines as without a terminal, and up to three more that are redrawn."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        super().__init__(verbose=verbose)
        self._console = console
        self._progress = Progress()

    def show(self, milestones: Sequence[Milestone]) -> None:
        for milestone in milestones:
            self._progress.saw(milestone)
        super().show(milestones)

    def line(self, text: str, style: dict[str, Any]) -> None:
        look = f"{'bold ' if style.get('bold') else ''}{style.get('fg', '')}".strip()
        for part in filled(for_log(text), self._console.width, indent=INDENT):
            # Not print(text, style=…): that would colour the panel below, too.
            self._console.print(Text(for_log(part), look), soft_wrap=True)

    def link(self, url: str, resume: str) -> None:
        """Write a hyperlink (OSC 8), or the address where the terminal shows none."""
        if not hyperlinks(os.environ) or self._console.color_system is None:
            super().link(url, resume)
            return
        said = f"{elapsed(0)} {'link':<12} to follow: {for_log(resume)}; or "
        self._console.print(Text.assemble(said, ("in the console", f"underline link {url}")), soft_wrap=True)

    def __rich__(self) -> Text:
        full, empty = "█░" if "utf" in self._console.encoding.lower() else "#-"
        return Text("\n").join(self._progress.rows(full, empty, self._clock.now()))


def hyperlinks(environment: Mapping[str, str]) -> bool:
    """Return whether the terminal is not known to show the text of a hyperlink without its address."""
    return environment.get("TERM") != "linux" and environment.get("TERM_PROGRAM") != "Apple_Terminal"


@contextmanager
def opened(*, verbose: bool, color: bool | None) -> Iterator[Panel]:
    console = Console(stderr=True, no_color=color is False, highlight=False)
    panel = Panel(console, verbose=verbose)
    with Live(panel, console=console, transient=True, refresh_per_second=REDRAWS_PER_SECOND):
        yield panel
