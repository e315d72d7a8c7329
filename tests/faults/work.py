"""What is to be done, for several clouds: each takes the next release when it has room, so none is done long before."""

from collections.abc import Iterator, Sequence
from enum import Enum
from multiprocessing.context import BaseContext
from typing import Any

from tests.faults.draw import AnyScenario, draw
from tests.faults.draw_regions import RegionsScenario
from tests.faults.scenario import MANY


class Batch(Enum):
    """Releases that may go on at the same time: what slows recover down would make the others late."""

    PLAIN = "in one Region"
    SLOWED = "in one Region, with recover slowed down"
    REGIONS = "in two Regions"
    REGIONS_SLOWED = "in two Regions, with recover slowed down"


Phase = tuple[Batch, ...]

FIRST: tuple[Phase, ...] = ((Batch.REGIONS,), (Batch.REGIONS_SLOWED, Batch.SLOWED), (Batch.PLAIN,))
"""The first cloud is the one that has two Regions."""
OTHERS: tuple[Phase, ...] = ((Batch.PLAIN,), (Batch.SLOWED,))


class Work:
    def __init__(self, seed: int, numbers: Sequence[int], context: BaseContext) -> None:
        self._batches: dict[Batch, list[int]] = {batch: [] for batch in Batch}
        scenarios = [draw(seed, number) for number in numbers]
        for scenario in sorted(scenarios, key=_is_short):  # one that takes long would be alone in the end
            self._batches[_batch(scenario)].append(scenario.release.number)
        self._taken: dict[Batch, Any] = {batch: context.Value("i", 0) for batch in Batch}

    @staticmethod
    def phases(cloud: int) -> tuple[Phase, ...]:
        return OTHERS if cloud else FIRST

    def left(self, phase: Phase) -> Iterator[int]:
        """Take one release of a phase after the other, until nobody has one left; from any process and thread."""
        for batch in phase:
            while (number := self._take(batch)) is not None:
                yield number

    def _take(self, batch: Batch) -> int | None:
        taken = self._taken[batch]
        with taken.get_lock():
            place, taken.value = taken.value, taken.value + 1
        numbers = self._batches[batch]
        return numbers[place] if place < len(numbers) else None


def _is_short(scenario: AnyScenario) -> bool:
    return isinstance(scenario, RegionsScenario) or scenario.release.targets < MANY


def _batch(scenario: AnyScenario) -> Batch:
    if isinstance(scenario, RegionsScenario):
        return Batch.REGIONS_SLOWED if scenario.reaches_recover else Batch.REGIONS
    return Batch.SLOWED if scenario.reaches_recover else Batch.PLAIN
