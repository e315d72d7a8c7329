"""What was idle for weeks: Lambda needs up to two minutes until it can be invoked again."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from localcloud.lambda_ import lifecycle
from tests.faults.calls import CALLS
from tests.faults.run import Run
from tests.faults.scenario import Outline
from tests.faults.trouble import Struck

CODES = ("CodeArtifactUserPendingException", "ResourceConflictException", "ResourceNotReadyException")
SECONDS = (20.0, 60.0, 110.0)
MOST_STEPS = 4


@dataclass(frozen=True)
class Asleep:
    """`code` is what Lambda answers until `waking_seconds` after the first invocation."""

    code: str
    waking_seconds: float

    kind: ClassVar[str]
    exclusive: ClassVar[str | None] = None
    reaches_recover: ClassVar[bool] = False

    def _fall_asleep(self, function: str, version: str) -> None:
        lifecycle.fall_asleep(function, version, code=self.code, waking_seconds=self.waking_seconds)

    @staticmethod
    def _was_answered(run: Run, errors: Iterable[str]) -> Struck:
        wanted = set(errors)
        return lambda: any(event.detail["error"] in wanted for event in run.main.events if event.kind == "failed")


class IdleVersion(Asleep):
    """The version that is to be released sleeps when it is probed, in every target."""

    kind = "an idle version"

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        _ = release
        return cls(random.choice(CODES), random.choice(SECONDS))

    def inject(self, run: Run) -> Struck:
        for target in run.targets:
            self._fall_asleep(target.name, run.canary)
        return self._was_answered(run, ["VersionWakingUp"])


@dataclass(frozen=True)
class SleepingSteps(Asleep):
    """Functions of Tidegate's own sleep when the release comes to them; others that run then wait, too."""

    steps: tuple[str, ...]

    kind = "sleeping steps"

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        _ = release
        steps = random.sample(sorted(CALLS), random.randint(1, MOST_STEPS))
        return cls(random.choice(CODES), random.choice(SECONDS), tuple(steps))

    def inject(self, run: Run) -> Struck:
        for step in self.steps:
            name = run.stage.world.step_function(step.removesuffix("Function"))
            self._fall_asleep(name, "1")
        return self._was_answered(run, [f"Lambda.{self.code}"])
