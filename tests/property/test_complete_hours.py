"""A tick that reads only what is young from CloudWatch goes by the same counts as one that reads everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.failing import refused
from tests.fakes.cloudwatch import CloudWatch, cloudwatch
from tests.fakes.ledger import Ledger, ledger
from tests.property.examples import examples
from tidegate.aws.cloudwatch import analysis_input, version_counts
from tidegate.aws.cloudwatch.metric_data import lambda_dimensions
from tidegate.aws.cloudwatch.version_counts import Evidence
from tidegate.aws.ledger import analysis_state
from tidegate.aws.ledger.records import Release
from tidegate.domain.analysis.comparison import Comparison
from tidegate.domain.analysis.readings import LATE
from tidegate.domain.ledger_items import COMPLETE
from tidegate.domain.metric import PlannedMetric
from tidegate.domain.schedule import HOUR, LAG, minute_of, visible_until

FIRST_SHIFT = NOON + 20 * 60
METRICS = (PlannedMetric("errors"), PlannedMetric("latency", gates=False, over_ms=800.0))
PLAN = a_plan(a_target("checkout"), a_target("basket"), metrics=METRICS)
RELEASE = Release("release-1", "execution", "running", NOON - 600, {}, PLAN, (a_shift(FIRST_SHIFT, 10),))

FATES = ("fine", "fine", "fine", "dies before hours are kept", "is refused", "latency in part", "an hour is lost")
TICKS = st.lists(st.tuples(st.sampled_from([1, 5, 30, 80]), st.sampled_from(FATES)), min_size=1, max_size=8)


class World:
    """Traffic by the minute, whose points come late, and first with too small a value."""

    def __init__(self, seed: int, ours: CloudWatch, items: Ledger) -> None:
        self.seed, self.ours, self.items = seed, ours, items

    def show(self, now: int) -> None:
        """Put into CloudWatch what it has by now."""
        self.ours.series.clear()
        minutes = range(minute_of(FIRST_SHIFT), now - 60, 60)
        for number, target in enumerate(PLAN.targets):
            for version, calls in (("42", 90), ("43", 10)):
                draws = {minute: crc32(f"{self.seed} {number} {version} {minute}".encode()) for minute in minutes}
                seen = {minute: _seen(draw, minute, calls, now) for minute, draw in draws.items()}
                seen = {minute: total for minute, total in seen.items() if total}
                bad = {minute: draws[minute] // 7 % (total + 1) for minute, total in seen.items()}
                named = dict(lambda_dimensions(target, version))
                self.ours.put("Invocations", dict(seen), **named)
                self.ours.put("Errors", dict(bad), **named)
                self.ours.put("Duration", dict(seen), stat="SampleCount", **named)
                self.ours.put("Duration", dict(bad), stat="TC(800:)", **named)

    def tick(self, now: int, fate: str) -> Evidence:
        """Do of Compare what has to do with counts."""
        self.ours.refusal = refused("InternalServiceFault", 500) if fate == "is refused" else None
        slow = {series for series in self.ours.series if series.metric == "Duration"}
        self.ours.statuses = dict.fromkeys(slow, "PartialData") if fate == "latency in part" else {}
        if fate == "an hour is lost":
            for key in self.items.beginning(COMPLETE)[1:2]:
                del self.items[key]
        kept = analysis_state.kept(RELEASE)
        found = version_counts.gather(RELEASE, kept, now)
        if fate != "dies before hours are kept":
            analysis_state.write_minutes(RELEASE, now, kept, found.fresh, 0)
            version_counts.keep_complete_hours(RELEASE, found, now)
        return found

    def whole(self, found: Evidence, now: int) -> Evidence:
        readings = analysis_input.read(
            PLAN.shifting, METRICS, found.baselines, minute_of(FIRST_SHIFT), visible_until(now)
        )
        return Evidence(readings, found.baselines)


def _seen(draw: int, minute: int, calls: int, now: int) -> int:
    """Give a minute's calls, or half of them where the others' points are still to come."""
    total, late = draw % (calls + 1), (0, 0, 0, 600, LATE)[draw % 5]
    return total if minute + 60 + LAG + late <= now else total // 2


@contextmanager
def a_world(seed: int) -> Iterator[World]:
    with cloudwatch() as ours, ledger() as items:
        yield World(seed, ours, items)


def verdicts(found: Evidence, now: int) -> list[object]:
    return [
        Comparison(PLAN, each, found.readings[each.name], found.baselines[each.name], RELEASE.shifts, now).judge()
        for each in PLAN.shifting
    ]


@examples(40)
@given(ticks=TICKS, seed=st.integers(0, 99))
def test_every_tick_judges_as_if_it_had_read_every_minute(ticks: list[tuple[int, str]], seed: int) -> None:
    with a_world(seed) as world:
        now = FIRST_SHIFT + 60 + LAG
        for minutes, fate in ticks:
            now += 60 * minutes
            world.show(now)
            found = world.tick(now, fate)
            if not found.unreadable:
                whole = world.whole(found, now)
                assert found.readings == whole.readings
        world.ours.refusal, world.ours.statuses = None, {}
        found = world.tick(now, "fine")  # the last one is tried again
        assert verdicts(found, now) == verdicts(world.whole(found, now), now)


def test_what_is_read_does_not_grow_with_the_time_at_a_weight() -> None:
    with a_world(1) as world:
        for minute in range(1, 481, 2):
            now = FIRST_SHIFT + 60 * minute + LAG
            if minute % 30 == 1:
                world.show(now)
            found = world.tick(now, "fine")
            assert visible_until(now) - found.since <= 2 * HOUR + 60
        assert found.since > FIRST_SHIFT + 5 * HOUR
        assert len(found.fresh["checkout:live"].of("errors")) <= 121
        assert len(found.readings["checkout:live"].of("errors")) > 400


def test_a_tick_without_an_answer_keeps_nothing() -> None:
    with a_world(1) as world:
        world.tick(FIRST_SHIFT + 5 * HOUR, "is refused")
        assert world.items.beginning(COMPLETE) == []


def test_what_an_earlier_release_of_this_name_kept_does_not_count() -> None:
    with a_world(1) as world:
        now = FIRST_SHIFT + 5 * HOUR
        world.show(now)
        world.tick(now, "fine")
        assert len(analysis_state.read(RELEASE)) == 4
        assert analysis_state.read(Release("release-1", "e", "running", now + 1, {}, PLAN, ())) == {}


def test_an_hour_of_a_hundred_targets_fits_into_items_of_dynamodb(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = [a_target(f"function-{number}") for number in range(100)]
    release = Release("release-1", "e", "running", 0, {}, a_plan(*targets), ())
    with a_world(1) as world:
        world.show(NOON + 2 * HOUR)
        reading = world.tick(NOON + 2 * HOUR, "fine").readings["basket:live"]
        monkeypatch.setattr(analysis_state, "ROWS_AN_HOUR_ITEM", 3000)
        analysis_state.keep(release, NOON, {NOON: {target.name: reading for target in targets}})
        assert len(world.items.beginning(COMPLETE)) > 1
        assert analysis_state.read(release)[NOON]["function-99:live"].counts == reading.counts
        world.items.pop(world.items.beginning(COMPLETE)[-1])
        assert analysis_state.read(release) == {}
