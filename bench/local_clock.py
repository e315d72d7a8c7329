"""Whether the local cloud keeps its own time: how long a release takes beside what its waits and bakes add up to."""

from bench.figure import Figure
from bench.stage import FACTOR, Events, Stage

BAKES = {5: 3, 10: 5, 25: 5, 50: 5}
"""Weight to minutes: those of `guarded`."""

LAG = 1.5
"""Minutes after a minute's end until its metrics are read."""


def nominal_seconds(started: float) -> float:
    """Add up what a release that starts then would take if every Task took no time.

    Up to the next whole minute; then each bake and its lag, and half a minute up to the next shift.
    """
    baking = sum((bake + LAG) * 60 for bake in BAKES.values())
    return -started % 60 + baking + (len(BAKES) - 1) * 30


def emulated(events: Events) -> tuple[float, float]:
    """Give when the execution started and ended, in seconds of the emulated clock."""
    return events[0]["timestamp"].timestamp(), events[-1]["timestamp"].timestamp()


def measure(stage: Stage) -> Figure:
    steps = [{"weight": weight, "bake": f"{bake}m"} for weight, bake in BAKES.items()]
    # Nobody calls the function, so there is nothing to judge by: it is promoted all the same, and not looked back at.
    analysis = {"on_inconclusive": "promote", "max_bake": "1m", "after": {"on_worse": "ignore"}}
    started, ended = emulated(stage.release(stage.function(), strategy={"steps": steps}, analysis=analysis))
    nominal, took = nominal_seconds(started), ended - started
    return Figure(
        f"local cloud at {FACTOR:g}x: nominal over emulated duration of a release",
        round(nominal / took, 3),
        "ratio",
        0.9,
        f"{nominal:.0f} s, the waits and bakes of guarded's steps with Tasks that take no time, over "
        f"{took:.0f} s from start to end on the emulated clock, on which a Task's real second is {FACTOR:g}",
        at_least=True,
    )
