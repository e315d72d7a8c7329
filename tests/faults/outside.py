"""What others do to a release: EventBridge, colleagues, another release."""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from botocore.exceptions import ClientError

from localcloud.faults import EventFault
from tests.faults.endings import PREPARATION, SHIFTING, states_of
from tests.faults.functions import FOREIGN
from tests.faults.run import Run
from tests.faults.scenario import STABLE, Outline
from tests.faults.trouble import Struck

FATES: dict[str, tuple[float, ...]] = {
    "lost": (),
    "duplicated": (0.0, 0.0, 15.0),
    "delayed": (100.0,),
    "reordered": (40.0, 0.0),
}


@dataclass(frozen=True)
class StatusEvents:
    """Every status event of the release: lost, say; reordered is one that comes again after later ones."""

    fate: str

    kind: ClassVar[str] = "status events lost, doubled, late"
    exclusive: ClassVar[str | None] = "events"
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        return cls(random.choice(("lost", "lost", *FATES)))

    def inject(self, run: Run) -> Struck:
        event = run.event_fault(EventFault(run.release.name, deliveries=FATES[self.fate], times=None))
        return lambda: event.hits > 1


@dataclass(frozen=True)
class ClockAhead:
    """Recover is told of a time that is days away, while the release is under way."""

    state: str
    days: int

    kind: ClassVar[str] = "a clock in the future"
    exclusive: ClassVar[str | None] = None
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        return cls(random.choice(states_of(release)), random.choice((-30, 1, 30, 3650)))

    def inject(self, run: Run) -> Struck:
        def tell() -> None:
            # As the schedule does, but for its source: the bars count the runs of the schedule itself.
            event = {"detail-type": "Scheduled Event", "source": "tests", "detail": {}}
            run.stage.world.call("Recover", {**event, "time": run.stage.world.time(self.days * 86_400)})

        return run.at(self.state, tell)


@dataclass(frozen=True)
class StartedTwice:
    """EventBridge delivers the event that starts the release a second time.

    To a state machine: then there is another execution, for EventBridge gives no names. `named` is what comes
    through someone who makes the name out of the event.
    """

    after: float
    named: bool

    kind: ClassVar[str] = "the start is delivered twice"
    exclusive: ClassVar[str | None] = "others"
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        return cls(random.choice((0.0, 5.0, 90.0, 300.0)), random.random() < 0.5)

    def inject(self, run: Run) -> Struck:
        def start() -> None:
            run.cloud.clock.sleep(self.after)
            if not self.named:
                run.start_another(run.targets, run.release.strategy)
                return
            try:
                run.start(run.release.name)
            except ClientError as error:
                # Over by now: Step Functions gives a name away once.
                assert error.response["Error"]["Code"] == "ExecutionAlreadyExists"  # noqa: PT017 - the call may succeed as well

        return run.at("Plan", start)


@dataclass(frozen=True)
class AliasMoved:
    """A colleague moves the alias of one target, all of it or in part."""

    state: str
    version: str
    weight_on_canary: float

    kind: ClassVar[str] = "someone moves the alias"
    exclusive: ClassVar[str | None] = "others"
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        shifting = SHIFTING * 2 if release.shifts else ()
        state = random.choice((*PREPARATION, *shifting, *states_of(release)[-1:]))
        version, weight = random.choice(((FOREIGN, 0.0), (FOREIGN, 0.0), (FOREIGN, 0.4), (STABLE, 0.4)))
        # Before it is published nobody can give the canary a weight; what comes after a roll back stays.
        return cls(state, version, weight) if state in shifting else cls(state, FOREIGN, 0.0)

    def inject(self, run: Run) -> Struck:
        def move() -> None:
            target = run.targets[0]
            weights = {run.canary: self.weight_on_canary} if self.weight_on_canary else {}
            run.moved_by_someone[target.full_name] = (self.version, weights)
            target.move(self.version, weights)

        return run.at(self.state, move)


@dataclass(frozen=True)
class SecondRelease:
    """Another release of some of the same targets, which gives way or takes over."""

    state: str
    share: float
    strategy: str
    on_conflict: str

    kind: ClassVar[str] = "two releases at once"
    exclusive: ClassVar[str | None] = "others"
    reaches_recover: ClassVar[bool] = False

    @classmethod
    def draw(cls, random: Random, release: Outline) -> Self:
        state = random.choice(("Plan", "Plan", "Plan", *states_of(release)))
        strategy, on_conflict = random.choice(("all-at-once", "canary-10-1m")), random.choice(("refuse", "supersede"))
        return cls(state, random.random(), strategy, on_conflict)

    def inject(self, run: Run) -> Struck:
        def start() -> None:
            count = 1 + int(self.share * (len(run.targets) - 1) + 0.5)
            run.start_another(run.targets[-count:][::-1], self.strategy, self.on_conflict)

        return run.at(self.state, start)
