"""How long healing took, without what only this machine adds.

The clock runs faster than real time, and the work does not: a second that a function computes counts for as many
emulated seconds as the cloud's factor. On AWS it counts for one. And a run of recover begins late here when the
processor is busy; AWS has its own lag, which no promise of Tidegate covers either.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Beat:
    """One run of recover: when it was due, began and ended (emulated seconds since 1970).

    What a status event started was due when it began: events that come late are among the faults, and count.
    """

    due: float
    started: float
    ended: float
    scheduled: bool = True


def undelayed(began: float, healed: float, run: Beat | None, factor: float) -> float:
    """Return the seconds from `began` to `healed` without the machine's own delay.

    The time until the run of recover was due that healed counts whole, and its work up to then in real seconds.
    Where no run of recover was at work, all of it counts.
    """
    if run is None:
        return healed - began
    return max(0.0, run.due - began) + (healed - max(run.started, began)) / factor
