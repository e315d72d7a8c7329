"""The releases of one cloud: so many at once, those that slow recover down apart from all others."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from queue import SimpleQueue

from localcloud.clock import Pool
from tests.faults.aftermath import Healing
from tests.faults.draw import AnyScenario, draw
from tests.faults.draw_regions import RegionsScenario
from tests.faults.run import Run
from tests.faults.run_regions import RegionsRun
from tests.faults.stage import Stage, staged
from tests.faults.work import Work


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
    at_once: int


def results(work: Work, settings: Settings, cloud: int = 0) -> Iterator[Result]:
    """Carry out what is left of the work, as the cloud with that number."""
    with staged(settings.at_once) as stage:
        gc.collect()
        gc.freeze()  # the cloud itself stays: nobody need look through it again and again
        gc.set_threshold(50_000, 20, 50)
        for phase in work.phases(cloud):
            done: SimpleQueue[Result | None] = SimpleQueue()
            with Pool(settings.at_once) as pool:
                for _ in range(settings.at_once):
                    pool.submit(_work_off, stage, work.left(phase), settings, done)
                working = settings.at_once
                while working:
                    with stage.cloud.clock.idle():
                        result = done.get()
                    if result:
                        yield result
                    working -= result is None
        refused = [call for call in list(stage.cloud.calls) if not call.allowed]
        assert not refused, f"a role was refused what it needs: {refused[:3]}"


def _work_off(stage: Stage, numbers: Iterator[int], settings: Settings, done: "SimpleQueue[Result | None]") -> None:
    try:
        for number in numbers:
            done.put(_result(stage, draw(settings.seed, number)))
    finally:
        done.put(None)


def _result(stage: Stage, scenario: AnyScenario) -> Result:
    begun = stage.cloud.clock.time()
    try:
        run = RegionsRun(stage, scenario) if isinstance(scenario, RegionsScenario) else Run(stage, scenario)
        after = run.carry_out()
    except Exception as error:  # whatever it is, it has a number by which it can be seen again
        return _not_over(scenario, error, stage.cloud.clock.time() - begun)
    return Result(
        number=scenario.release.number,
        scenario=str(scenario),
        troubles=tuple(trouble.kind for trouble in scenario.troubles),
        struck=after.struck,
        outcome=after.outcome,
        violations=tuple(after.violations()),
        healing=None if scenario.reaches_recover else after.healing,
        event_lost=any(getattr(trouble, "fate", None) == "lost" for trouble in scenario.troubles),
        seconds=stage.cloud.clock.time() - begun,
    )


def _not_over(scenario: AnyScenario, error: Exception, seconds: float) -> Result:
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
