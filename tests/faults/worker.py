"""The releases of one cloud: so many at once, those that slow recover down after all others."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Lock

from tests.faults.aftermath import Healing
from tests.faults.draw import Scenario, draw
from tests.faults.run import Run
from tests.faults.stage import Stage, staged


@dataclass(frozen=True)
class Result:
    """How one release went: the row it stands in is given by its `troubles`, the column by `outcome`."""

    number: int
    scenario: str
    troubles: tuple[str, ...]
    struck: tuple[str, ...]
    outcome: str
    violations: tuple[str, ...]
    healing: Healing | None
    event_lost: bool
    seconds: float


@dataclass(frozen=True)
class Settings:
    seed: int
    factor: float
    at_once: int
    pace: float


def results(numbers: Sequence[int], settings: Settings) -> Iterator[Result]:
    scenarios = [draw(settings.seed, number) for number in numbers]
    with staged(settings.factor, settings.at_once) as stage:
        for reaching in (False, True):
            batch = [scenario for scenario in scenarios if scenario.reaches_recover is reaching]
            with ThreadPoolExecutor(settings.at_once, thread_name_prefix="release") as pool:
                turns = Turns(settings.pace)
                started = [pool.submit(_result, stage, scenario, turns) for scenario in batch]
                try:
                    for done in as_completed(started):
                        yield done.result()
                finally:
                    pool.shutdown(wait=False, cancel_futures=True)
        refused = [call for call in stage.cloud.calls if not call.allowed]
        assert not refused, f"a role was refused what it needs: {refused[:3]}"


class Turns:
    """Keeps releases so many real seconds apart: a crowd of cold starts would keep them all waiting."""

    def __init__(self, pause: float) -> None:
        self._pause, self._next, self._lock = pause, 0.0, Lock()

    def wait(self) -> None:
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._pause
        time.sleep(max(0.0, turn - time.monotonic()))


def _result(stage: Stage, scenario: Scenario, turns: Turns) -> Result:
    turns.wait()
    begun = stage.cloud.clock.time()
    try:
        after = Run(stage, scenario).carry_out()
    except Exception as error:  # whatever it is, it has a number by which it can be seen again
        return _not_over(scenario, error, stage.cloud.clock.time() - begun)
    return Result(
        number=scenario.release.number,
        scenario=str(scenario),
        troubles=tuple(trouble.kind for trouble in scenario.troubles),
        struck=after.struck,
        outcome="no record" if after.ledger_gone else after.endings[0].outcome,
        violations=tuple(after.violations()),
        healing=None if scenario.reaches_recover else after.healing,
        event_lost=any(getattr(trouble, "fate", None) == "lost" for trouble in scenario.troubles),
        seconds=stage.cloud.clock.time() - begun,
    )


def _not_over(scenario: Scenario, error: Exception, seconds: float) -> Result:
    return Result(
        number=scenario.release.number,
        scenario=str(scenario),
        troubles=tuple(trouble.kind for trouble in scenario.troubles),
        struck=(),
        outcome="not over",
        violations=(f"it could not be carried out or looked at: {type(error).__name__}: {error}",),
        healing=None,
        event_lost=False,
        seconds=seconds,
    )
