"""One item of the ledger that is not as it should be: named, skipped, and in nobody else's way."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_target
from tests.fakes.divided import EXECUTION, NAME, SPLIT, TARGET, WHOLE, begin
from tests.fakes.small_aws import SmallAws, recover_at, small_aws, take_on
from tidegate.aws import executions, gauges
from tidegate.aws.gauges import LOCKS_LEFT
from tidegate.aws.lambda_ import pruning
from tidegate.aws.ledger import decisions, freezes, history, index, items, locks, records
from tidegate.aws.ledger.lock import FINISHING
from tidegate.aws.ledger.table import encode
from tidegate.domain.control.decision import Decision, Decisions, Kind
from tidegate.domain.control.freeze import Freeze
from tidegate.domain.errors import Frozen, ItemUnreadable, LockHeld, RollBackIncomplete
from tidegate.domain.execution import CarriedTarget
from tidegate.domain.ledger_items import RELEASES
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.steps import roll_back

LONG_AFTER = 4 * MINUTE

integers = st.integers(-(10**38) + 1, 10**38 - 1)
"""Those that DynamoDB stores (its guide, "Supported data types": 38 digits)."""
odd: st.SearchStrategy[Any] = st.none() | st.booleans() | integers | st.just(10**30) | st.text(max_size=5)
odd |= st.lists(integers, max_size=2)
odd |= st.dictionaries(st.text(max_size=5), integers, max_size=2)


def written(aws: SmallAws, pk: str, sk: str, **values: Any) -> None:
    aws.items[pk, sk] = encode({"pk": pk, "sk": sk, **values})


def spoilt(item: dict[str, Any]) -> Any:
    """Draw an item of which some attributes are missing or something else."""
    return st.dictionaries(st.sampled_from(sorted(item)), odd, min_size=1).map(lambda change: {**item, **change}) | (
        st.sets(st.sampled_from(sorted(item)), min_size=1).map(
            lambda gone: {name: value for name, value in item.items() if name not in gone}
        )
    )


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    with small_aws() as aws:
        begin(aws)
        yield aws


LOCK: dict[str, Any] = {
    "release": "a-release",
    "execution": "arn:other",
    "since": NOON,
    "generation": 1,
    "phase": "shifting",
    "snapshot": {"version": "1", "weights": {}},
}
FREEZE: dict[str, Any] = {"pattern": "basket-*", "reason": "r", "until": NOON + 900, "by": "ana", "since": NOON}


@settings(deadline=None)
@given(spoilt(LOCK))
def test_a_malformed_lock_keeps_recover_from_no_other_release(lock: dict[str, Any]) -> None:
    with small_aws() as aws:
        begin(aws)
        written(aws, locks.PARTITION, "basket:live", **lock)
        aws.moved("basket", "1")
        # What is left of the lock may still be readable, and name a release without a record.
        with suppress(RollBackIncomplete):
            recover_at(NOON + MINUTE)
        assert aws.state("checkout") == WHOLE


def test_a_malformed_lock_is_counted_as_one_that_is_left(aws: SmallAws, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(gauges, "show", lambda values, **_: shown.append(values))
    written(aws, locks.PARTITION, "basket:live", release=7)
    for later in (MINUTE, LONG_AFTER, 2 * LONG_AFTER):
        recover_at(NOON + later)
    assert [lock.target for lock in locks.read_all()] == []
    assert shown[-1] == {LOCKS_LEFT: 1}, "an alarm tells of it"


def test_plan_is_refused_by_a_malformed_lock_on_its_own_alias_alone(aws: SmallAws) -> None:
    written(aws, locks.PARTITION, "basket:live", release=7)
    assert locks.holders(["payment:live"], "new") == []
    with pytest.raises(LockHeld, match="basket:live has a lock that cannot be read: item pk=locks, sk=basket:live"):
        locks.holders(["payment:live", "basket:live"], "new")


def test_roll_back_restores_an_alias_whose_lock_is_malformed(aws: SmallAws) -> None:
    written(aws, locks.PARTITION, TARGET, release=NAME)
    reason = {"error": "VersionFailed", "cause": "It failed."}
    roll_back.handler({"release": NAME, "now": format_time(NOON), "reason": reason}, None)
    assert aws.state("checkout") == WHOLE


@pytest.mark.parametrize("gone", ["release", "execution", "since", "generation", "phase", "snapshot"])
@pytest.mark.parametrize("others", [0, 1])
def test_recover_restores_an_alias_whose_lock_is_malformed_once_it_hears_of_the_end(gone: str, others: int) -> None:
    with small_aws() as aws:
        targets = [a_target(name) for name in ("checkout", "basket")[: 1 + others]]
        plan = a_plan(*targets)
        take_on(NAME, EXECUTION, plan)
        for target in targets:
            items.record_target(NAME, target.name, "43", NOON, expires=plan.expires, details={})
            aws.moved(target.function, "42", v43=0.1)
        del aws.items[locks.PARTITION, TARGET][gone]
        recover_at(NOON + MINUTE, {"detail": {"name": NAME, "executionArn": EXECUTION, "status": "ABORTED"}})
        assert [aws.state(target.function) for target in targets] == [WHOLE] * len(targets)
        release = records.read(NAME)
        assert (release.ended, release.status) == ("recovered", records.UNDOING)


def test_recover_leaves_an_alias_alone_whose_lock_is_malformed_while_its_execution_goes_on(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    del aws.items[locks.PARTITION, TARGET]["since"]
    monkeypatch.setattr(executions, "status", lambda _: "RUNNING")
    recover_at(NOON + MINUTE, {"detail": {"name": NAME, "executionArn": EXECUTION, "status": "FAILED"}})
    assert (aws.state("checkout"), records.read(NAME).status) == (SPLIT, records.RUNNING)


def test_no_version_is_pruned_that_a_malformed_lock_may_need(aws: SmallAws) -> None:
    written(aws, locks.PARTITION, "basket:live", release=7)
    assert pruning._of_running_releases("payment") == set()
    with pytest.raises(ItemUnreadable, match="The lock on basket:live cannot be read"):
        pruning._of_running_releases("basket")


@settings(deadline=None)
@given(spoilt(FREEZE))
def test_a_malformed_freeze_holds_what_its_sort_key_names_and_nothing_else(freeze: dict[str, Any]) -> None:
    with small_aws() as aws:
        written(aws, freezes.PARTITION, "basket-*", **freeze)
        assert freezes.covering(["payment"], NOON) is None
        try:
            Freeze.of(freeze)
        except (KeyError, TypeError):
            with pytest.raises(Frozen, match=r"basket-1 may not be released .* tidegate thaw 'basket-\*'"):
                freezes.refuse(["payment", "basket-1"], NOON)
            assert freezes.remove("basket-*")
            freezes.refuse(["basket-1"], NOON)


def test_a_malformed_freeze_that_is_over_by_its_ttl_is_over(aws: SmallAws) -> None:
    written(aws, freezes.PARTITION, "basket-*", ttl=NOON - 1)
    assert freezes.read(NOON) == []


def test_a_malformed_decision_counts_as_none_and_the_next_one_takes_its_place(aws: SmallAws) -> None:
    release = records.read(NAME)
    for bad in ({}, {"started": NOON, "number": "x"}, {"started": NOON, "number": 1, "decision": {"kind": "eat"}}):
        written(aws, f"decisions#{NAME}", "current", **{"closed": 0, "looks_back": 0, **bad})
        written(aws, f"decisions#{NAME}", "question", started=NOON, gate=1)
        seen = decisions.read(release)
        assert seen == Decisions(malformed=True)
        abort = Decision(Kind.ABORT, "ana", "", "command", NOON + 1)
        assert decisions.add(release, seen, abort, {"kind": "decided"})
        assert decisions.read(release).decision == abort


def unreadable_record(aws: SmallAws) -> None:
    record = aws.items[f"release#{NAME}", "record"]
    record["plan"] = {"M": {"of": {"S": "another schema"}}}
    record["schema"] = {"N": "2"}


def test_a_record_of_another_schema_is_named_and_its_alias_made_whole_by_its_lock(aws: SmallAws) -> None:
    unreadable_record(aws)
    with pytest.raises(ItemUnreadable, match=f"pk=release#{NAME}, sk=record cannot be read"):
        records.read(NAME)
    with pytest.raises(ItemUnreadable):
        index.read(NAME)
    aws.carried = [CarriedTarget("checkout", "live", "42", "43")]
    recover_at(NOON + MINUTE)
    assert aws.state("checkout") == WHOLE
    recover_at(NOON + MINUTE + LONG_AFTER)
    assert aws.partition(locks.PARTITION) == []


@pytest.mark.parametrize("way", ["roll back", "recover"])
@pytest.mark.parametrize("value", [None, "x", [1], {"error": "VersionFailed"}], ids=repr)
@pytest.mark.parametrize("name", ["blame", "ended", "outcome", "held", "pauses", "superseded_by", "labels", "plan"])
def test_no_alias_stays_divided_or_locked_by_a_record_that_is_malformed(name: str, value: Any, way: str) -> None:
    with small_aws() as aws:
        begin(aws)
        aws.items[f"release#{NAME}", "record"] |= encode({name: value})
        aws.carried = [CarriedTarget("checkout", "live", "42", "43")]
        if way == "roll back":
            reason = {"error": "VersionFailed", "cause": "It failed."}
            carried = [{"function": "checkout", "alias": "live", "stable": "42", "canary": "43"}]
            roll_back.handler({"release": NAME, "now": format_time(NOON), "reason": reason, "targets": carried}, None)
            assert aws.state("checkout") == WHOLE
        for later in (MINUTE, LONG_AFTER, 2 * LONG_AFTER):
            recover_at(NOON + later)
        assert (aws.state("checkout"), aws.partition(locks.PARTITION)) == (WHOLE, [])


def test_a_malformed_record_keeps_recover_from_no_other_release(aws: SmallAws) -> None:
    take_on("basket-1", f"{EXECUTION}-other", a_plan(a_target("basket")))
    aws.moved("basket", "42", v43=0.1)
    del aws.items["release#basket-1", "record"]["plan"]
    with pytest.raises(Exception, match="basket:live is version 42 with 10 % on 43") as raised:
        recover_at(NOON + MINUTE)
    assert "checkout" not in str(raised.value)
    assert (aws.state("checkout"), aws.state("basket")) == (WHOLE, SPLIT)


def test_a_promoted_release_with_a_malformed_record_is_not_undone(aws: SmallAws) -> None:
    records.commit_promotion(NAME, NOON)
    aws.moved("checkout", "43")
    unreadable_record(aws)
    aws.carried = [CarriedTarget("checkout", "live", "42", "43")]
    recover_at(NOON + MINUTE)
    assert (aws.state("checkout"), aws.partition(locks.PARTITION)) == (("43", {}), [])


def test_roll_back_does_not_call_a_promoted_release_undone_whose_record_is_malformed(aws: SmallAws) -> None:
    records.commit_promotion(NAME, NOON)
    aws.moved("checkout", "43")
    unreadable_record(aws)
    reason = {"error": "AwsRefused", "cause": "AccessDenied", "state": "Look back"}
    carried = [{"function": "checkout", "alias": "live", "stable": "42", "canary": "43"}]
    event = {"release": NAME, "now": format_time(NOON), "reason": reason, "targets": carried}
    answer = roll_back.handler(event, None)
    assert (answer["outcome"], aws.state("checkout")) == ("released", ("43", {}))
    assert "promoted and stays promoted. The ledger's item" in answer["summary"]


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
def test_what_may_have_been_promoted_is_not_undone_where_the_record_is_gone(
    status: str, aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks.raise_generation(TARGET, NAME, FINISHING)
    aws.moved("checkout", "43")
    del aws.items[f"release#{NAME}", "record"]
    aws.carried = [CarriedTarget("checkout", "live", "42", "43")]
    monkeypatch.setattr(executions, "status", lambda _: status)
    recover_at(NOON + MINUTE)
    recover_at(NOON + MINUTE + LONG_AFTER)
    assert (aws.state("checkout"), aws.partition(locks.PARTITION)) == (("43", {}), [])


def test_history_that_is_malformed_says_what_its_keys_say(aws: SmallAws) -> None:
    for version in ("43", "x", "9"):
        written(aws, f"alias#{TARGET}", f"rolled-back#{version}")
    assert (history.rolled_back(TARGET, "43") or {})["why"] == "the ledger does not say why"
    assert (history.last_rolled_back(TARGET) or {})["version"] == "43"
    written(aws, f"alias#{TARGET}", "live", at=1)
    assert (history.live_version(TARGET), history.left_behind(TARGET)) == (None, set())
    written(aws, f"alias#{TARGET}", "live", version=7)
    with pytest.raises(ItemUnreadable):
        history.left_behind(TARGET)
    written(aws, f"alias#{TARGET}", "probed#42", version="42", init_seconds="soon")
    written(aws, f"alias#{TARGET}", "probed#43", version="43", init_seconds=2)
    assert history.starts(TARGET) == {"43": 2.0}


def test_a_malformed_entry_of_the_list_is_left_out(aws: SmallAws) -> None:
    index.enlist(NAME, NOON, [TARGET], NOON)
    written(aws, RELEASES, "0", release=None)
    assert [past.name for past in index.listed()] == [NAME]
