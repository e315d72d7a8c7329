"""The ledger: many items are read at once, of which DynamoDB gives as many as it can; and locks stay."""

import time
from typing import Any

import pytest

from tests.builders import NOON, a_plan
from tests.fakes.small_aws import small_aws, take_on
from tests.reading import resources
from tidegate.aws.ledger import locks, table
from tidegate.aws.ledger.lock import UNDOING
from tidegate.domain.errors import AwsBusy

EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:release-1"
KEYS = [("locks", f"function-{number}:live") for number in range(120)]


class ThrottledTable:
    """Gives so many items of each call, and leaves the others out."""

    def __init__(self, at_once: int) -> None:
        self.at_once, self.calls = at_once, 0

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        ((name, asked),) = RequestItems.items()
        assert len(asked["Keys"]) <= table.BATCH
        assert asked["ConsistentRead"]
        given, left = asked["Keys"][: self.at_once], asked["Keys"][self.at_once :]
        items = [{**key, "at": {"N": str(NOON)}} for key in given]
        return {"Responses": {name: items}, "UnprocessedKeys": {name: {"Keys": left}} if left else {}}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def test_what_was_left_out_is_asked_for_again_ever_later(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ThrottledTable(at_once=40)
    monkeypatch.setattr(table, "ledger_client", lambda: ours)
    assert sorted(item["sk"] for item in table.get_all(KEYS)) == sorted(sk for _, sk in KEYS)
    assert pauses == list(table.PAUSES[:2])


def test_a_table_that_gives_nothing_is_busy(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ThrottledTable(at_once=0)
    monkeypatch.setattr(table, "ledger_client", lambda: ours)
    with pytest.raises(AwsBusy, match="The ledger is throttled"):
        table.get_all(KEYS)
    assert sum(pauses) < 5


def test_locks_never_expire() -> None:
    """A lock that went away by age would leave an alias split with nobody to mend it."""
    expires = resources("AWS::DynamoDB::Table")["Ledger"]["TimeToLiveSpecification"]["AttributeName"]
    with small_aws() as aws:
        take_on("release-1", EXECUTION, a_plan())
        taken = list(aws.items.values())
        lock = locks.raise_generation("checkout:live", "release-1", UNDOING)
        locks.mark_restored(lock.target, "release-1", NOON)
        locks.mark_refused(lock.target, "release-1", "the alias would not hold still")
        (kept,) = aws.partition("locks")
    assert {item["pk"]["S"]: expires in item for item in taken} == {"locks": False, "release#release-1": True}
    assert kept["generation"] == 2
    assert expires not in kept
