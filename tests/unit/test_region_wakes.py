"""Events that end the wait of a release of several Regions: each once, and only from where its release is."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import NOON
from tests.failing import refused
from tests.fakes.other_regions import ARN, NAME, ONE, TWO, Release
from tests.fakes.small_aws import SmallAws, small_aws
from tests.reading import states
from tidegate.aws import machine
from tidegate.aws.ledger import region_items, table
from tidegate.aws.regions import following
from tidegate.domain.region_moves import SOON
from tidegate.domain.region_sights import region_ended
from tidegate.domain.schedule import HOUR, MINUTE, parse_time
from tidegate.entry import wake

THERE = f"arn:aws:states:{ONE}:123456789012:execution:tidegate-release:{NAME}-{ONE}"


def event(execution: str = THERE, parent: str = ARN, kind: str = "Release Finished", **more: Any) -> dict[str, Any]:
    """Give an event as EventBridge brings it from where the execution is."""
    region, account = execution.split(":")[3:5]
    detail = {"execution": execution, "labels": {"parent": parent}}
    return {"account": account, "region": region, "detail-type": kind, "detail": detail, **more}


class Tokens:
    """Step Functions, which is told tokens."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.error: Exception | None = None

    def send_task_success(self, taskToken: str, output: str) -> None:
        assert output == "{}"
        self.told.append(taskToken)
        if self.error:
            raise self.error


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    with small_aws(SmallAws()) as found:
        yield found


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> Tokens:
    found = Tokens()
    monkeypatch.setattr(machine, "stepfunctions_client", lambda: found)
    return found


@pytest.fixture
def release(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Open a release that waits, with a token, for its first Region."""
    found = Release(aws, [[ONE], [TWO]], "rollback")
    monkeypatch.setattr(following, "Reach", found.reach)
    found.poll()
    found.poll()
    assert found.stages == {ONE: "releasing", TWO: "checked"}
    wait(found.poll())
    return found


def wait(answer: dict[str, Any]) -> None:
    """Write the token as the state machine does."""
    table.update(f"wake#{NAME}", "current", {"token": "a token"}, condition="#wakes = :wakes", wakes=answer["wakes"])


def test_an_event_ends_the_wait_and_its_copies_do_nothing(release: Release, tokens: Tokens) -> None:
    assert [wake.handler(event(), None) for _ in range(3)] == [{"woken": True}, {"woken": False}, {"woken": False}]
    assert tokens.told == ["a token"]
    assert release.stages == {ONE: "releasing", TWO: "checked"}, "what is true is asked of the Region"


@pytest.mark.parametrize(
    "forged",
    [
        event(account="999999999999"),
        event(region=TWO),
        event(f"{THERE}-other"),
        event(THERE.replace(ONE, TWO)),
        event(parent=f"{ARN}-other"),
        event(parent=""),
        {**event(), "detail": {"execution": 1, "labels": {"parent": ["x"]}}},
        {**event(), "detail": {"execution": THERE, "labels": None}},
        {**event(), "detail": None},
        {},
    ],
)
def test_an_event_that_cannot_be_of_this_release_does_nothing(
    forged: dict[str, Any], release: Release, tokens: Tokens
) -> None:
    assert wake.handler(forged, None) == {"woken": False}
    assert (tokens.told, region_items.read_wake(NAME, NOON).number) == ([], 0)
    assert release.stages[ONE] == "releasing"


def test_an_event_during_a_look_keeps_the_wait_after_it_from_beginning(release: Release, tokens: Tokens) -> None:
    answer = release.poll()
    wake.handler(event(), None)
    with pytest.raises(table.ConditionUnmet):
        wait(answer)
    wait(release.poll())


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_wait_that_is_over_is_no_error(code: str, release: Release, tokens: Tokens) -> None:
    tokens.error = refused(code)
    assert wake.handler(event(), None) == {"woken": False}


def test_after_an_event_it_looks_again_soon_then_as_rarely_as_before(release: Release, tokens: Tokens) -> None:
    """The event may come before the record that it tells of."""

    def pauses(later: int) -> int:
        return parse_time(release.poll(later)["tick"]) - release.now

    assert pauses(HOUR) == MINUTE
    region_items.note_event(NAME, "an event", release.now)
    assert [pauses(1), pauses(SOON), pauses(MINUTE)] == [SOON, SOON, MINUTE]


def test_a_wait_without_an_end_polls_and_one_with_an_event_looks_at_once() -> None:
    state = states()["Wait for an end"]
    followed, other = state["Catch"]
    assert followed["ErrorEquals"] == ["States.Timeout", "DynamoDb.ConditionalCheckFailedException"]
    assert followed["Next"] == state["Next"] == states()["Wait for regions"]["Next"] == "Follow regions"
    assert (other["ErrorEquals"], other["Next"]) == (["States.ALL"], "Wait for regions")
    assert set(other["Output"]) == {"tick"}


def test_an_event_without_a_release_is_nobody_s() -> None:
    assert region_ended({"detail": {"labels": {}}}) is None
