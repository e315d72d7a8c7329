"""What Compare keeps from tick to tick."""

import json
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_reading, a_target
from tidegate.aws.ledger import analysis_state, table
from tidegate.aws.ledger.analysis_state import ROWS, Kept
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.baseline import Baseline
from tidegate.domain.analysis.readings import Reading
from tidegate.domain.judge import Minute

TICK = NOON + 210


class Items(dict[tuple[str, str], Any]):
    def put(self, item: Any, *, condition: str | None = None) -> None:
        self[item["pk"], item["sk"]] = json.loads(json.dumps(item))

    def get_all(self, keys: list[tuple[str, str]]) -> list[Any]:
        return [self[key] for key in keys if key in self]

    @property
    def rows(self) -> list[list[int]]:
        """The starts of all minutes in the table, one list for each item."""
        found = [item["rows"] for (_, key), item in sorted(self.items()) if key.startswith("counts#")]
        return [sorted({row[0] for of in item.values() for rows in of.values() for row in rows}) for item in found]


@pytest.fixture
def items(monkeypatch: pytest.MonkeyPatch) -> Items:
    items = Items()
    monkeypatch.setattr(table, "put", items.put)
    monkeypatch.setattr(table, "get_all", items.get_all)
    return items


def a_release(*targets: Any, started: int = NOON - 600) -> Release:
    plan = a_plan(*(targets or (a_target(),)))
    return Release("release-1", "execution", "running", started, {}, plan, ())


def minutes(*numbers: int, failed: int = 0) -> Reading:
    return a_reading({NOON + 60 * number: Minute(10, failed, 90, 0) for number in numbers})


def tick(items: Items, reading: Reading, now: int, unreadable: int = 0) -> Kept:
    release = a_release()
    analysis_state.write_minutes(release, now, analysis_state.kept(release), {"checkout:live": reading}, unreadable)
    return analysis_state.kept(release)


def test_a_minute_is_written_once_and_again_when_it_was_corrected(items: Items) -> None:
    tick(items, minutes(0, 1), TICK)
    tick(items, minutes(0, 1, 2), TICK + 60)
    corrected = a_reading({**minutes(0, 1, 2).of("errors"), **minutes(1, failed=3).of("errors")})
    tick(items, corrected, TICK + 120)
    assert items.rows == [[NOON, NOON + 60], [NOON + 120], [NOON + 60]]


def test_a_tick_without_anything_new_writes_no_minute(items: Items) -> None:
    for later in (0, 60):
        tick(items, minutes(0, 1), TICK + later)
    assert len(items.rows) == 1


def test_minutes_that_are_too_old_to_be_corrected_are_not_written_again(items: Items) -> None:
    everything = minutes(*range(200))
    tick(items, everything, TICK)
    tick(items, everything, TICK + 60)
    assert [len(rows) for rows in items.rows] == [200]


def test_an_item_stays_within_what_dynamodb_takes(items: Items) -> None:
    readings = {f"function-{number}:live": minutes(*range(60)) for number in range(100)}
    analysis_state.write_minutes(a_release(), TICK, Kept(), readings, 0)
    sizes = [sum(len(rows) for of in item["rows"].values() for rows in of.values()) for item in _tables(items)]
    assert (sum(sizes), max(sizes) <= ROWS) == (6000, True)
    assert max(len(json.dumps(item)) for item in _tables(items)) < 400_000


def _tables(items: Items) -> list[Any]:
    return [item for item in items.values() if "rows" in item]


def test_ticks_without_evidence_are_counted_in_a_row_and_a_repeated_one_once(items: Items) -> None:
    assert Kept().unreadable_with(TICK, problem=True) == 1
    after = tick(items, Reading(problem="the answer was incomplete"), TICK, unreadable=1)
    assert after.unreadable_with(TICK, problem=True) == 1
    assert after.unreadable_with(TICK + 60, problem=True) == 2
    assert after.unreadable_with(TICK + 60, problem=False) == 0


def test_the_baselines_are_kept_and_those_of_an_earlier_release_of_this_name_are_not(items: Items) -> None:
    analysis_state.keep_baselines(a_release(), NOON, {"checkout:live": Baseline(thresholds={"p95": 3.0})})
    assert analysis_state.kept(a_release()).baselines["checkout:live"].thresholds == {"p95": 3.0}
    assert analysis_state.kept(a_release(started=NOON + 1)) == Kept()
