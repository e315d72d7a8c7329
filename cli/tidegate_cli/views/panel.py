"""On a terminal: the lines scroll up and stay, and below them a panel shows how far the release is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from tidegate.domain.amounts import rate, since_clock
from tidegate.domain.events.milestone import Judged, JudgedTarget, Milestone, Started
from tidegate.domain.foreign_text import for_log, one_line
from tidegate_cli.views.lines import STYLES, Lines

BAR = 25
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
        # Not print(text, style=…): that would colour the panel below, too.
        self._console.print(Text(for_log(text), look), soft_wrap=True)

    def __rich__(self) -> Text:
        full, empty = "█░" if "utf" in self._console.encoding.lower() else "#-"
        return Text("\n").join(self._progress.rows(full, empty))


class Progress:
    """The data of the panel: the weight, and both versions' counts of the last tick."""

    def __init__(self) -> None:
        self._weight = 0.0
        self._alias = ""
        self._ticks: Judged | None = None

    def saw(self, milestone: Milestone) -> None:
        if isinstance(milestone, Started):
            self._alias = for_log(one_line(", ".join(target.name for target in milestone.targets[:3])))
        if isinstance(milestone, Judged):
            self._ticks = milestone
        if milestone.type == "finished":
            self._weight = 100.0
        elif milestone.type in {"rolled-back", "recovered", "superseded"}:
            self._weight = 0.0
        else:
            self._weight = getattr(milestone, "weight", self._weight)

    def rows(self, full: str, empty: str) -> Iterator[Text]:
        filled = round(self._weight / 100 * BAR)
        yield Text(f"{self._alias}  {full * filled}{empty * (BAR - filled)}  {self._weight:g} % on the new version")
        if self._ticks is None:
            return
        for target in self._ticks.targets[:2]:
            verdict = for_log(one_line(target.verdict)).replace("_", " ")
            yield Text.assemble(
                f"{for_log(_counts(target))}   ",
                (verdict, STYLES.get(target.verdict, {}).get("fg", "")),
                f"  {for_log(one_line(target.target))}",
            )


def _counts(target: JudgedTarget) -> str:
    if target.canary is None or target.stable is None:
        return "not compared"
    name = one_line(target.metric)
    since = "" if target.since is None else f"   {since_clock(target.since)}"
    return f"{name}  new {_share(*target.canary)}   old {_share(*target.stable)}{since}"


def _share(bad: int, total: int) -> str:
    return f"{bad}/{total}" + (f" ({rate(bad / total)})" if total else "")


@contextmanager
def opened(*, verbose: bool, color: bool | None) -> Iterator[Panel]:
    console = Console(stderr=True, no_color=color is False, highlight=False)
    panel = Panel(console, verbose=verbose)
    with Live(panel, console=console, transient=True, refresh_per_second=REDRAWS_PER_SECOND):
        yield panel
