"""The table of a plan: what each step will probably take, see, and end in. Plan, the command and the report show it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tidegate.domain.alias import percent
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.rollout.pauses import AROUND_A_STEP
from tidegate.domain.rollout.proof import NOT_COMPARED
from tidegate.domain.schedule import MINUTE, readable_duration
from tidegate.domain.strategy import Step

HEADER = ("STEP", "TIME", "CALLS", "SEES", "LIKELY TO HOLD?")

LIKELY = {
    "hold": "yes",
    "promote": "no, promotes unproven",
    "rollback": "no, rolls back",
    NOT_COMPARED: "no, compares nothing",
}
"""What happens to a step that stays inconclusive, by `on_inconclusive`, or that `on_idle` lets pass."""

IN_WORDS = {
    "hold": "likely held",
    "promote": "likely not proven",
    "rollback": "likely rolled back as inconclusive",
    NOT_COMPARED: "compares nothing",
}

MOST_STEPS = 4
"""Most steps in a sentence; of more, the first and the last one."""


@dataclass(frozen=True, slots=True)
class PlannedStay:
    """What one step will probably do at the expected traffic.

    `weight` is percent, `minutes` the probable length of the step, `calls` those of the new version that count in it.
    `sees` is the smallest regression (a difference of rates) that the step detects four times out of five by its end;
    None: not even a version that fails every call. `undecided` is empty where the step probably passes, else
    what then happens: hold, promote, rollback, or not-compared for an idle target.
    """

    weight: float
    minutes: int
    calls: float
    sees: float | None
    undecided: str

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table, in the order of HEADER."""
        return (
            percent(self.weight / 100),
            readable_duration(self.minutes * MINUTE),
            rounded(self.calls),
            self._sight,
            LIKELY.get(self.undecided, self.undecided or "no"),
        )

    @property
    def phrase(self) -> str:
        weight, stay, calls, sight, _ = self.cells
        ending = IN_WORDS.get(self.undecided)
        return f"{weight} for {stay} ({calls} calls, sees {sight}{f', {ending}' if ending else ''})"

    @property
    def _sight(self) -> str:
        return "nothing" if self.sees is None else f"{rounded(100 * self.sees)} points"


def planned_stays(forecast: Mapping[str, Any], plan: ReleasePlan, wave: int, *, idle: bool) -> tuple[PlannedStay, ...]:
    """Return the rows for a forecast, in its short form (`Outlook.rows`), of a target in a wave.

    A step that somebody added later, by a promotion to a weight between two steps, has none.
    """
    rate, rows = float(forecast["calls_per_minute"]), {float(row[0]): row for row in forecast["steps"]}
    steps = [step for step in plan.strategy.of_wave(wave).steps if step.weight in rows]
    return tuple(_stay(step, rows[step.weight], rate, plan, idle=idle) for step in steps)


def patience(plan: ReleasePlan, *, idle: bool) -> int:
    """Return the minutes that a step may bake longer for lack of evidence: none for an idle target that is promoted."""
    return plan.max_bake_minutes if plan.strategy.bakes_on and not (idle and plan.on_idle == "promote") else 0


def _stay(step: Step, row: Sequence[Any], rate: float, plan: ReleasePlan, *, idle: bool) -> PlannedStay:
    """Read a row: weight, detectable regression, and minutes after which the step probably passes, None for never."""
    _, sees, needs = row
    counted = int(max(step.bake_minutes, patience(plan, idle=idle) if needs is None else needs))
    at_idle = {"promote": NOT_COMPARED, "hold": "hold"} if idle else {}
    return PlannedStay(
        weight=step.weight,
        minutes=counted + AROUND_A_STEP,
        calls=rate * counted * step.weight / 100,
        sees=None if sees is None else float(sees),
        undecided=at_idle.get(plan.on_idle, plan.on_inconclusive) if needs is None else "",
    )


def in_words(stays: Sequence[PlannedStay]) -> str:
    """Write the rows as one sentence; empty without any."""
    if not stays:
        return ""
    shown = [each.phrase for each in (stays if len(stays) <= MOST_STEPS else (stays[0], stays[-1]))]
    return f"Steps: {'; '.join(shown) if len(stays) <= MOST_STEPS else ' … '.join(shown)}."


def rounded(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"
