"""Calls of a wave: at once, but within Lambda's fifteen a second, of which others need some."""

import threading
import time
from itertools import pairwise

import pytest

from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Pacer, at_once


class FakeTime:
    """Stands still; a sleep is written down as the moment at which it ends."""

    def __init__(self) -> None:
        self.now = 100.0
        self.turns: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.turns.append(round(self.now + seconds - 100.0, 6))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(aliases, "time", fake)
    return fake


def test_calls_that_come_together_get_their_turns_evenly(clock: FakeTime) -> None:
    pacer = Pacer(per_second=10)
    for _ in range(4):
        pacer.wait()
    assert clock.turns == [0.0, 0.1, 0.2, 0.3]


def test_a_call_that_comes_late_need_not_wait_nor_may_others_catch_up(clock: FakeTime) -> None:
    pacer = Pacer(per_second=10)
    pacer.wait()
    clock.now += 5
    pacer.wait()
    pacer.wait()
    assert clock.turns == [0.0, 5.0, 5.1]


def test_a_wave_stays_within_lambdas_quota(clock: FakeTime) -> None:
    at_once(lambda item: item, range(31))
    turns = sorted(clock.turns)
    assert all(later - earlier >= 1 / 13 - 1e-6 for earlier, later in pairwise(turns))
    assert max(turns) == pytest.approx(30 / 13)


def test_results_come_in_the_order_of_the_items(clock: FakeTime) -> None:
    assert at_once(lambda item: item * 2, [3, 1, 2]) == [6, 2, 4]
    assert at_once(lambda item: item, []) == []


def test_calls_are_under_way_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the other: one after the other they would never end."""
    monkeypatch.setattr(aliases, "REQUESTS_PER_SECOND", 1000)
    both = threading.Barrier(2, timeout=10)
    assert sorted(at_once(lambda _: both.wait(), [1, 2])) == [0, 1]


def test_one_error_is_raised_after_every_call_was_made(clock: FakeTime) -> None:
    """The other aliases of a wave must not be left half-way because one was refused."""
    done: list[int] = []

    def call(item: int) -> None:
        if item == 0:
            raise KeyError(item)
        time.sleep(0.001)
        done.append(item)

    with pytest.raises(KeyError):
        at_once(call, range(40))
    assert sorted(done) == list(range(1, 40))
