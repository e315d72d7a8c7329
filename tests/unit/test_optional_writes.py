"""What a release writes down for people must never keep it from being rolled back, recovered or finished."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.dynamodb.sizes import LARGEST_ITEM, size_of_item
from tests.builders import NOON, a_plan, a_shift, a_target
from tests.failing import refused
from tests.fakes.small_aws import SmallAws, recover_at, small_aws, take_on
from tidegate.aws.ending import reason
from tidegate.aws.ledger import history, items, locks, notes, optional, records
from tidegate.aws.ledger.table import encode
from tidegate.domain.errors import AwsBusy, InvalidRequest
from tidegate.domain.rollout.pauses import MOST, Pause, condensed, lengthened
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.steps import roll_back

NAME = "checkout-7"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
TARGET = "checkout:live"
WHOLE = ("42", dict[str, float]())
FAILED = {"error": "VersionFailed", "cause": "3 of 10 failed", "failed": [TARGET], "state": "Compare versions"}
FOUR_BYTES = "\U0001f525"


class Forgetful(SmallAws):
    """Answers the writes of some items with an error."""

    unwritable: tuple[str, ...] = ()
    answer: Any = refused("ValidationException", 400)

    def _put_item(self, Item: Any, **request: Any) -> None:
        if any(Item["sk"]["S"].startswith(prefix) for prefix in self.unwritable):
            raise self.answer
        super()._put_item(Item, **request)


@pytest.fixture
def aws() -> Iterator[Forgetful]:
    """A release of one target at 10 %."""
    with small_aws(aws := Forgetful()):
        plan = a_plan(target := a_target())
        take_on(NAME, EXECUTION, plan)
        items.record_target(NAME, target.name, "43", NOON, expires=plan.expires, details={})
        items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {})
        aws.moved("checkout", "42", v43=0.1)
        yield aws


def roll_back_now(retries: int = 0, **reason: Any) -> Any:
    event = {"release": NAME, "now": format_time(NOON + MINUTE), "reason": {**FAILED, **reason}, "retries": retries}
    return roll_back.handler(event, None)


def ended() -> str | None:
    return (records.record_of(NAME) or {}).get("ended")


def explained_at_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Compare blame the version, and explain that by a log which anybody may have written."""
    error = {"target": TARGET, "type": "T" * 100, "count": 7, "request_id": "x" * 34_000, "link": "y" * 70_000}
    monkeypatch.setattr(reason, "explain", lambda *_: [error] * 9)
    found = reason.write_reason(records.read(NAME), FAILED, NOON)
    assert found
    assert len(found["cause"]) <= records.LONGEST + 1


@pytest.mark.parametrize("way", ["roll back", "recover"])
def test_a_request_id_of_34_kb_keeps_no_alias_divided(
    way: str, aws: Forgetful, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained_at_length(monkeypatch)
    if way == "roll back":
        roll_back_now()
    else:
        recover_at(NOON + MINUTE)
    assert (aws.state("checkout"), ended()) == (WHOLE, {"roll back": "rolled-back", "recover": "recovered"}[way])
    (errors,) = [item for item in aws.partition(f"release#{NAME}") if item["sk"] == "version-errors"]
    assert len(errors["errors"]) == 9


@pytest.mark.parametrize("item", ["event#", "rolled-back#"])
def test_what_dynamodb_refuses_for_good_is_left_out(
    item: str, aws: Forgetful, caplog: pytest.LogCaptureFixture
) -> None:
    aws.unwritable = (item,)
    assert roll_back_now()["outcome"] == "rolled-back"
    assert (aws.state("checkout"), ended(), aws.partition(locks.PARTITION)) == (WHOLE, "rolled-back", [])
    assert "not written down" in caplog.text


def test_a_number_that_dynamodb_does_not_take_is_left_out_with_its_item(
    aws: Forgetful, caplog: pytest.LogCaptureFixture
) -> None:
    items.record_event(NAME, NOON, "judged", NOON, {"calls": 10**40 + 1})
    assert not [item for item in aws.partition(f"release#{NAME}") if item["sk"].startswith("event#")]
    assert "not written down" in caplog.text


@pytest.mark.parametrize(
    "answer", [refused("AccessDeniedException", 400), EndpointConnectionError(endpoint_url="https://x")]
)
def test_a_failed_call_is_logged_and_left_out(
    answer: Exception, aws: Forgetful, caplog: pytest.LogCaptureFixture
) -> None:
    aws.unwritable, aws.answer = ("event#",), answer
    items.record_event(NAME, NOON, "judged", NOON, {}, insist=False)
    assert f"not written down: release#{NAME} event#{format_time(NOON)}#judged: {type(answer).__name__}" in caplog.text


def test_a_mistake_of_ours_is_no_failed_write(aws: Forgetful) -> None:
    with pytest.raises(TypeError, match="set is not JSON serializable"):
        items.record_event(NAME, NOON, "judged", NOON, {"targets": {TARGET}}, insist=False)
    with pytest.raises(ValueError, match="ours"), optional.logged("something"):
        raise ValueError("ours")


def test_roll_back_insists_on_what_passes_by_itself_and_at_last_goes_on_without(aws: Forgetful) -> None:
    aws.unwritable, aws.answer = ("event#",), refused("InternalServerError", 500)
    with pytest.raises(AwsBusy):
        roll_back_now()
    assert aws.state("checkout") == WHOLE, "the alias comes first"
    roll_back_now(retries=roll_back.INSISTS)
    assert (ended(), aws.partition(locks.PARTITION)) == ("rolled-back", [])


def test_recover_insists_for_some_minutes_and_at_last_goes_on_without(aws: Forgetful) -> None:
    aws.unwritable, aws.answer = ("event#", "rolled-back#"), refused("InternalServerError", 500)
    records.blame(NAME, FAILED)
    for minute in range(1, 4):
        with pytest.raises(Exception, match="InternalServerError"):
            recover_at(NOON + minute * MINUTE)
        assert aws.state("checkout") == WHOLE, "the alias comes first"
    for minute in range(4, 12):
        try:
            recover_at(NOON + minute * MINUTE)
        except Exception:
            assert minute < 7
    assert (ended(), aws.partition(locks.PARTITION)) == ("recovered", [])


def test_a_record_has_room_for_all_that_is_written_to_it_later(aws: Forgetful) -> None:
    """As large as Plan takes it, then everything at its longest: the status must still be written."""
    record = aws.items[f"release#{NAME}", "record"]
    record["padding"] = {"S": "x" * (records.LARGEST - size_of_item(record))}
    names = [f"{'f' * 61}{number:03}:{'a' * 128}" for number in range(100)]
    records.blame(NAME, {"error": "E" * 9000, "cause": FOUR_BYTES * 9000, "failed": names})
    notes.note_why(NAME, FOUR_BYTES * 9000)
    notes.note_pauses(NAME, tuple(Pause(NOON + n, NOON + n + 1) for n in range(3 * MOST)))
    assert records.begin_undo(NAME, NOON, superseded_by="r" * 80)
    records.close(NAME, "rolled-back", FOUR_BYTES * 9000, NOON)
    assert size_of_item(aws.items[f"release#{NAME}", "record"]) < LARGEST_ITEM - 10_000


def test_a_plan_that_leaves_no_room_is_refused_before_anything_is_touched() -> None:
    plan = a_plan(*(a_target(f"{'f' * 61}{number:03}", alias="a" * 128) for number in range(100)))
    usual = {f"label-{number}": FOUR_BYTES * 256 for number in range(20)}
    records.refuse_too_large(usual, plan)
    with pytest.raises(InvalidRequest, match=r"needs \d+ bytes in the ledger"):
        records.refuse_too_large({**usual, "more": "x" * records.LARGEST}, plan)


def test_many_pauses_lengthen_a_deadline_as_before() -> None:
    pauses = tuple(Pause(NOON + 100 * n, NOON + 100 * n + n) for n in range(3 * MOST))
    assert len(condensed(pauses)) == MOST
    assert lengthened(NOON, condensed(pauses)) == lengthened(NOON, pauses)
    assert condensed(pauses)[1:] == pauses[-MOST + 1 :]


def test_half_a_character_in_a_cause_that_was_cut_off_keeps_no_release_open(aws: Forgetful) -> None:
    roll_back_now(cause=json.loads('"no such file \\ud83d"'))
    assert (aws.state("checkout"), ended()) == (WHOLE, "rolled-back")
    assert (records.record_of(NAME) or {})["outcome"] == "no such file \ufffd"


def test_what_is_no_number_is_written_as_nothing() -> None:
    assert encode({"share": float("nan"), "most": float("inf")}) == {"share": {"NULL": True}, "most": {"NULL": True}}


def test_a_huge_event_is_written_without_its_largest_parts(aws: Forgetful) -> None:
    verdicts = [{"target": f"{number}", "explanation": "x" * 20_000} for number in range(100)]
    written = items.record_event(NAME, NOON, "judged", NOON, {"verdicts": verdicts, "summary": "s" * 9000})
    assert (written["verdicts"], written["left_out"]) == ([], ["verdicts"])
    assert written["summary"] == "s" * optional.LONGEST + "…"
    assert optional.size(written) <= optional.LARGEST


def test_what_was_rolled_back_is_remembered_with_a_long_reason(aws: Forgetful) -> None:
    history.record_failed(records.read(NAME), [TARGET], NOON, "why " * 200_000)
    assert (history.rolled_back(TARGET, "43") or {})["release"] == NAME


names = st.text(min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e6, 1e6) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.dictionaries(names, values, max_size=4))
def test_a_size_is_never_less_than_what_dynamodb_counts(item: dict[str, Any]) -> None:
    assert optional.size(item) >= size_of_item(encode(item))
