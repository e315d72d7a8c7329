"""Aliases that Recover cannot bring back: which never will be, which wait for a person, and how that ends."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.failing import raising, refused
from tests.fakes.small_aws import Item, SmallAws, recover_at, small_aws, take_on
from tests.reading import ROOT
from tidegate.aws import executions
from tidegate.aws.ending import unrestored
from tidegate.aws.ledger import items, locks, records
from tidegate.aws.ledger.lock import FINISHING
from tidegate.domain.errors import InvalidRequest, RollBackIncomplete
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.entry import recover

NAME = "checkout-7"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
CHECKOUT, ORDERS = "checkout", "orders"
SPLIT, WHOLE, PROMOTED = ("42", {"43": 0.1}), ("42", dict[str, float]()), ("43", dict[str, float]())
LONG_AFTER = 4 * MINUTE
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/events.schema.json").read_text()))


class StubbornAws(SmallAws):
    """Refuses what it is told to refuse: versions that are deleted, functions that nobody may touch."""

    def __init__(self) -> None:
        super().__init__()
        self.deleted: set[str] = set()
        self.denied: set[str] = set()
        self.told: list[tuple[str, str]] = []

    def _get_alias(self, FunctionName: str, Name: str) -> Item:
        if FunctionName in self.denied:
            not_authorized = f"not authorized to perform: lambda:GetAlias on {FunctionName}"
            raise refused("AccessDeniedException", 403, not_authorized)
        if FunctionName not in self.aliases:
            raise refused("ResourceNotFoundException", 404)
        return super()._get_alias(FunctionName, Name)

    def _update_alias(self, FunctionName: str, Name: str, RevisionId: str, **state: Any) -> Item:
        if state["FunctionVersion"] in self.deleted:
            raise refused("ResourceNotFoundException", 404)
        return super()._update_alias(FunctionName, Name, RevisionId, **state)

    def _put_events(self, Entries: list[Item]) -> Item:
        for entry in Entries:
            detail = json.loads(entry["Detail"])
            event = {"source": entry["Source"], "detail-type": entry["DetailType"], "resources": entry["Resources"]}
            SCHEMA.validate({**event, "detail": detail})
            self.told.append((entry["DetailType"], detail["summary"]))
        return super()._put_events(Entries)


@pytest.fixture
def aws() -> Iterator[StubbornAws]:
    """A release of two targets that was stopped at 10 %."""
    aws = StubbornAws()
    with small_aws(aws):
        targets = [a_target(function) for function in (CHECKOUT, ORDERS)]
        plan = a_plan(*targets)
        take_on(NAME, EXECUTION, plan)
        for target in targets:
            items.record_target(NAME, target.name, "43", NOON, expires=plan.expires, details={})
            aws.moved(target.function, "42", v43=0.1)
        items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {"summary": "10 %"})
        yield aws


def run(later: int = 0, order: dict[str, str] | None = None) -> None:
    recover_at(NOON + MINUTE + later, order)


def run_in_vain(later: int = 0) -> str:
    with pytest.raises(RollBackIncomplete) as raised:
        run(later)
    return str(raised.value)


def locked(aws: StubbornAws) -> list[str]:
    return [item["sk"] for item in aws.partition(locks.PARTITION)]


def ended() -> tuple[str | None, str]:
    record = records.record_of(NAME) or {}
    return record.get("ended"), record.get("outcome", "")


@pytest.mark.parametrize("days", [-30, 30])
def test_the_time_that_an_event_tells_is_not_believed(
    days: int, aws: StubbornAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One from the future had every release stopped that ran, and its locks freed under it."""
    stopped: list[str] = []
    monkeypatch.setattr(executions, "status", lambda _: "RUNNING")
    monkeypatch.setattr(executions, "stop", lambda execution, *_: stopped.append(execution))
    recover_at(NOON + MINUTE, {"time": format_time(NOON + days * 86_400)})
    assert (aws.state(CHECKOUT), stopped) == (SPLIT, [])
    monkeypatch.setattr(executions, "status", lambda _: "FAILED")
    run()
    recover_at(NOON + 2 * MINUTE, {"time": format_time(NOON + days * 86_400)})
    assert len(locked(aws)) == 2, "a step may still be in flight"
    run(LONG_AFTER)
    assert locked(aws) == []


def test_what_was_deleted_needs_no_restoring_and_is_unlocked(aws: StubbornAws) -> None:
    del aws.aliases[CHECKOUT]
    run()
    run(LONG_AFTER)
    assert (locked(aws), ended()[0]) == ([], "recovered")
    assert "checkout:live was deleted by someone else" in ended()[1]


def test_a_version_that_was_deleted_leaves_the_alias_whole_on_the_other_and_says_what_to_do(aws: StubbornAws) -> None:
    locks.raise_generation("checkout:live", NAME, FINISHING)
    aws.moved(CHECKOUT, "43")
    revision = aws.aliases[CHECKOUT]["RevisionId"]
    aws.deleted = {"42"}
    aws.moved(ORDERS, "42")
    del aws.aliases[ORDERS]
    for later in (0, MINUTE, LONG_AFTER):
        run(later)
    assert aws.state(CHECKOUT) == PROMOTED
    assert aws.aliases[CHECKOUT]["RevisionId"] != revision, "a late step is fenced off"
    assert (locked(aws), ended()[0]) == ([], "recovered")
    assert (
        "checkout:live cannot go back to version 42, which was deleted: it stays 100 % on version 43. "
        "Check whether that version may serve; if not, release another version"
    ) in ended()[1]
    assert [kind for kind, _ in aws.told] == ["Release Recovered"]


def test_an_alias_that_somebody_put_on_the_canary_is_left_to_them_and_unlocked(aws: StubbornAws) -> None:
    """It was looked at as a late step's doing, each minute anew."""
    aws.moved(CHECKOUT, "43")
    for later in (0, MINUTE, LONG_AFTER):
        run(later)
    assert (aws.state(CHECKOUT), aws.state(ORDERS)) == (PROMOTED, WHOLE)
    assert locked(aws) == []
    assert [kind for kind, _ in aws.told] == ["Release Recovered"]


def test_what_recover_may_not_touch_is_told_once_and_keeps_no_other_alias_locked(aws: StubbornAws) -> None:
    aws.denied = {CHECKOUT}
    for later in (0, MINUTE, LONG_AFTER):
        assert "checkout:live" in run_in_vain(later)
    assert (aws.state(CHECKOUT), aws.state(ORDERS)) == (SPLIT, WHOLE)
    assert (locked(aws), ended()[0]) == (["checkout:live"], None)
    stuck = [summary for kind, summary in aws.told if kind == "Release Not Restored"]
    assert len(stuck) == 1
    assert stuck[0].startswith(
        "checkout:live could not be restored and needs your action: An error occurred (AccessDeniedException)"
    )
    (lock,) = aws.partition(locks.PARTITION)
    assert "AccessDeniedException" in lock["refused"]


def test_a_mistake_of_ours_in_telling_of_one_alias_shows_and_keeps_no_other_divided(
    aws: StubbornAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.denied = {CHECKOUT}
    monkeypatch.setattr(unrestored, "tell", raising(TypeError("ours")))
    assert "TypeError: ours" in run_in_vain()
    assert aws.state(ORDERS) == WHOLE


def test_what_recover_may_touch_again_is_restored_and_unlocked(aws: StubbornAws) -> None:
    aws.denied = {CHECKOUT}
    run_in_vain()
    aws.denied = set()
    run(LONG_AFTER)
    assert (aws.state(CHECKOUT), ended()[0]) == (WHOLE, "recovered")
    run(2 * LONG_AFTER)
    assert locked(aws) == []


def test_aliases_of_a_release_that_is_forgotten_are_unlocked_once_they_are_whole(aws: StubbornAws) -> None:
    """Its record has a TTL, its locks have none."""
    aws.moved(ORDERS, "42")
    for key in [key for key in aws.items if key[0] == f"release#{NAME}"]:
        del aws.items[key]
    told = run_in_vain()
    assert (
        "checkout:live is version 42 with 10 % on 43; the record of the release cannot be read. Put each alias on"
        in told
    )
    assert locked(aws) == ["checkout:live"]
    aws.moved(CHECKOUT, "43")
    run(MINUTE)
    assert (locked(aws), aws.state(CHECKOUT)) == ([], PROMOTED)


def test_a_person_who_put_the_alias_right_has_it_unlocked(aws: StubbornAws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.denied = {CHECKOUT}
    run_in_vain()
    monkeypatch.setattr(time, "time", lambda: NOON + 2 * MINUTE + 0.5)
    recover.handler({"healed": "checkout:live", "by": "ana"}, None)
    assert ended() == (
        "recovered",
        "Its execution ended before it could finish or roll back. checkout:live was repaired by ana.",
    )
    run(MINUTE + LONG_AFTER)
    assert locked(aws) == []


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"healed": "checkout:live", "by": "ana"}, "Recover restores it itself"),
        ({"healed": "payment:live", "by": "ana"}, "no release has a lock on payment:live"),
        ({"healed": "checkout:live"}, "by: is missing"),
    ],
)
def test_a_person_is_not_believed_where_recover_can_see_for_itself(
    order: dict[str, str], words: str, aws: StubbornAws
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        run(order=order)
    assert aws.state(CHECKOUT) == SPLIT


def test_aws_that_is_only_busy_is_not_told_of(aws: StubbornAws, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(self: StubbornAws, **_: Any) -> Item:
        raise refused("TooManyRequestsException", 429)

    with monkeypatch.context() as patch:
        patch.setattr(StubbornAws, "_get_alias", busy)
        run_in_vain()
    assert aws.told == []
    run(MINUTE)
    assert ended()[0] == "recovered"


FIRST = "release-1"


def first_release(aws: StubbornAws, found: str | None) -> str:
    """Undo a first release whose alias was not there before; give how that is told."""
    target = a_target("basket", snapshot=None)
    plan = a_plan(target, steps=())
    take_on(FIRST, f"{EXECUTION}-first", plan)
    items.record_target(FIRST, target.name, "43", NOON, expires=plan.expires, details={})
    if found:
        aws.moved("basket", found)
    run()
    return str((records.record_of(FIRST) or {})["outcome"])


def test_an_alias_that_a_first_release_made_stays_on_the_version_that_was_undone_and_says_so(aws: StubbornAws) -> None:
    assert first_release(aws, "43").endswith(
        "basket:live is new, and stays 100 % on version 43 of this release, which was rolled "
        "back: there is no earlier version. Delete the alias, or release another version."
    )
    assert aws.state("basket") == PROMOTED


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "basket:live did not exist before the release and does not exist now."),
        ("7", "basket:live did not exist before the release; someone else created it: 100 % on version 7."),
    ],
)
def test_where_no_first_release_made_one_nothing_is_asked_of_anybody(
    found: str | None, told: str, aws: StubbornAws
) -> None:
    assert first_release(aws, found).endswith(told)
