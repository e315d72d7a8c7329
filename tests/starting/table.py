"""What became of the events, by what was sent and by what went wrong."""

from collections.abc import Iterator, Sequence

from tests.starting.draw import ROWS
from tests.starting.outcome import Outcome
from tests.starting.trouble import KINDS

COLUMNS = ("sent", "releases", "refused", "nothing", "dead", "struck", "held")


def lines(outcomes: Sequence[Outcome], strays: Sequence[str]) -> Iterator[str]:
    yield _row("event", COLUMNS)
    for row in ROWS:
        yield _counted(row, [each for each in outcomes if each.scenario.row == row])
    yield ""
    yield _row("trouble", COLUMNS)
    for kind in ("none", *KINDS):
        yield _counted(kind, [each for each in outcomes if _kind(each) == kind])
    yield ""
    yield _row("all", COLUMNS)
    yield _counted("", outcomes)
    again = sum(each.refused_again for each in outcomes)
    started = sum(each.dead_released for each in outcomes)
    yield f"dead letters given to Start again: {started} are releases, by then or before; refusals told again: {again}"
    for name in strays:
        yield f"VIOLATION: no event asked for the release {name}"
    held = sum(not each.violations for each in outcomes)
    yield f"each one release, or refused, or nobody's: {held} of {len(outcomes)} events, {len(strays)} releases more"


def _kind(outcome: Outcome) -> str:
    return outcome.scenario.trouble.kind if outcome.scenario.trouble else "none"


def _counted(name: str, outcomes: Sequence[Outcome]) -> str:
    held = sum(not each.violations for each in outcomes)
    cells = (
        sum(len(each.scenario.sent) for each in outcomes),
        sum(len(each.releases) for each in outcomes),
        sum(each.refused for each in outcomes),
        sum(each.nothing for each in outcomes),
        sum(each.dead for each in outcomes),
        sum(each.struck for each in outcomes),
        f"{held}/{len(outcomes)}",
    )
    return _row(name, cells)


def _row(name: str, cells: Sequence[object]) -> str:
    return f"{name:32}" + "".join(f"{cell!s:>10}" for cell in cells)
