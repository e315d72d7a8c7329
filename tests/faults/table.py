"""The table of faults and outcomes, and the figures under it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.faults.aftermath import Healing
from tests.faults.bars import UNDISTURBED
from tests.faults.draw import KINDS
from tests.faults.region_troubles import REGION_KINDS
from tests.faults.worker import Result

OUTCOMES = ("released", "rolled-back", "recovered", "superseded", "refused", "partly-released", "no record")
COLUMNS = (*OUTCOMES, "struck", "held")
ROWS = [*(kind.kind for kind in KINDS), *(kind.kind for kind in REGION_KINDS)]
NAME_WIDTH = max(map(len, ROWS))
WIDTHS = [max(12, 2 + len(column)) for column in COLUMNS]


def lines(results: Sequence[Result]) -> Iterator[str]:
    yield _row("fault", COLUMNS)
    for kind in ROWS:
        concerned = [result for result in results if kind in result.troubles]
        counts = Counter(result.outcome for result in concerned)
        struck = sum(kind in result.struck for result in concerned)
        held = sum(not result.violations for result in concerned)
        yield _row(kind, (*(counts[outcome] for outcome in OUTCOMES), struck, f"{held}/{len(concerned)}"))
    yield ""
    for what, lost in (("abort or time-out to whole", False), ("abort or time-out to whole, event lost", True)):
        yield _healing(what, [r.healing for r in results if r.healing and r.event_lost is lost])
    held = sum(not result.violations for result in results)
    yield f"invariants held in {held} of {len(results)} faulted releases"


def _row(name: str, cells: Sequence[object]) -> str:
    return f"{name:{NAME_WIDTH}}" + "".join(f"{cell!s:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def _healing(what: str, healings: Sequence[Healing]) -> str:
    if not healings:
        return f"{what}: never tried"
    seconds, bar = sorted(healing.seconds for healing in healings), UNDISTURBED.whole
    figures = f"median {seconds[len(seconds) // 2]:.0f} s, longest {seconds[-1]:.0f} s (bar {bar:.0f})"
    latest = max(healing.run for healing in healings)
    return f"{what}: {len(healings)} times, {figures}, by run {latest} of recover"


def too_late(results: Sequence[Result]) -> list[Result]:
    """Give the releases that were whole only after the printed bar."""
    return [result for result in results if result.healing and result.healing.seconds > UNDISTURBED.whole]
