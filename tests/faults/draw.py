"""Everything that is drawn for one release."""

from dataclasses import dataclass, replace

from tests.faults.calls import (
    AnswerLost,
    Fails,
    KilledAfter,
    KilledBefore,
    LedgerThrottles,
    RecoverDisturbed,
    Slow,
    Throttled,
    UnlockFails,
)
from tests.faults.draw_regions import RegionsScenario, draw_regions
from tests.faults.endings import LateWriter, Redriven, Stopped, TimedOut
from tests.faults.ledger import ItemPoisoned, LedgerDeleted, RecordGrows
from tests.faults.outside import AliasMoved, ClockAhead, SecondRelease, StartedTwice, StatusEvents
from tests.faults.regions import is_of_regions
from tests.faults.scenario import HEALTHY, Outline, outline
from tests.faults.sleep import IdleVersion, SleepingSteps
from tests.faults.trouble import Trouble

KINDS: tuple[type[Trouble], ...] = (
    Fails,
    AnswerLost,
    Throttled,
    Slow,
    KilledBefore,
    KilledAfter,
    LateWriter,
    UnlockFails,
    LedgerThrottles,
    RecoverDisturbed,
    Stopped,
    TimedOut,
    Redriven,
    StatusEvents,
    StartedTwice,
    AliasMoved,
    SecondRelease,
    IdleVersion,
    SleepingSteps,
    RecordGrows,
    ItemPoisoned,
    LedgerDeleted,
    ClockAhead,
)


@dataclass(frozen=True)
class Scenario:
    release: Outline
    troubles: tuple[Trouble, ...]

    @property
    def reaches_recover(self) -> bool:
        return any(trouble.reaches_recover for trouble in self.troubles)


AnyScenario = Scenario | RegionsScenario


def draw(seed: int, number: int) -> AnyScenario:
    """Draw a release and what goes wrong with it."""
    return draw_regions(seed, number) if is_of_regions(number) else draw_one(seed, number)


def draw_one(seed: int, number: int) -> Scenario:
    """Draw a release and its one to three faults; the first goes through all kinds in turn."""
    release, random = outline(seed, number)
    kinds = [KINDS[number % len(KINDS)]]
    for kind in random.sample(KINDS, random.choice((0, 1, 2))):
        if kind not in kinds and (kind.exclusive is None or kind.exclusive not in {k.exclusive for k in kinds}):
            kinds.append(kind)
    # Without an execution that ends by itself, these would change nothing.
    idle = next((kind for kind in kinds if kind in {RecoverDisturbed, StatusEvents}), None)
    if idle and not any(kind.exclusive == "ending" for kind in kinds):
        kinds = [idle, *[kind for kind in kinds if kind is not idle][:1], random.choice((Stopped, Stopped, TimedOut))]
    if LedgerDeleted in kinds:  # alone, or with an end that Recover is told of: without a ledger it knows of no other
        kinds = [LedgerDeleted, *random.choice(([], [Stopped], [TimedOut]))]
    if UnlockFails in kinds:
        release = replace(release, canary=HEALTHY)  # else there is no promotion
    return Scenario(release, tuple(kind.draw(random, release) for kind in kinds))
