"""The releases of one cloud: so many at once, those that slow recover down after all others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from localcloud.clock import Pool
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
    at_once: int


def results(numbers: Sequence[int], settings: Settings) -> Iterator[Result]:
    scenarios = [draw(settings.seed, number) for number in numbers]
    with staged(settings.at_once) as stage:
        for reaching in (False, True):
            batch = [scenario for scenario in scenarios if scenario.reaches_recover is reaching]
            done: SimpleQueue[Result] = SimpleQueue()
            with Pool(settings.at_once) as pool:
                for scenario in batch:
                    pool.submit(_carry_out, stage, scenario, done)
                for _ in batch:
                    with stage.cloud.clock.idle():
                        result = done.get()
                    yield result
        refused = [call for call in stage.cloud.calls if not call.allowed]
        assert not refused, f"a role was refused what it needs: {refused[:3]}"


def _carry_out(stage: Stage, scenario: Scenario, done: "SimpleQueue[Result]") -> None:
    done.put(_result(stage, scenario))


def _result(stage: Stage, scenario: Scenario) -> Result:
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
