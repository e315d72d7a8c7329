"""A clock that leaps: as real time while anything is in flight, and on to the next deadline when nothing is."""

import select
import threading

import pytest

from localcloud.clock import Clock, Event, Pool, Thread, later, use
from localcloud.clock.flight import lock, work
from localcloud.clock.work import Work
from localcloud.lambda_ import function_clock, scratch

HOUR = 3600.0
DAY = 24 * HOUR


def test_a_wait_is_leapt_over_when_nothing_is_in_flight(clock: Clock) -> None:
    begun = clock.time()
    clock.sleep(30 * DAY)
    assert 30 * DAY <= clock.time() - begun < 31 * DAY


def test_time_runs_as_real_time_does_while_anything_is_in_flight(clock: Clock) -> None:
    begun, at_work = clock.time(), threading.Event()
    passed: list[float] = []

    def sleep() -> None:
        clock.sleep(HOUR)
        passed.append(clock.time() - begun)

    thread = Thread(target=sleep)
    thread.start()
    at_work.wait(0.05)  # in a way that the clock knows nothing of
    assert passed == []
    assert clock.time() - begun < HOUR
    thread.join()
    assert passed[0] >= HOUR


def test_who_waits_goes_on_in_the_order_of_deadlines_each_at_its_own(clock: Clock) -> None:
    begun = clock.time()
    woken: list[tuple[float, float]] = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        woken.append((seconds, clock.time() - begun))

    with Pool(4) as pool:
        pool.map(sleep, [3 * HOUR, HOUR, 4 * HOUR, 2 * HOUR])
    assert [seconds for seconds, _ in woken] == [HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR]
    assert all(seconds <= at < seconds + HOUR / 2 for seconds, at in woken)


def test_who_is_woken_by_an_event_is_in_flight_before_time_can_leap(clock: Clock) -> None:
    begun, event = clock.time(), Event()

    def wake_and_sleep() -> None:
        clock.sleep(HOUR)
        event.set()
        clock.sleep(DAY)

    with Pool(1) as pool:
        pool.submit(wake_and_sleep)
        assert clock.wait(event)
        assert HOUR <= clock.time() - begun < 2 * HOUR


def test_a_wait_for_an_event_ends_with_its_time(clock: Clock) -> None:
    begun = clock.time()
    assert not clock.wait(Event(), DAY)
    assert clock.time() - begun >= DAY


def test_what_comes_later_can_be_prevented(clock: Clock) -> None:
    done: list[str] = []
    later(HOUR, lambda: done.append("an hour later"))
    prevented = later(HOUR, lambda: done.append("never"))
    prevented.set()
    clock.sleep(2 * HOUR)
    assert done == ["an hour later"]


def test_what_is_waited_for_stands_still_with_whoever_waits_for_it(clock: Clock) -> None:
    """A request that is held holds up the invocation that sent it, and whoever invoked that: all of it is one wait."""
    begun, held, released = clock.time(), Event(), Event()
    name = clock.name()

    def serve() -> None:
        with clock.working(name):
            held.set()
            released.wait()

    server = threading.Thread(target=serve)
    server.start()
    clock.wait(held)
    later(DAY, released.set)
    with clock.idle():
        server.join()
    assert DAY <= clock.time() - begun < 2 * DAY


def test_a_limit_of_a_wait_for_a_process_is_leapt_to_when_its_request_is_held(clock: Clock) -> None:
    """So a function whose call is held runs into its time-out; whoever waits for the function goes on in flight."""
    begun, released, served = clock.monotonic(), Event(), threading.Event()

    def hold() -> None:
        with clock.working("its key"):
            served.set()
            released.wait()

    server = threading.Thread(target=hold)
    with clock.named("its key"), clock.limit(15 * 60) as limit:
        server.start()
        served.wait()
        assert select.select([limit.descriptor], [], [], 30)[0]
        assert limit.left == 0
        assert clock.monotonic() - begun >= 15 * 60
        before = clock.time()
        threading.Event().wait(0.02)
        assert clock.time() - before < 60, "time leapt while this thread was at work"
    released.set()
    server.join()


def test_who_sleeps_until_a_limit_holds_nothing_up_and_is_in_flight_after_it(clock: Clock) -> None:
    """So threads of a function's process sleep, whatever stands still with it."""
    begun = clock.time()
    later(HOUR, lambda: clock.sleep(DAY))
    with clock.limit(2 * HOUR, asleep=True) as limit:
        assert select.select([limit.descriptor], [], [], 30)[0]
        assert 2 * HOUR <= clock.time() - begun < 3 * HOUR
    with clock.limit(HOUR, asleep=True):
        pass
    assert 2 * HOUR <= clock.time() - begun < 4 * HOUR


def test_after_a_sleep_the_requests_of_the_same_work_are_waited_for_as_before(clock: Clock) -> None:
    """Where a thread of a function sleeps, and a request of another comes to wait."""
    begun, released = clock.time(), Event()
    served, asleep = threading.Event(), threading.Event()

    def hold() -> None:
        with clock.working("its key"):
            served.set()
            asleep.wait()
            released.wait()

    server = threading.Thread(target=hold)
    later(DAY, released.set)
    with clock.named("its key"):
        server.start()
        served.wait()
        with clock.limit(HOUR, asleep=True) as limit:
            asleep.set()
            assert select.select([limit.descriptor], [], [], 30)[0]
        server.join(5)  # in a way that the clock knows nothing of
        assert clock.time() - begun >= DAY


def test_time_leaps_on_when_the_file_of_the_functions_clock_is_gone(clock: Clock) -> None:
    """Somebody may sleep while a cloud ends, and takes all its files along."""
    function_clock.path()
    scratch.remove()
    begun = clock.time()
    clock.sleep(DAY)
    assert clock.time() - begun >= DAY


def test_functions_of_a_pool_wait_by_the_clock_and_their_results_come_in_order(clock: Clock) -> None:
    def sleep(seconds: float) -> float:
        clock.sleep(seconds)
        return seconds

    with Pool(2) as pool:
        assert pool.map(sleep, [DAY, 1, HOUR]) == [DAY, 1, HOUR]
        failing = pool.submit(lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            failing.result()


def test_work_is_known_to_its_cause_under_the_lock_alone(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread may be going through the cause's children, and a set must not change meanwhile."""
    locked: list[bool] = []

    class Noted(Work):
        def __init__(self, cause: Work | None = None) -> None:
            locked.append(lock.locked())
            super().__init__(cause)

    monkeypatch.setattr("localcloud.clock.clock.Work", Noted)
    clock.end(clock.begin(work()))
    assert locked == [True]


def test_a_clock_with_a_factor_scales_the_same_waits() -> None:
    use(Clock(factor=1000))
    begun = Clock(factor=1000)
    before = begun.time()
    assert not begun.wait(Event(), 20)
    assert begun.time() - before >= 20
    use(Clock(factor=1.0))
