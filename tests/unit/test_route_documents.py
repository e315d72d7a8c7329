"""How a document is read, how old it may become, and what happens if it cannot be read or understood."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.unit.routing_calls import item, place, router
from tidegate_route import Decision, Router, lines


@pytest.fixture(autouse=True)
def no_warning_was_written() -> None:
    lines._warn.cache_clear()


MALFORMED = [
    {},
    item(schema=2),
    item(schema=None),
    item(salt=""),
    item(salt=7),
    item(stable=None),
    item(canary=["x"]),
    item(-1),
    item(100.5),
    item(float("nan")),
    item(True),
    {**item(), "percent": "5"},
    {**item(), "percent": [5]},
    item(always="ana"),
    item(never=5),
]


@pytest.mark.parametrize("document", MALFORMED, ids=str)
def test_a_document_that_is_not_understood_means_stable(
    document: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    found = place("u-1", router({"orders": document}, stable="prod"))
    assert found.qualifier == "prod"
    assert found.why.startswith("the document is not understood: ")
    assert "of orders is not understood" in json.loads(capsys.readouterr().out)["tidegate"]["warning"]


class Table:
    """Answers with what a test put there; an exception is raised."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.reads = answer, 0
        self.gate = threading.Event()
        self.gate.set()

    def read(self, function: str) -> Any:
        self.gate.wait()
        self.reads += 1
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    @contextmanager
    def answers_who_waits(self, made: Router) -> Iterator[None]:
        """Give a call that waits for the read the time to, and an answer meanwhile: it would not go to stable."""
        made._documents._timeout = 60
        opens = threading.Timer(5, self.gate.set)
        opens.start()
        yield
        opens.cancel()


def after_refresh(made: Router, table: Table, reads: int) -> Decision:
    """Decide after the table was read so many times."""
    for _ in range(1000):
        found = place("u-1", made)
        if table.reads >= reads:
            time.sleep(0.01)
            return place("u-1", made) if table.reads == reads else found
        time.sleep(0.002)
    raise AssertionError(f"read {table.reads} times")


def test_what_cannot_be_read_leaves_the_last_known_document(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(item(100))
    made = Router(table.read, ttl=0.03)
    assert place("u-1", made).channel == "canary"
    table.answer = ConnectionError("table gone")
    assert after_refresh(made, table, 2).channel == "canary"
    assert "table gone" in capsys.readouterr().out
    table.answer = item(schema=9)
    assert after_refresh(made, table, table.reads + 1).channel == "stable"
    table.answer = item(100)
    assert after_refresh(made, table, table.reads + 1).channel == "canary"
    table.answer = None
    assert after_refresh(made, table, table.reads + 1).why == "no document: its users are not routed"


def test_what_could_never_be_read_means_stable_and_one_warning(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(ConnectionError("unreachable just now"))
    made = Router(table.read)
    assert {place(f"u-{number}", made).why for number in range(50)} == {"the document could not be read"}
    assert capsys.readouterr().out.count("unreachable just now") == 1
    assert table.reads == 1


def test_a_read_that_hangs_costs_its_time_out_once() -> None:
    table = Table(item(100))
    table.gate.clear()
    made = Router(table.read, timeout=0.1)
    assert place("u-1", made).why == "the document was not read in time"
    with table.answers_who_waits(made):
        assert place("u-1", made).channel == "stable"
    table.gate.set()
    assert after_refresh(made, table, 1).channel == "canary"


def test_a_read_that_began_in_the_init_is_waited_for_in_the_first_call() -> None:
    """Lambda may freeze a process between its init and its first call, however long."""
    table = Table(item(100))
    table.gate.clear()
    made = Router(table.read, timeout=0.05)
    made._documents.prefetch("orders")
    time.sleep(0.1)
    threading.Timer(0.02, table.gate.set).start()
    made._documents._timeout = 5
    assert place("u-1", made).channel == "canary"
    assert table.reads == 1


class Clock:
    """Replaces the wall clock; a test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_800_000_000.0
        monkeypatch.setattr(time, "time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_first_read_that_fails_is_repeated_soon(clock: Clock) -> None:
    table = Table(ConnectionError("frozen meanwhile"))
    made = Router(table.read)
    assert place("u-1", made).why == "the document could not be read"
    table.answer = item(100)
    assert place("u-1", made).channel == "stable"
    clock.now += 1.1
    assert after_refresh(made, table, 2).channel == "canary"


@pytest.mark.parametrize("away", [61, 3600, -7200])
def test_a_document_is_read_again_before_a_call_after_a_long_time(clock: Clock, away: float) -> None:
    """Lambda freezes a process between its calls, and restores snapshots; the wall clock may also be set back."""
    table = Table(item(100))
    made = Router(table.read, timeout=5)
    assert place("u-1", made).channel == "canary"
    table.answer = item(0)
    clock.now += away
    assert place("u-1", made).channel == "stable"
    assert table.reads == 2


def test_a_document_that_is_not_fresh_is_used_while_it_is_read_again(clock: Clock) -> None:
    table = Table(item(100))
    made = Router(table.read, timeout=5)
    assert place("u-1", made).channel == "canary"
    table.gate.clear()
    clock.now += 50
    assert place("u-1", made).channel == "canary"
    table.gate.set()


def test_a_document_that_stays_too_old_means_stable_and_is_waited_for_once(clock: Clock) -> None:
    table = Table(item(100))
    made = Router(table.read, timeout=0.1)
    assert place("u-1", made).channel == "canary"
    table.gate.clear()
    clock.now += 3600
    assert place("u-1", made)[1:4] == ("stable", "live", "the document is too old")
    clock.now += 0.1
    with table.answers_who_waits(made):
        assert place("u-1", made).why == "the document is too old"
    table.gate.set()
    assert after_refresh(made, table, 2).channel == "canary"


def test_a_read_that_was_frozen_and_fails_does_not_end_the_wait_for_the_next_one(clock: Clock) -> None:
    gates = [threading.Event() for _ in range(3)]
    answers: list[Any] = [item(100), ConnectionError("frozen meanwhile"), item(0)]
    reads = iter(range(3))

    def read(function: str) -> Any:
        number = next(reads)
        gates[number].wait()
        if isinstance(answers[number], Exception):
            raise answers[number]
        return answers[number]

    made = Router(read, timeout=5)
    gates[0].set()
    assert place("u-1", made).channel == "canary"
    clock.now += 50
    assert place("u-1", made).channel == "canary", "and the second read has begun"
    clock.now += 3600
    gates[1].set()
    threading.Timer(0.05, gates[2].set).start()
    assert place("u-1", made).why.startswith("position")
    assert place("u-1", made).channel == "stable"


def test_a_refresh_that_fails_is_repeated_after_a_second(clock: Clock) -> None:
    table = Table(item(100))
    made = Router(table.read)
    assert place("u-1", made).channel == "canary"
    table.answer = ConnectionError("for a moment")
    clock.now += 40
    assert after_refresh(made, table, 2).channel == "canary"
    table.answer = item(0)
    assert place("u-1", made).channel == "canary"
    assert table.reads == 2
    clock.now += 1.1
    assert after_refresh(made, table, 3).channel == "stable"


def test_many_threads_read_a_document_once_and_all_wait_for_it() -> None:
    table = Table(item(100))
    table.gate.clear()
    made = Router(table.read, timeout=5)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(place("u-1", made).channel)) for _ in range(20)]
    for each in threads:
        each.start()
    time.sleep(0.05)
    table.gate.set()
    for each in threads:
        each.join()
    assert (found, table.reads) == (["canary"] * 20, 1)


def test_a_missing_table_means_stable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("TIDEGATE_TABLE", raising=False)
    assert place("u-1", Router.from_table()).qualifier == "live"
    assert "users are not routed: KeyError: 'TIDEGATE_TABLE'" in capsys.readouterr().out


def test_a_decision_holds_for_the_request_while_the_percentage_changes() -> None:
    table = Table(item(0))
    made = Router(table.read, ttl=0)
    with made.serving("u-1"):
        assert made.qualifier("orders") == "live"
        table.answer = item(100)
        for _ in range(50):
            time.sleep(0.001)
            assert made.qualifier("orders") == "live"
    assert after_refresh(made, table, table.reads + 1).channel == "canary"
