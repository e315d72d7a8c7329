"""Executions that end otherwise than by their states, and steps that outlive their Task."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from localcloud.faults import Effect, Fault, TaskFault
from tests.faults.run import Run
from tests.faults.scenario import HEALTHY, Outline
from tests.faults.trouble import Struck

PREPARATION = ("Update", "Settle", "Publish", "Probe", "Before traffic")
SHIFTING = ("Wait for the minute", "Shift traffic", "Look at logs", "Bake", "Compare versions")
LOOKING_BACK = ("Bake at full traffic", "Look back")
BETWEEN = ("Go ahead?", "Prepare versions", "Settled?", "Wait until settled", "What first?", "What next?")
"""States that take no time, or may not come."""
SPLIT = ("Bake", "Bake", "Bake", "Compare versions")
HALF_SHIFTED = 0.7
"""How often an execution ends while its aliases are sure to be split."""
ELSEWHERE = 0.15
"""How often it ends at one of those between, or of the last."""
MOMENTS = (0.0, 0.0, 1.0, 3.0, 10.0, 30.0)
"""Emulated seconds after a state was entered: while its step starts, works, or the state waits."""


def states_of(release: Outline, *first: str) -> tuple[str, ...]:
    """Name the states that this release is likely to enter."""
    looking_back = LOOKING_BACK * 2 if release.looks_back else ()
    shifting = SHIFTING * 2 if release.shifts else ()
    asking = ("Run hooks",) * 3 if release.hooks else ()
    return (*first, *PREPARATION, *shifting, *asking, *last_of(release)[:1] * 2, *looking_back)


def last_of(release: Outline) -> tuple[str, ...]:
    """Name the states that this release is likely to end in: the one that works, then those that only say so."""
    if release.canary != HEALTHY:
        return ("Roll back", "Rolled back?", "Rolled back")
    return ("Finish", "Look back?", *(["Worse than before?"] if release.looks_back else []), "Released")


@dataclass(frozen=True)
class Ended:
    state: str
    after: float

    kind: ClassVar[str]
    exclusive: ClassVar[str | None] = "ending"
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        states = states_of(release, "Plan")
        if random.random() < ELSEWHERE:
            states = (*BETWEEN, *last_of(release))
        elif release.shifts and random.random() < HALF_SHIFTED:
            states = SPLIT
        state, moment = random.choice(states), random.choice(MOMENTS)
        return cls(state, moment + release.after_a_wave("ended") * (state in SPLIT))

    def _end(self, run: Run, how: Callable[[Run], None]) -> Struck:
        def end() -> None:
            run.cloud.clock.sleep(self.after)
            how(run)

        return run.at(self.state, end)


class Stopped(Ended):
    kind = "the execution is stopped"

    def inject(self, run: Run) -> Struck:
        return self._end(run, Run.stop)


class TimedOut(Ended):
    kind = "the execution times out"

    def inject(self, run: Run) -> Struck:
        return self._end(run, Run.time_out)


@dataclass(frozen=True)
class Redriven(Ended):
    """Stopped, recovered, and redriven: while recover still holds the locks, or once it has freed them."""

    kind: ClassVar[str] = "a redrive after recovery"
    unlocked: bool = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        drawn = super().draw(random, release)
        return cls(drawn.state, drawn.after, random.random() < 0.5)

    def inject(self, run: Run) -> Struck:
        run.redrive_when = "unlocked" if self.unlocked else "restored"
        return self._end(run, Run.stop)


LATE: dict[str, tuple[str, str, str]] = {
    "Plan": ("PlanFunction", "dynamodb", "TransactWriteItems"),
    "Update": ("UpdateFunction", "lambda", "UpdateFunctionConfiguration"),
    "Publish": ("PublishFunction", "lambda", "PublishVersion"),
    "Shift traffic": ("ShiftFunction", "lambda", "UpdateAlias"),
    "Compare versions": ("CompareFunction", "dynamodb", "PutItem"),
    "Finish": ("FinishFunction", "lambda", "UpdateAlias"),
    "Look back": ("LookBackFunction", "dynamodb", "PutItem"),
    "Roll back": ("RollBackFunction", "lambda", "UpdateAlias"),
}
"""What a step writes, by its state."""


@dataclass(frozen=True)
class LateWriter:
    """A step whose Task times out while it is about to write; it writes so long after the end of the execution."""

    state: str
    tries: int
    late: float

    kind: ClassVar[str] = "a step runs on and writes late"
    exclusive: ClassVar[str | None] = None
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        likely = {*states_of(release, "Plan"), *(["Update"] if release.configuration else [])}
        return cls(
            random.choice(sorted(LATE.keys() & likely)), random.choice((1, 1, 9)), random.choice((0, 20, 60, 120))
        )

    def inject(self, run: Run) -> Struck:
        role, service, action = LATE[self.state]
        task = run.task_fault(TaskFault(self.state, execution=run.release.name, times=self.tries))
        held = run.fault(Fault(service, action, Effect.HOLD, role=role, body=run.release.token, times=self.tries))
        run.hold(held, self.late)
        return lambda: task.hits > 0
