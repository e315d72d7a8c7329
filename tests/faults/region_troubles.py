"""What goes wrong with a release of two Regions: an execution ends otherwise than by itself, or a call goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, ClassVar, Protocol, Self

from localcloud.faults import Effect, Fault
from tests.faults.calls import ANY, ANY_CALL, MACHINE, RECOVERS, Call
from tests.faults.regions import Regions
from tests.faults.trouble import Struck
from tests.workflow.elsewhere import HOME

if TYPE_CHECKING:
    from tests.faults.run_regions import RegionsRun


class RegionTrouble(Protocol):
    """One thing that goes wrong in a release of two Regions."""

    kind: ClassVar[str]
    reaches_recover: ClassVar[bool]

    @classmethod
    def draw(cls, random: Random, release: Regions) -> Self: ...

    def inject(self, run: "RegionsRun") -> Struck: ...


MOMENTS = (0.0, 0.0, 1.0, 3.0, 10.0, 30.0)
"""Emulated seconds after a state was entered."""
POLLS = (0.0, 1.0, 16.0, 45.0, 90.0, 200.0, 400.0)
"""Emulated seconds after the parent first looks at its Regions."""


@dataclass(frozen=True)
class Ended:
    """An execution ends by others when one (`seen`) enters a state; named by what follows the parent's name."""

    seen: str
    state: str
    after: float
    ends: str

    kind: ClassVar[str]
    reaches_recover: ClassVar[bool] = False

    @staticmethod
    def _child(random: Random, release: Regions) -> tuple[str, str, float]:
        execution = random.choice(release.executions)
        return execution, random.choice(release.states_of(execution)), random.choice(MOMENTS)

    def _end(self, run: "RegionsRun", how: Callable[[str], None]) -> Struck:
        return run.at(self.seen, self.state, self.after, lambda: how(self.ends))


class ChildEnded(Ended):
    @classmethod
    def draw(cls, random: Random, release: Regions) -> Self:
        execution, state, after = cls._child(random, release)
        return cls(execution, state, after, execution)


class ParentEnded(Ended):
    @classmethod
    def draw(cls, random: Random, release: Regions) -> Self:
        if random.random() < 0.5:
            return cls("", "Follow regions", random.choice(POLLS), "")
        return cls(*cls._child(random, release), "")


class ChildStopped(ChildEnded):
    kind = "Regions: a child is stopped"

    def inject(self, run: "RegionsRun") -> Struck:
        return self._end(run, run.stop)


class ChildTimedOut(ChildEnded):
    kind = "Regions: a child times out"

    def inject(self, run: "RegionsRun") -> Struck:
        return self._end(run, run.time_out)


class ParentStopped(ParentEnded):
    kind = "Regions: the parent is stopped"

    def inject(self, run: "RegionsRun") -> Struck:
        return self._end(run, run.stop)


class ParentTimedOut(ParentEnded):
    kind = "Regions: the parent times out"

    def inject(self, run: "RegionsRun") -> Struck:
        return self._end(run, run.time_out)


RECOVER = "{}:role/tidegate-Recover"
"""Part of the name of its role in an account."""
FAILURES = (Effect.FAIL, Effect.FAIL_AFTER, Effect.LOST_AFTER, Effect.THROTTLE)
KILLS = (Effect.KILL_BEFORE, Effect.KILL_AFTER)
OWN: tuple[Call, ...] = (
    ("sts", "AssumeRole"),
    ("dynamodb", "GetItem"),
    ("dynamodb", "UpdateItem"),
    ("dynamodb", "PutItem"),
    ("dynamodb", "DeleteItem"),
)
FAR: tuple[Call, ...] = (
    ("states", "StartExecution"),
    ("states", "DescribeExecution"),
    ("states", "StopExecution"),
    ("dynamodb", "GetItem"),
)
"""Calls of Follow regions: in its own account, and by the role in that of a Region."""


@dataclass(frozen=True)
class CallDisturbed:
    role: str
    call: Call
    effect: Effect
    skip: int
    times: int

    kind: ClassVar[str]
    reaches_recover: ClassVar[bool] = False

    def inject(self, run: "RegionsRun") -> Struck:
        injected = run.fault(
            Fault(*self.call, self.effect, role=self.role, body=run.release.token, times=self.times, skip=self.skip)
        )
        return lambda: injected.hits > 0


class ParentDisturbed(CallDisturbed):
    kind = "Regions: a call of the parent goes wrong"

    @classmethod
    def draw(cls, random: Random, release: Regions) -> Self:
        _ = release
        skip, times = random.choice((0, 0, 1, 2, 5)), random.choice((1, 1, 2, 4, 8, 40))
        if random.random() < 0.2:
            return cls(MACHINE, ("lambda", "Invoke"), random.choice(FAILURES), skip, times)
        if random.random() < 0.4:
            return cls("role/tidegate-regions", random.choice(FAR), random.choice(FAILURES), skip, times)
        call = ANY if random.random() < ANY_CALL else random.choice(OWN)
        return cls("FollowRegionsFunction", call, random.choice(FAILURES + KILLS), skip, times)


class RecoverDisturbed(CallDisturbed):
    """A call of Recover goes wrong, in one of the two stacks."""

    kind = "Regions: a call of Recover goes wrong"
    reaches_recover = True

    @classmethod
    def draw(cls, random: Random, release: Regions) -> Self:
        _ = release
        call = ANY if random.random() < ANY_CALL else random.choice(RECOVERS)
        skip, times = random.choice((0, 0, 1)), random.choice((1, 1, 2, 4, 8))
        return cls(RECOVER.format(HOME), call, random.choice(FAILURES + KILLS), skip, times)


ENDINGS: tuple[type[RegionTrouble], ...] = (ChildStopped, ParentStopped, ChildTimedOut, ParentTimedOut)
DISTURBANCES: tuple[type[RegionTrouble], ...] = (ParentDisturbed, RecoverDisturbed)
REGION_KINDS = (*ENDINGS, *DISTURBANCES)
