"""The ledger is deleted in the middle of a release: its aliases are made whole by what the execution carries."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import NOON
from tests.failing import refused
from tests.fakes.divided import EXECUTION, NAME, SPLIT, WHOLE, begin
from tests.fakes.small_aws import Item, SmallAws, recover_at, small_aws, take_on
from tidegate.aws import announcements, executions
from tidegate.aws.ending import restoration
from tidegate.aws.lambda_ import aliases
from tidegate.aws.lambda_.aliases import Alias
from tidegate.aws.ledger import records
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import AwsBusy, AwsRefused
from tidegate.domain.execution import CarriedTarget, Passage
from tidegate.domain.schedule import format_time
from tidegate.steps import roll_back

CHECKOUT = CarriedTarget("checkout", "live", "42", "43")
ENDED = {"name": NAME, "executionArn": EXECUTION, "status": "ABORTED"}
GONE = refused("ResourceNotFoundException", 400, "Requested resource not found")
PROMOTED = ("43", dict[str, float]())


class Lost(SmallAws):
    """Aliases without a table."""

    error: ClientError | None = None

    def __getattr__(self, name: str) -> Any:
        if self.error and name in {"get_item", "batch_get_item", "put_item", "update_item", "transact_write_items"}:
            raise self.error
        return super().__getattr__(name)

    def get_paginator(self, query: str) -> "SmallAws":
        if self.error:
            raise self.error
        return super().get_paginator(query)


@pytest.fixture
def aws() -> Iterator[Lost]:
    """A release at 10 %, whose execution carries its target."""
    with small_aws(aws := Lost()):
        begin(aws)
        aws.carried = [CHECKOUT]
        aws.error = GONE
        yield aws


def roll_back_now(*targets: CarriedTarget, state: str = "Compare versions") -> Any:
    carried = [asdict(target) for target in targets]
    reason = {"error": "AwsRefused", "cause": "Requested resource not found", "state": state}
    event = {"release": NAME, "now": format_time(NOON), "reason": reason, "retries": 0, "targets": carried}
    return roll_back.handler(event, None)


def test_roll_back_makes_the_alias_whole_and_its_cause_says_that_the_ledger_is_gone(aws: Lost) -> None:
    revision = aws.aliases["checkout"]["RevisionId"]
    answer = roll_back_now(CHECKOUT)
    assert aws.state("checkout") == WHOLE
    assert (answer["outcome"], answer["error"]) == ("rolled-back", "AwsRefused")
    assert "The ledger could not be used, so this roll back is not recorded" in answer["cause"]
    assert answer["cause"].endswith("Now: checkout:live is 100 % on version 42 again.")
    again = aws.aliases["checkout"]["RevisionId"]
    roll_back_now(CHECKOUT)
    assert len({revision, again, aws.aliases["checkout"]["RevisionId"]}) == 3, "late steps are fenced off"


@pytest.mark.parametrize(
    ("version", "weights"), [("43", {}), ("7", {}), ("42", {"v7": 0.5}), ("7", {"v43": 0.5}), ("43", {"v42": 0.5})]
)
def test_what_this_release_did_not_divide_is_left_as_it_is(version: str, weights: dict[str, float], aws: Lost) -> None:
    aws.moved("checkout", version, **weights)
    before = dict(aws.aliases["checkout"])
    assert "checkout:live was not changed" in roll_back_now(CHECKOUT)["cause"]
    assert aws.aliases["checkout"] == before


def test_who_moves_the_alias_in_that_moment_wins(aws: Lost) -> None:
    aws.allow(1, lambda: aws.moved("checkout", "7"))
    roll_back_now(CHECKOUT)
    assert aws.state("checkout") == ("7", {})


WAVES = [CarriedTarget(name, "live", "42", "43", wave=wave) for name, wave in [("web", 1), ("mail", 1), ("orders", 2)]]


def moves(monkeypatch: pytest.MonkeyPatch, refuses: str = "") -> list[str]:
    """Give the functions whose aliases are moved, as it happens; AWS refuses to move that of one."""
    move, done = aliases.move, list[str]()

    def moving(alias: Alias, wanted: AliasState, *, fence: Callable[[], None]) -> Alias:
        if alias.function == "orders":
            time.sleep(0.1)  # what goes back at the same time overtakes it
        if alias.function == refuses:
            raise GONE
        done.append(alias.function)
        return move(alias, wanted, fence=fence)

    monkeypatch.setattr(aliases, "move", moving)
    monkeypatch.setattr(aliases, "REQUESTS_PER_SECOND", 10_000)
    monkeypatch.setattr(aliases, "CONNECTIONS", 3)
    return done


@pytest.mark.parametrize("refuses", ["", "orders"])
def test_the_last_wave_goes_back_first_also_without_a_ledger(
    refuses: str, aws: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    for target in WAVES:
        aws.moved(target.function, "42", v43=0.1)
    done = moves(monkeypatch, refuses)
    with pytest.raises(ClientError) if refuses else nullcontext():
        restoration.restore_without_ledger(WAVES)
    assert [aws.state(name) for name in ("web", "mail")] == [WHOLE, WHOLE]
    assert sorted(done[-2:]) == ["mail", "web"]
    assert done[:-2] == ([] if refuses else ["orders"])


def first_wave_promoted(aws: Lost) -> None:
    for target in WAVES:
        weights = {"v43": 0.1} if target.wave == 2 else {}
        aws.moved(target.function, "42" if weights else "43", **weights)


@pytest.mark.parametrize("state", ["Shift traffic", "Look at logs", "Compare versions", "Run hooks"])
def test_a_promoted_wave_goes_back_without_a_ledger_after_the_last_one(
    state: str, aws: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_wave_promoted(aws)
    done = moves(monkeypatch)
    assert roll_back_now(*WAVES, state=state)["summary"].count("is 100 % on version 42 again") == 3
    assert [aws.state(target.function) for target in WAVES] == [WHOLE, WHOLE, WHOLE]
    assert done[0] == "orders"


@pytest.mark.parametrize("state", ["Finish", "Look back", ""])
def test_a_promoted_wave_stays_without_a_ledger_if_the_release_may_be_promoted(state: str, aws: Lost) -> None:
    """It may as well be Finish that promoted it. The cause names what stays first."""
    first_wave_promoted(aws)
    said = roll_back_now(*WAVES, state=state)["cause"].partition(" Now: ")[2]
    assert said.startswith("web:live was not changed: 100 % on version 43; mail:live was not changed: ")
    assert [aws.state(target.function) for target in WAVES] == [PROMOTED, PROMOTED, WHOLE]


def test_an_alias_of_the_last_wave_that_somebody_promoted_stays_without_a_ledger(aws: Lost) -> None:
    for target in WAVES:
        aws.moved(target.function, "43")
    roll_back_now(*WAVES)
    assert [aws.state(target.function) for target in WAVES] == [WHOLE, WHOLE, PROMOTED]


@pytest.mark.parametrize(("entered", "left"), [("Shift traffic", WHOLE), ("Finish", PROMOTED)])
def test_recover_asks_the_execution_whether_a_promoted_wave_goes_back(
    entered: str, left: tuple[str, dict[str, float]], aws: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate.aws.ending.unrecorded.announce", lambda *_: None)
    monkeypatch.setattr(executions, "way", lambda _: (Passage("Plan", 0), Passage(entered, 1)))
    aws.carried = WAVES
    first_wave_promoted(aws)
    recover_at(NOON, {"detail": ENDED})
    assert [aws.state(target.function) for target in WAVES] == [left, left, WHOLE]


def test_a_record_that_is_gone_is_enough(aws: Lost) -> None:
    """Roll back took a release without a record for promoted, and failed."""
    aws.error = None
    aws.items.clear()
    assert "The ledger has no release checkout-7" in roll_back_now(CHECKOUT)["cause"]
    assert aws.state("checkout") == WHOLE


def test_an_alias_that_another_release_has_locked_is_left_to_it(aws: Lost) -> None:
    aws.error = None
    record = records.record_of(NAME)
    assert record
    plan = records.read(NAME).plan
    aws.items.clear()
    take_on("checkout-8", f"{EXECUTION}-8", plan)
    roll_back_now(CHECKOUT)
    recover_at(NOON, {"detail": ENDED})
    assert aws.state("checkout") == SPLIT


def test_a_ledger_that_is_only_busy_is_waited_for(aws: Lost) -> None:
    aws.error = refused("ThrottlingException")
    with pytest.raises(AwsBusy):
        roll_back_now(CHECKOUT)
    assert aws.state("checkout") == SPLIT


@pytest.mark.parametrize("left", ["nothing", "an empty table"])
def test_recover_makes_the_alias_whole_once_it_is_told_of_the_end(
    left: str, aws: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(announcements, "announce", lambda heading, *what: told.append((heading.name, *what)))
    monkeypatch.setattr("tidegate.aws.ending.unrecorded.announce", lambda heading, *what: told.append(what))
    if left == "an empty table":
        aws.error = None
        aws.items.clear()
    recovered = recover_at(NOON, {"detail": ENDED})["recovered"]
    assert recovered == [f"{NAME}: checkout:live is 100 % on version 42 again"]
    assert aws.state("checkout") == WHOLE
    assert len(told) == 1
    assert recover_at(NOON, {"detail": ENDED}) is not None


def test_recover_leaves_an_execution_alone_that_goes_on(aws: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "status", lambda _: "RUNNING")
    assert recover_at(NOON, {"detail": ENDED}) == {"recovered": []}
    assert aws.state("checkout") == SPLIT


def test_recover_without_a_ledger_fails_by_its_schedule_where_an_alarm_sees_it(aws: Lost) -> None:
    with pytest.raises(AwsRefused, match="Requested resource not found"):
        recover_at(NOON)


def _exited(name: str, **variables: Any) -> Item:
    assigned = {key: json.dumps(value) for key, value in variables.items()}
    details = {"name": name, "assignedVariables": assigned} if variables else {"name": name}
    return {"id": 1, "type": "TaskStateExited", "timestamp": datetime.now(UTC), "stateExitedEventDetails": details}


class History:
    def __init__(self, *events: Item) -> None:
        self.events = list(events)

    def get_paginator(self, _: str) -> "History":
        return self

    def paginate(self, **_: Any) -> list[Item]:
        return [{"events": [event]} for event in self.events]


PLANNED = {"function": "checkout", "alias": "live", "stable": "42"}


@pytest.mark.parametrize(
    ("events", "carried"),
    [
        ([], []),
        ([_exited("Plan", step=0, targets=[PLANNED])], [CarriedTarget("checkout", "live", "42")]),
        (
            [
                _exited("Plan", targets=[{**PLANNED, "canary": None}]),
                _exited("Prepare versions", targets=[{**PLANNED, "canary": "43"}]),
                _exited("Compare versions", step=1),
            ],
            [CHECKOUT],
        ),
    ],
)
def test_an_execution_carries_its_targets_in_a_variable(
    events: list[Item], carried: list[CarriedTarget], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions, "stepfunctions_client", lambda: History(*events))
    assert executions.carried(EXECUTION) == carried
