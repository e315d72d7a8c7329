"""What the widget reads of a release stays little, and is enough for all that it shows."""

import pytest

from tests import report_samples
from tests.fakes.partition import Partition, key
from tests.report_samples import NAME
from tidegate.aws.ledger import table
from tidegate.aws.ledger.index import recent
from tidegate.domain.schedule import MINUTE
from tidegate.report.load import load

HOUR = 60 * MINUTE


@pytest.fixture
def partition(monkeypatch: pytest.MonkeyPatch) -> Partition:
    sample = report_samples.running()
    ours = Partition(sample.items)
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    monkeypatch.setattr(table, "ledger_client", lambda: ours)
    return ours


def test_of_a_short_release_the_widget_shows_what_the_report_does(partition: Partition) -> None:
    now = max(item["at"] for item in partition.items.values())
    some, all_of_it = (
        load(NAME, items, now=now) for items in (recent(NAME, now, HOUR), list(partition.items.values()))
    )
    assert [target.metrics for target in some.targets] == [target.metrics for target in all_of_it.targets]
    assert (some.shifts, some.events, some.state) == (all_of_it.shifts, all_of_it.events, all_of_it.state)
    assert [(tick.at, tick.summary) for tick in some.ticks] == [(tick.at, tick.summary) for tick in all_of_it.ticks]


def test_of_a_long_one_it_reads_every_milestone_but_only_the_last_ticks_and_one_verdict(partition: Partition) -> None:
    last = max((item for item in partition.items.values() if item.get("kind") == "judged"), key=lambda item: item["at"])
    for minute in range(1, 3000):
        tick = {**last, "at": last["at"] + minute * MINUTE}
        partition.items[key(tick)] = {**tick, "sk": key(tick)}
    now = last["at"] + 3000 * MINUTE
    report = load(NAME, recent(NAME, now, HOUR), now=now)
    assert 59 <= len(report.ticks) <= 60
    assert [bool(tick.targets) for tick in report.ticks] == [False] * (len(report.ticks) - 1) + [True]
    assert [event.kind for event in report.events][:3] == ["started", "published", "probed"]
    canaries = [metric.versions[1] for metric in report.targets[0].metrics]
    assert [canary is not None and canary.total > 0 for canary in canaries] == [True] * 3
    assert len(partition.read) < 100
    assert not [item for item in partition.read if item["sk"].startswith("counts#")]


def test_of_one_that_is_over_for_long_it_reads_the_hours_before_its_end(partition: Partition) -> None:
    now = max(item["at"] for item in partition.items.values())
    partition.items["record"] |= {"ended": "released", "ended_at": now}
    assert len(load(NAME, recent(NAME, now + 1000 * HOUR, HOUR), now=now).ticks) == 25
