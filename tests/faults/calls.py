"""API calls of a step that go wrong."""

from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar, Self

from localcloud.faults import Effect, Fault
from tests.faults.run import Run
from tests.faults.scenario import HEALTHY, Outline
from tests.faults.trouble import Struck

Call = tuple[str, str]

LOOKS: tuple[Call, ...] = (("dynamodb", "GetItem"), ("dynamodb", "Query"), ("dynamodb", "BatchGetItem"))
CALLS: dict[str, tuple[Call, ...]] = {
    "PlanFunction": (
        ("lambda", "GetFunction"),
        ("lambda", "GetAlias"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "TransactWriteItems"),
    ),
    "UpdateFunction": (("lambda", "GetFunction"), ("lambda", "UpdateFunctionConfiguration")),
    "SettleFunction": (("lambda", "GetFunction"), ("dynamodb", "GetItem")),
    "PublishFunction": (("lambda", "PublishVersion"), ("dynamodb", "PutItem"), ("dynamodb", "BatchGetItem")),
    "ProbeFunction": (("lambda", "GetFunction"), ("lambda", "Invoke"), ("dynamodb", "PutItem")),
    "BeforeTrafficFunction": (*LOOKS, ("dynamodb", "PutItem")),
    "RunHooksFunction": (*LOOKS, ("lambda", "Invoke"), ("dynamodb", "PutItem")),
    "ShiftFunction": (*LOOKS, ("lambda", "GetAlias"), ("lambda", "UpdateAlias"), ("dynamodb", "PutItem")),
    "LookAtLogsFunction": LOOKS,
    "CompareFunction": (
        *LOOKS,
        ("lambda", "GetAlias"),
        ("cloudwatch", "GetMetricData"),
        ("dynamodb", "PutItem"),
    ),
    "FinishFunction": (
        ("dynamodb", "GetItem"),
        ("lambda", "GetAlias"),
        ("lambda", "UpdateAlias"),
        ("dynamodb", "UpdateItem"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "DeleteItem"),
    ),
    "LookBackFunction": (
        *LOOKS,
        ("lambda", "GetAlias"),
        ("cloudwatch", "GetMetricData"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "UpdateItem"),
    ),
    "RollBackFunction": (
        *LOOKS,
        ("lambda", "GetAlias"),
        ("lambda", "UpdateAlias"),
        ("dynamodb", "UpdateItem"),
        ("dynamodb", "PutItem"),
        ("dynamodb", "DeleteItem"),
    ),
}
"""What each step calls about its own release, by the name of its role: the calls that matter most."""
PROVISIONS: Call = ("lambda", "PutProvisionedConcurrencyConfig")
"""Of Probe, where the old version has environments; it checks its lock once more afterwards."""
ROUTES: Call = ("dynamodb", "TransactWriteItems")
"""Of Shift traffic, where users are routed."""
ANY: Call = ("*", "*")
FURTHEST_CALL = 24
"""A step for five targets makes about so many calls."""
RECOVERS: tuple[Call, ...] = (
    ("states", "DescribeExecution"),
    ("dynamodb", "GetItem"),
    ("dynamodb", "UpdateItem"),
    ("lambda", "GetAlias"),
    ("lambda", "UpdateAlias"),
    ("dynamodb", "PutItem"),
    ("dynamodb", "DeleteItem"),
)
MACHINE = "ReleaseStateMachineRole"

SKIPS = (0, 0, 0, 1, 2)
TIMES = (1, 1, 2, 4, 8, 40)
"""Four tries are one call of boto3, and forty outlast every retry of the state machine."""
KILLS = (1, 1, 2, 40)
ANY_CALL = 0.4
"""How often it is just the so-and-so-manieth call of a step, whichever that is."""
SLOW_SECONDS = (0.5, 2.0, 4.0, 11.0)
CLIENT_WAITS = 10.0
"""Real seconds for which a step's client waits; then it calls again, and the first call is carried out later still."""


def _step(random: Random, release: Outline) -> str:
    """Choose a step; not one that this release is unlikely to come to."""
    unlikely = {"RollBackFunction"} if release.canary == HEALTHY else {"FinishFunction"}
    if not release.configuration:
        unlikely |= {"UpdateFunction"}
    if not release.shifts:
        unlikely |= {"ShiftFunction", "CompareFunction"}
    if not release.looks_back:
        unlikely |= {"LookBackFunction"}
    if not release.hooks:
        unlikely |= {"RunHooksFunction"}
    return random.choice(sorted(CALLS.keys() - unlikely))


def _calls(role: str, release: Outline) -> tuple[Call, ...]:
    more = [
        *([PROVISIONS] if role == "ProbeFunction" and release.provisioned else []),
        *([ROUTES] if role == "ShiftFunction" and release.routed else []),
    ]
    return (*CALLS[role], *more)


def _any_number(random: Random) -> int:
    """Choose how many calls go well first; few more often than many, for not every step makes many."""
    return int(FURTHEST_CALL ** random.random()) - 1


@dataclass(frozen=True)
class CallFault:
    """A call of a step that goes wrong so many times."""

    role: str
    call: Call
    effect: Effect
    skip: int
    times: int
    seconds: float = 0.0

    kind: ClassVar[str]
    exclusive: ClassVar[str | None] = None
    reaches_recover: ClassVar[bool] = False
    effects: ClassVar[tuple[Effect, ...]]
    counts: ClassVar[tuple[int, ...]] = TIMES
    machine_too: ClassVar[bool] = True

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        role = _step(random, release)
        call, skip = random.choice(_calls(role, release)), random.choice(SKIPS)
        if call == PROVISIONS:
            skip = 0  # there is one
        if random.random() < ANY_CALL:
            call, skip = ANY, _any_number(random)
        if cls.machine_too and random.random() < 0.15:
            role, call, skip = MACHINE, ("lambda", "Invoke"), random.choice(SKIPS)
        return cls(
            role=role,
            call=call,
            effect=random.choice(cls.effects),
            skip=skip,
            times=random.choice(cls.counts),
            seconds=random.choice(SLOW_SECONDS) if Effect.SLOW in cls.effects else 0.0,
        )

    def inject(self, run: Run) -> Struck:
        service, action = self.call
        injected = run.fault(
            Fault(
                service,
                action,
                self.effect,
                role=self.role,
                body=run.release.token,
                times=self.times,
                skip=self.skip,
                seconds=self.seconds,
            )
        )
        return lambda: injected.hits > 0


class Fails(CallFault):
    kind = "a call fails"
    effects = (Effect.FAIL,)


class AnswerLost(CallFault):
    kind = "a call's answer is lost"
    effects = (Effect.FAIL_AFTER, Effect.LOST_AFTER)


class Throttled(CallFault):
    kind = "a call is throttled"
    effects = (Effect.THROTTLE,)


class Slow(CallFault):
    """What no client gives up takes emulated time, in which others go on."""

    kind = "a call is slow"
    effects = (Effect.SLOW,)
    counts = (1, 2)

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        drawn = super().draw(random, release)
        return drawn if drawn.seconds > CLIENT_WAITS else replace(drawn, effect=Effect.DELAY)


class KilledBefore(CallFault):
    kind = "a step is killed before a call"
    effects = (Effect.KILL_BEFORE,)
    counts = KILLS
    machine_too = False


class KilledAfter(CallFault):
    kind = "a step is killed after a call"
    effects = (Effect.KILL_AFTER,)
    counts = KILLS
    machine_too = False


class UnlockFails(CallFault):
    """Finish cannot free the locks; or its answer is lost, or it dies just then."""

    kind = "the unlock after a promotion fails"
    effects = (Effect.FAIL, Effect.FAIL_AFTER, Effect.THROTTLE, Effect.KILL_BEFORE, Effect.KILL_AFTER)

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        unlock = ("dynamodb", "DeleteItem")
        skip, times = random.randrange(release.targets), random.choice(TIMES)
        return cls("FinishFunction", unlock, random.choice(cls.effects), skip, times)


class LedgerThrottles(CallFault):
    """Whoever asks the ledger about this release is throttled, recover too."""

    kind = "the ledger throttles"
    effects = (Effect.THROTTLE,)
    reaches_recover = True

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        return cls("Function", ("dynamodb", "*"), Effect.THROTTLE, random.randrange(20), random.choice((2, 4, 8, 16)))


class RecoverDisturbed(CallFault):
    """A call of recover goes wrong; without an execution that ended by itself it would have nothing to do."""

    kind = "a call of recover goes wrong"
    effects = (
        Effect.FAIL,
        Effect.FAIL_AFTER,
        Effect.LOST_AFTER,
        Effect.THROTTLE,
        Effect.KILL_BEFORE,
        Effect.KILL_AFTER,
    )
    reaches_recover = True

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        effect, times = random.choice(cls.effects), random.choice((1, 1, 2, 4, 8))
        call, skip = random.choice(RECOVERS), random.choice((0, 0, 1))
        if random.random() < ANY_CALL:
            call, skip = ANY, _any_number(random)
        return cls("RecoverFunction", call, effect, skip, times)
