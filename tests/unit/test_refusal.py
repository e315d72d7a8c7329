"""A release whose Plan ended without a word: what Recover tells of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.fakes.small_aws import SmallAws, recover_at, small_aws, take_on
from tidegate.aws import announcements, executions
from tidegate.aws.ledger import items, locks, records
from tidegate.domain.execution import Execution
from tidegate.domain.schedule import MINUTE

NAME = "checkout-7"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
WHY = "Plan ended in AwsBusy: Rate exceeded. The release did not start and moved no alias; start a new one."
BUSY = {"executionArn": EXECUTION, "name": NAME, "status": "FAILED", "error": "AwsBusy", "cause": "Rate exceeded."}
LATER = 5 * MINUTE


class Bus:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> Any:
        for entry in Entries:
            self.told.append((entry["EventBusName"], entry["DetailType"], json.loads(entry["Detail"])["summary"]))
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    """One alias; no ledger item yet."""
    with small_aws() as aws:
        aws.moved("checkout", "42")
        yield aws


@pytest.fixture
def bus(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> Bus:
    _ = aws  # which would take the events otherwise
    bus = Bus()
    monkeypatch.setattr(announcements, "events_client", lambda: bus)
    return bus


def _ended_in(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the execution be one that came to this Fail state, with `AwsBusy`."""
    found = Execution(EXECUTION, "FAILED", NOON, NOON + 60, BUSY["error"], BUSY["cause"])
    monkeypatch.setattr(executions, "ended_in", lambda _execution: state)
    monkeypatch.setattr(executions, "describe", lambda _execution: found)


def _taken() -> None:
    """Have Plan write the record and the lock, as far as it got."""
    take_on(NAME, EXECUTION, a_plan(a_target(canary=None), event_bus="shop"))


def _recover(later: int, **detail: Any) -> None:
    recover_at(NOON + later, {"detail": detail})


def test_a_release_that_never_started_is_refused_and_not_recovered(
    aws: SmallAws, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    _taken()
    _ended_in("Refused", monkeypatch)
    _recover(0, **BUSY)
    for later in (MINUTE, LATER):
        _recover(later)
    record = records.record_of(NAME) or {}
    assert (record["ended"], record["outcome"]) == ("refused", WHY)
    assert bus.told == [("shop", "Release Refused", WHY)]
    assert [item["summary"] for item in aws.partition(f"release#{NAME}") if item.get("kind") == "refused"] == [WHY]
    assert (aws.state("checkout"), aws.partition(locks.PARTITION)) == (("42", {}), [])


@pytest.mark.parametrize("state", ["Rolled back", "Left to recover", None])
def test_a_release_that_ended_in_any_other_state_is_recovered(
    state: str, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    _taken()
    _ended_in(state, monkeypatch)
    _recover(MINUTE)
    assert (records.record_of(NAME) or {})["ended"] == "recovered"
    assert [kind for _, kind, _ in bus.told] == ["Release Recovered"]


def test_a_release_that_has_shifted_is_recovered_whatever_its_history_says(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redrive may end in a state of its own."""
    _taken()
    items.record_shift(NAME, 0, a_shift(NOON, 10), NOON, {})
    _ended_in("Refused", monkeypatch)
    _recover(MINUTE)
    assert [kind for _, kind, _ in bus.told] == ["Release Recovered"]


def test_a_plan_that_took_no_lock_is_told_as_refused_on_the_bus_of_the_deployment(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions, "planned_with", lambda _execution: {"settings": {"event_bus": "shop"}})
    _recover(0, **BUSY)
    assert bus.told == [("shop", "Release Refused", WHY)]


def test_a_plan_that_gave_its_locks_back_is_told_as_refused_once(aws: SmallAws, bus: Bus) -> None:
    _taken()
    locks.free("checkout:live", NAME)
    records.close_refused(NAME, "Rate exceeded.", NOON, attempt=0)
    for later in (0, MINUTE):
        _recover(later, **BUSY)
    assert bus.told == [("shop", "Release Refused", WHY)]
    assert aws.partition(locks.PARTITION) == []


@pytest.mark.parametrize(
    "detail",
    [
        BUSY | {"error": "LockHeld"},
        BUSY | {"error": "InvalidRequest"},
        BUSY | {"status": "ABORTED", "error": None},
        BUSY | {"status": "TIMED_OUT"},
    ],
)
def test_what_plan_told_itself_or_a_person_did_is_not_told_again(detail: dict[str, Any], bus: Bus) -> None:
    _recover(0, **detail)
    assert bus.told == []


@pytest.mark.parametrize("error", ["States.Timeout", "Lambda.Unknown", "Sandbox.Timedout", "KeyError"])
def test_whatever_cut_plan_off_is_named(error: str, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "planned_with", lambda _execution: {})
    _recover(0, **BUSY | {"error": error})
    ((name, kind, summary),) = bus.told
    assert (name, kind) == ("default", "Release Refused")
    assert summary.startswith(f"Plan ended in {error}: Rate exceeded.")


def test_a_release_that_was_rolled_back_and_left_no_lock_is_told_by_nobody_else(bus: Bus) -> None:
    _taken()
    locks.free("checkout:live", NAME)
    records.close(NAME, "rolled-back", "It failed.", NOON)
    _recover(0, **BUSY)
    assert bus.told == []
