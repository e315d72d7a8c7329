"""A release of two Regions, and what goes wrong with it: in one of them, or with the execution that follows both."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from localcloud.faults import Effect, Fault
from tests.faults.calls import ANY, ANY_CALL, MACHINE, RECOVERS, Call
from tests.faults.scenario import BROKEN, FAILING, HEALTHY, token_of
from tests.faults.trouble import Struck
from tests.workflow.elsewhere import HOME, OTHER

if TYPE_CHECKING:
    from tests.faults.run_regions import RegionsRun

ONE_IN = 40
"""One release in so many is of two Regions: each has four or five executions."""
HERE, THERE = "us-east-1", "eu-west-1"
ACCOUNTS = {HERE: HOME, THERE: OTHER}
CANARIES = ((HEALTHY, HEALTHY), (HEALTHY, HEALTHY), (HEALTHY, FAILING), (HEALTHY, BROKEN), (FAILING, HEALTHY))
"""Of the first Region and the second."""
STRATEGIES = ("all-at-once", "canary-10-1m", "canary-10-1m")
AT_ONCE, IN_STEPS = ("Plan", "Probe", "Finish"), ("Plan", "Probe", "Shift traffic", "Bake", "Bake", "Bake", "Finish")
BACK = ("Plan", "Prepare versions", "Finish", "Released")
"""States in which a release in a Region ends: of one by either strategy, and of one that goes back."""
MOMENTS = (0.0, 0.0, 1.0, 3.0, 10.0, 30.0)
POLLS = (0.0, 1.0, 16.0, 45.0, 90.0, 200.0, 400.0)
"""Emulated seconds after the parent first looks at its Regions."""


@dataclass(frozen=True)
class Regions:
    """A release of two Regions before anything goes wrong with it: one after the other, or `together`."""

    seed: int
    number: int
    canaries: tuple[str, str]
    strategy: str
    together: bool
    on_failure: str

    @property
    def token(self) -> str:
        return token_of(self.number)

    @property
    def name(self) -> str:
        return f"release-{self.token}"

    @property
    def function(self) -> str:
        """Its name, in both Regions."""
        return f"shop-{self.token}-a"

    @property
    def groups(self) -> list[list[Any]]:
        there = {"region": THERE, "account": OTHER}
        return [[HERE, there]] if self.together else [[HERE], [there]]

    @property
    def goes_back(self) -> bool:
        """Whether the first Region is released, and is to go back when the second has failed."""
        first, second = self.canaries
        fails = second == BROKEN or (second == FAILING and self.strategy != "all-at-once")
        return first == HEALTHY and fails and self.on_failure == "rollback" and not self.together

    def states_of(self, execution: str) -> tuple[str, ...]:
        return BACK if execution.endswith("-back") else AT_ONCE if self.strategy == "all-at-once" else IN_STEPS


class RegionTrouble(Protocol):
    """One thing that goes wrong in a release of two Regions."""

    kind: ClassVar[str]
    reaches_recover: ClassVar[bool]

    @classmethod
    def draw(cls, random: Random, release: Regions) -> Self: ...

    def inject(self, run: "RegionsRun") -> Struck: ...


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
        back = [f"-{HERE}-back"] * 2 if release.goes_back else []
        execution = random.choice([f"-{HERE}", f"-{THERE}", *back])
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
        account = random.choice(tuple(ACCOUNTS.values()))
        call = ANY if random.random() < ANY_CALL else random.choice(RECOVERS)
        skip, times = random.choice((0, 0, 1, 4)), random.choice((1, 1, 2, 4, 8))
        return cls(f"{account}:role/tidegate-Recover", call, random.choice(FAILURES + KILLS), skip, times)


ENDINGS: tuple[type[RegionTrouble], ...] = (ChildStopped, ParentStopped, ChildTimedOut, ParentTimedOut)
DISTURBANCES: tuple[type[RegionTrouble], ...] = (ParentDisturbed, RecoverDisturbed)
REGION_KINDS = (*ENDINGS, *DISTURBANCES)


@dataclass(frozen=True)
class RegionsScenario:
    release: Regions
    troubles: tuple[RegionTrouble, ...]

    @property
    def reaches_recover(self) -> bool:
        return any(trouble.reaches_recover for trouble in self.troubles)


def is_of_regions(number: int) -> bool:
    return number % ONE_IN == ONE_IN - 7


def draw_regions(seed: int, number: int) -> RegionsScenario:
    """Draw such a release: an execution of it ends otherwise than by itself, a call goes wrong, or both."""
    random = Random(f"regions {seed} {number}")
    release = Regions(
        seed=seed,
        number=number,
        canaries=random.choice(CANARIES),
        strategy=random.choice(STRATEGIES),
        together=random.random() < 0.3,
        on_failure=random.choice(("rollback", "rollback", "leave")),
    )
    turn = number // ONE_IN
    kinds: list[type[RegionTrouble]] = [ENDINGS[turn % len(ENDINGS)]]
    if turn % 3 == 1:
        kinds.append(ParentDisturbed)
    if turn % 6 == 2:  # without an execution that ends otherwise, Recover would have nothing to do
        kinds.append(RecoverDisturbed)
    return RegionsScenario(release, tuple(kind.draw(random, release) for kind in kinds))
