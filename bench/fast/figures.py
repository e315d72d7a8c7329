"""What the looks have to reach."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from bench.fast.cells import BESIDE, SHARES, Cell
from bench.fast.seconds import Ended
from bench.figure import Figure
from bench.judge.schedules import CANARY
from tidegate.domain.analysis.looks import LOG_SHARE

COMMAND = "make bench-fast"
WRONG = ("healthy", "brown-out", "retried", "fix", "shift")

Results = Sequence[tuple[Cell, Mapping[float, float]]]
TRAFFIC = (0.5, 1, 3, 10, 100, 1000)
FAILING = {"all": 1.0, "30 %": 0.3}


def _figure(name: str, value: float, unit: str, bar: float, note: str, *, at_least: bool = False) -> Figure:
    return Figure(name, float(f"{value:.3g}"), unit, bar, note, at_least, COMMAND)


def false_alarms(results: Results) -> Iterator[Figure]:
    """Name the worst cells with looks, and what they are without."""
    note = "worst of all cells of make bench-judge, {without:.2g} % without logs; {others}"
    for name, kinds, bar in (
        ("healthy releases rolled back, with looks at the logs", WRONG, 1.0),
        ("the same, errors in bursts of ten", ("bursts",), 3.0),
        ("the same, a brown-out of both of 20 s that begins with the shift", (BESIDE,), 0.5),
    ):
        worst = {share: 100 * max(found[share] for cell, found in results if cell.kind in kinds) for share in SHARES}
        others = ", ".join(f"a share of {share:g}: {worst[share]:.2g} %" for share in SHARES if share)
        yield _figure(name, worst[LOG_SHARE], "%", bar, note.format(without=worst[0.0], others=others))
    slow = {share: max(found[share] for cell, found in results if cell.kind == "slow") for share in SHARES}
    note = f"its good calls take three minutes; {100 * slow[0.0]:.2g} % without logs"
    yield _figure("a slow canary, rolled back for errors", 100 * slow[LOG_SHARE], "%", 1, note)


def power(results: Results) -> Iterator[Figure]:
    """Say what the metrics lose to the logs where the logs see too little."""
    cells = [found for cell, found in results if (cell.kind, cell.schedule) == ("+2 points", CANARY)]
    lost = max(found[0.0] - found[LOG_SHARE] for found in cells)
    note = f"worst of 1 to 1000 rps, {CANARY}"
    yield _figure("+2 points, missed because the logs have a share", 100 * lost, "%", 1, note)


def seconds(found: Mapping[tuple[float, str], Sequence[Ended | None]]) -> Iterator[Figure]:
    quick = [each for each in found[100, "all"] if each]
    note = f"mean of {len(quick)} releases at 10 %; logs 5 s late; {mean(each.seconds for each in quick):.3g} s"
    yield _figure(
        "all requests fail, 100 rps: failed until the alias is whole",
        mean(each.failed for each in quick) if len(quick) == len(found[100, "all"]) else float("inf"),
        "requests",
        300,
        note,
    )
    some = found[10, "30 %"]
    within = sum(each is not None and each.seconds <= 45 for each in some) / len(some)
    yield _figure(
        "30 % fail, 10 rps: rolled back within 45 s", 100 * within, "%", 80, "500 releases at 10 %", at_least=True
    )
    waits = {key: [each.waited for each in ends if each] for key, ends in found.items()}
    told = ", ".join(f"{rps:g} rps, {name} fail: {len(waited)} of 500" for (rps, name), waited in waits.items())
    yield _figure(
        "from enough evidence to the roll back's write, the longest",
        max(max(waited, default=0.0) for waited in waits.values()),
        "s",
        25,
        f"rolled back in two minutes: {told}",
    )
