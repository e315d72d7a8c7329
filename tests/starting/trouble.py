"""What goes wrong between an event and the execution that it asks for."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.faults import Effect, Fault

START = "StartFunction"
"""Part of the name of Start's role."""


@dataclass(frozen=True)
class Trouble:
    """`token` is part of the event, and of the call that is struck; `times` None is for good."""

    kind: str
    service: str
    action: str
    effect: Effect
    times: int | None

    def fault(self, start: str, token: str) -> Fault:
        role, resource = (START, None) if self.service == "stepfunctions" else (None, start)
        return Fault(self.service, self.action, self.effect, role, resource, token, self.times)


def _delivery(kind: str, effect: Effect, *times: int | None) -> Callable[[random.Random], Trouble]:
    return lambda chance: Trouble(kind, "lambda", "Invoke", effect, chance.choice(times))


def _starting(kind: str, effect: Effect, *times: int | None) -> Callable[[random.Random], Trouble]:
    return lambda chance: Trouble(kind, "stepfunctions", "StartExecution", effect, chance.choice(times))


KINDS = {
    "delivered twice": _delivery("delivered twice", Effect.FAIL_AFTER, 1, 2),
    "delivered late": _delivery("delivered late", Effect.FAIL, 1, 2),
    "cannot be delivered": _delivery("cannot be delivered", Effect.FAIL, None),
    "Start dies before": _starting("Start dies before", Effect.KILL_BEFORE, 1, 2, 3),
    "Start dies after": _starting("Start dies after", Effect.KILL_AFTER, 1, 2, 3),
    "StartExecution throttled": _starting("StartExecution throttled", Effect.THROTTLE, 1, 6, 12),
    "StartExecution fails": _starting("StartExecution fails", Effect.FAIL, 2, 6, None),
    "done, then answered 500": _starting("done, then answered 500", Effect.FAIL_AFTER, 1, 6, None),
    "done, answer lost": _starting("done, answer lost", Effect.LOST_AFTER, 1, 4, None),
}
"""By what is printed of it. A call of Start is tried four times, an event brought to it three times."""

KILLS = {"Start dies before", "Start dies after"}
RARER = 0.4
"""A process that dies must be started again, which costs more than all else."""


def drawn(chance: random.Random) -> Trouble | None:
    """Draw what happens to an event: mostly nothing."""
    if chance.random() > 0.4:
        return None
    kind = chance.choice([*KINDS])
    if kind in KILLS and chance.random() > RARER:
        return None
    return KINDS[kind](chance)


def on_the_way(chance: random.Random, count: int) -> list[Fault]:
    """Draw faults of calls that do not name the event, struck in the order in which they come."""
    calls = [("events", "PutEvents"), ("stepfunctions", "DescribeStateMachine"), ("stepfunctions", "DescribeExecution")]
    effects = [Effect.FAIL, Effect.FAIL_AFTER, Effect.THROTTLE, Effect.LOST_AFTER]
    return [
        Fault(*chance.choice(calls), chance.choice(effects), role=START, skip=chance.randrange(count))
        for _ in range(count // 10)
    ]
