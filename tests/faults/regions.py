"""A release of two Regions, and what goes wrong with it: in one of them, or with the execution that follows both."""

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.scenario import BROKEN, FAILING, HEALTHY, Drawn
from tests.workflow.elsewhere import HOME, OTHER

ONE_IN = 40
"""One release in so many is of two Regions: each has four or five executions."""
HERE, THERE = "us-east-1", "eu-west-1"
ACCOUNTS = {HERE: HOME, THERE: OTHER}
CANARIES = ((HEALTHY, HEALTHY), (HEALTHY, HEALTHY), (HEALTHY, FAILING), (HEALTHY, BROKEN), (FAILING, HEALTHY))
"""Of the first Region and the second."""
STRATEGIES = ("all-at-once", "canary-10-1m", "canary-10-1m")
PREPARING, SHIFTING = ("Plan", "Probe"), ("Shift traffic", "Bake", "Bake", "Bake")
BACK = ("Plan", "Prepare versions", "Finish", "Released")
"""States in which a release in a Region ends, and one that goes back."""


@dataclass(frozen=True)
class Regions(Drawn):
    """A release of two Regions before anything goes wrong with it: one after the other, or `together`."""

    canaries: tuple[str, str]
    strategy: str
    together: bool
    on_failure: str

    @property
    def function(self) -> str:
        """Its name, in both Regions."""
        return f"shop-{self.token}-a"

    @property
    def groups(self) -> list[list[Any]]:
        there = {"region": THERE, "account": OTHER}
        return [[HERE, there]] if self.together else [[HERE], [there]]

    def fails(self, region: str) -> bool:
        """Whether the version that is released there fails in a way that is seen."""
        canary = self.canaries[list(ACCOUNTS).index(region)]
        return canary == BROKEN or (canary == FAILING and self.strategy != "all-at-once")

    @property
    def executions(self) -> list[str]:
        """Name the executions that this release is likely to have, without dry runs: by what follows its name."""
        if self.fails(HERE) and not self.together:
            return [f"-{HERE}"]
        goes_back = self.fails(THERE) and self.on_failure == "rollback" and not self.together
        return [f"-{HERE}", f"-{THERE}", *([f"-{HERE}-back"] * 2 if goes_back else [])]

    def states_of(self, execution: str) -> tuple[str, ...]:
        """Name the states that one of them is likely to enter."""
        if execution.endswith("-back"):
            return BACK
        region = execution.removeprefix("-")
        shifts = self.strategy != "all-at-once" and self.canaries[list(ACCOUNTS).index(region)] != BROKEN
        return (*PREPARING, *(SHIFTING if shifts else ()), *(() if self.fails(region) else ("Finish", "Finish")))


def is_of_regions(number: int) -> bool:
    return number % ONE_IN == ONE_IN - 7


def regions_outline(seed: int, number: int) -> tuple[Regions, Random]:
    """Give such a release, and the source of everything else that is drawn for it."""
    random = Random(f"regions {seed} {number}")
    release = Regions(
        seed=seed,
        number=number,
        canaries=random.choice(CANARIES),
        strategy=random.choice(STRATEGIES),
        together=random.random() < 0.3,
        on_failure=random.choice(("rollback", "rollback", "leave")),
    )
    return release, random
