"""The interface of views, and the choice of a view for a call."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import Protocol

from tidegate.domain.events.form import Milestone
from tidegate_cli.command import Shared
from tidegate_cli.terminal import is_terminal


class View(Protocol):
    """Shows a running release."""

    def show(self, milestones: Sequence[Milestone]) -> None:
        """Show what is new."""

    def note(self, kind: str, sentence: str) -> None:
        """Show other lines: a warning, a progress line."""

    def link(self, url: str, resume: str) -> None:
        """Show where else the release can be followed: in the console, and by the command `resume`."""

    def alive(self, trouble: str = "") -> float:
        """Write a progress line if it is time; return the seconds until the next.

        `trouble`: the reason for missing news.
        """


class Silent:
    """Shows nothing."""

    def show(self, milestones: Sequence[Milestone]) -> None:
        pass

    def note(self, kind: str, sentence: str) -> None:
        pass

    def link(self, url: str, resume: str) -> None:
        pass

    def alive(self, trouble: str = "") -> float:  # noqa: ARG002 - says nothing
        return inf


@contextmanager
def view_for(shared: Shared) -> Iterator[View]:
    """Return the view for the options and the output; it is removed at the end."""
    if shared.json:
        from tidegate_cli.views.json_lines import JsonLines

        yield JsonLines(shared.output)
    elif shared.quiet:
        yield Silent()
    elif _on_a_terminal():
        from tidegate_cli.views.panel import opened

        with opened(verbose=shared.verbose, color=shared.color) as panel:
            yield panel
    else:
        from tidegate_cli.views.log import Log

        yield Log(verbose=shared.verbose)


def _on_a_terminal() -> bool:
    return is_terminal(sys.stderr) and os.environ.get("TERM") not in {None, "dumb"} and not os.environ.get("CI")
