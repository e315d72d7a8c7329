"""On a terminal: the lines scroll up and stay, and below them a panel shows how far the release is."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from tidegate.domain.events.form import Milestone
from tidegate.domain.foreign_text import for_log
from tidegate.domain.partition import PARTITIONS
from tidegate_cli.views.lines import Lines, elapsed
from tidegate_cli.views.progress import Progress
from tidegate_cli.wrapping import filled

INDENT = 19
"""Where sentences begin, after the time and the type of the event."""

REDRAWS_PER_SECOND = 4

BLANK = "\N{NO-BREAK SPACE}"
IN_THE_CONSOLE = BLANK.join(("in", "the", "console"))
"""The mark of an address until the lines are broken, which leaves it in one piece."""

HOSTS = "|".join(re.escape(each.console) for each in PARTITIONS)
CONSOLE = re.compile(rf"https://[a-z0-9-]+\.(?:{HOSTS})/(?:states|cloudwatch)/home\?[^\s()]*[^\s().,;]")
"""Addresses of executions and logs in AWS's consoles. No other one is hidden behind words: it may be foreign text."""


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
        self._print(for_log(text).replace(BLANK, " "), look)

    def link(self, url: str, resume: str) -> None:
        """Write where it can be followed; the command stays in one piece, to be copied."""
        if self._has_links:
            command = for_log(resume).replace(" ", BLANK)
            self._print(f"{elapsed(0)} {'link':<12} to follow: {command}; or {url}", "")
        else:
            super().link(url, resume)

    @property
    def _has_links(self) -> bool:
        return hyperlinks(os.environ) and self._console.color_system is not None

    def _print(self, text: str, look: str) -> None:
        """Write lines; addresses in the console are hyperlinks (OSC 8), where the terminal shows any."""
        urls = iter(CONSOLE.findall(text) if self._has_links else ())
        if self._has_links:
            text = CONSOLE.sub(IN_THE_CONSOLE, text)
        for part in filled(text, self._console.width, indent=INDENT):
            # Not print(text, style=…): that would colour the panel below, too.
            self._console.print(_linked(part, urls, look), soft_wrap=True)

    def __rich__(self) -> Text:
        full, empty = "█░" if "utf" in self._console.encoding.lower() else "#-"
        # Rows are as wide as the terminal already; a part that is longer than that is cut, also while lines scroll.
        return Text("\n", no_wrap=True, overflow="ellipsis").join(
            self._progress.rows(full, empty, self._clock.now(), self._console.width)
        )


def _linked(line: str, urls: Iterator[str], look: str) -> Text:
    """Return a line in which each mark of an address is a hyperlink to the next one."""
    first, *others = (each.replace(BLANK, " ") for each in line.split(IN_THE_CONSOLE))
    found = Text(first, look)
    for other in others:
        found.append(IN_THE_CONSOLE.replace(BLANK, " "), f"{look} underline link {next(urls)}".strip())
        found.append(other, look)
    return found


def hyperlinks(environment: Mapping[str, str]) -> bool:
    """Return whether the terminal is not known to show the text of a hyperlink without its address."""
    return environment.get("TERM") != "linux" and environment.get("TERM_PROGRAM") != "Apple_Terminal"


@contextmanager
def opened(*, verbose: bool, color: bool | None) -> Iterator[Panel]:
    console = Console(stderr=True, no_color=color is False, highlight=False)
    panel = Panel(console, verbose=verbose)
    with Live(panel, console=console, transient=True, refresh_per_second=REDRAWS_PER_SECOND):
        yield panel
