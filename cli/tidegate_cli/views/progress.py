"""The data of the panel: weight, step, time left, and both versions' counts of the last tick."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from tidegate.domain.amounts import rate, since_clock
from tidegate.domain.events.form import Milestone
from tidegate.domain.events.milestone import Held, Judged, JudgedTarget, PlannedStep, Shifted, Started
from tidegate.domain.foreign_text import for_log, one_line
from tidegate.domain.rollout.pauses import AROUND_A_STEP
from tidegate.domain.routing import share_of
from tidegate.domain.schedule import LAG, MINUTE, readable_duration
from tidegate_cli.views.lines import STYLES

BAR, SHORTEST = 25, 10
INDENT = "  "
"""Before the rest of a row that is longer than the terminal is wide."""
OVER = {"finished", "rolled-back", "recovered", "superseded", "refused"}


class Progress:
    """Takes milestones, gives the rows of the panel."""

    def __init__(self) -> None:
        self._weight = 0.0
        self._share = ""
        self._alias = ""
        self._steps: Sequence[PlannedStep] = ()
        self._shifted: Shifted | None = None
        self._held = self._over = False
        self._ticks: Judged | None = None

    def saw(self, milestone: Milestone) -> None:
        if isinstance(milestone, Started):
            self._alias = for_log(one_line(", ".join(target.name for target in milestone.targets[:3])))
            self._steps, self._share = milestone.steps, share_of(milestone.routing)
        elif isinstance(milestone, Shifted):
            self._shifted, self._held = milestone, False
        elif isinstance(milestone, Judged):
            self._ticks = milestone
        elif isinstance(milestone, Held):
            self._held = True
        self._over = self._over or milestone.type in OVER
        if milestone.type == "finished":
            self._weight = 100.0
        elif milestone.type in OVER:
            self._weight = 0.0
        else:
            self._weight = getattr(milestone, "weight", self._weight)

    def rows(self, full: str, empty: str, now: float, width: int) -> Iterator[Text]:
        """Yield the rows; where one is longer than the terminal is wide, it continues below."""
        rest = f" %{self._share} on the new version"
        length = max(SHORTEST, min(BAR, width - len(f"{self._alias}    100{rest}") - 2))
        filled = round(self._weight / 100 * length)
        bar, share = f"{full * filled}{empty * (length - filled)}", f"{self._weight:g}{rest}"
        whole = [Text(self._alias), Text(f"  {bar}  {share}")]
        yield from packed([*whole, *(Text(f", {each}") for each in self._place(now))], width)
        if self._ticks is None:
            return
        for target in self._ticks.targets[:2]:
            verdict = for_log(one_line(target.verdict)).replace("_", " ")
            if target.verdict == "no_data" and target.canary:
                verdict = "no verdict yet"
            first, *others = map(for_log, _counts(target))
            look = STYLES.get(target.verdict, {}).get("fg", "")
            name = Text(f"  {for_log(one_line(target.target))}")
            counts = [Text(first), *(Text(f"   {each}") for each in others)]
            yield from packed([*counts, Text.assemble("   ", (verdict, look)), name], width)

    def _place(self, now: float) -> list[str]:
        """Say which step it is, how long it still bakes at least, what comes next, and when all could be over."""
        shifted = self._shifted
        if self._over or shifted is None or not 0 <= shifted.step < len(self._steps):
            return []
        step, later = self._steps[shifted.step], self._steps[shifted.step + 1 :]
        left = shifted.at + step.bake_minutes * MINUTE + LAG - now
        following = f"then {later[0].weight:g} %" if later else "then 100 %"
        rest = max(0.0, left) + sum((each.bake_minutes + AROUND_A_STEP) * MINUTE for each in later)
        parts = [f"step {shifted.step + 1}/{len(self._steps)}", self._left(left), following]
        if later and rest:
            parts.append(f"{readable_duration(rest // MINUTE * MINUTE)} left in all")
        return parts

    def _left(self, seconds: float) -> str:
        if self._held:
            return "held"
        return f"{readable_duration(seconds)} left" if seconds > 0 else "until there are enough calls"


def packed(parts: Sequence[Text], width: int) -> Iterator[Text]:
    """Join parts, each with what separates it from the one before; a new line begins where one has no room."""
    line = parts[0].copy()
    for part in parts[1:]:
        if line.cell_len + part.cell_len < width:
            line.append_text(part)
            continue
        said = part.plain.lstrip(", ")
        yield line.append("," if part.plain.startswith(",") else "")
        line = Text(INDENT).append_text(part[len(part) - len(said) :])
    yield line


def _counts(target: JudgedTarget) -> list[str]:
    if target.canary is None or target.stable is None:
        return ["not compared"]
    since = [] if target.since is None else [since_clock(target.since)]
    name = one_line(target.metric)
    return [f"{name}  new {_share(*target.canary)}", f"old {_share(*target.stable)}", *since]


def _share(bad: int, total: int) -> str:
    return f"{bad}/{total}" + (f" ({rate(bad / total)})" if total else "")
