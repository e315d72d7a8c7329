"""Releases that route users: two aliases and a document, at each step and wherever a process dies."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.fakes.small_aws import Crash, SmallAws, recover_at, small_aws, take_on
from tidegate.aws import canary_aliases, gauges
from tidegate.aws.ending import restoration
from tidegate.aws.ledger import locks, records, routes, table
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import AliasMoved, AwsBusy, LockLost
from tidegate.domain.execution import CarriedTarget
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.routing import CACHED, STABLE, Routing
from tidegate.domain.schedule import format_time
from tidegate.domain.strategy import Step
from tidegate.steps import finish, shift
from tidegate_route import Document

EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:"
NAME, NEWER = "checkout-7", "checkout-8"
TESTER, EVE, BOB = "c733865ee7d0b49a", "c0a61b1fc89e4f30", "308719108f20e9c1"
ROUTED = a_target(channel=STABLE)
PLAN = a_plan(ROUTED, steps=(Step(10, 5), Step(33.333, 5)), routing=Routing(NAME, always=(TESTER,)))
State = tuple[str, dict[str, float]]
OLD: State = ("42", {})
NEW: State = ("43", {})


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gauges, "show_weight", lambda *_: None)


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    with small_aws() as aws:
        begun(aws, NAME, PLAN)
        yield aws


def begun(aws: SmallAws, name: str, plan: ReleasePlan) -> None:
    for alias in plan.aliases:
        aws.moved(alias.function if alias.alias == "live" else alias.name, str(alias.stable))
    take_on(name, EXECUTION + name, plan)


def step(handler: Any, number: int | None = None, name: str = NAME) -> Any:
    at = format_time(NOON + 60)
    event: dict[str, Any] = {"release": name, "now": at, "tried": at}
    return handler(event if number is None else {**event, "step": number}, None)


def seen(aws: SmallAws) -> tuple[Any, Any, Any]:
    """Give both aliases, and the percentage of the document."""
    found = aws.partition("route#checkout")
    return aws.state("checkout"), aws.state("checkout:live-canary"), float(found[0]["percent"]) if found else None


def test_the_second_alias_carries_the_canary_and_the_document_says_who_is_sent_there(aws: SmallAws) -> None:
    assert step(shift.handler, 0)["summary"] == "10 % of the users on the new version of checkout:live"
    assert seen(aws) == (OLD, NEW, 10)
    (item,) = aws.partition("route#checkout")
    sent = Document.parse(item)
    assert (sent.salt, sent.stable, sent.canary, sent.release) == (NAME, "live", "live-canary", NAME)
    assert sent.always == {TESTER}
    known = table.get("route#checkout", "live")
    assert known is not None
    routes.write("checkout", "live", {**known, "always": []}, over=known, unlocked=False)
    step(shift.handler, 1)
    assert seen(aws) == (OLD, NEW, 33.33)
    assert aws.partition("route#checkout")[0]["always"] == [], "a person has changed it since"
    step(finish.handler)
    assert seen(aws) == (NEW, NEW, 0)
    assert aws.partition("route#checkout")[0]["always"] == []
    assert locks.read_all() == []


def test_users_whom_somebody_names_during_the_release_stay_named(aws: SmallAws) -> None:
    step(shift.handler, 0)
    item = routes.read("checkout", "live") or {}
    named = {**item, "always": [*item["always"], EVE], "never": [BOB]}
    routes.write("checkout", "live", named, over=item, unlocked=False)
    step(shift.handler, 1)
    document = Document.parse(aws.partition("route#checkout")[0])
    assert (document.percent, {*document.always}, {*document.never}) == (33.33, {TESTER, EVE}, {BOB})
    step(finish.handler)
    assert aws.partition("route#checkout")[0]["always"] == []


def test_whom_an_earlier_release_named_is_not_named_in_the_next(aws: SmallAws) -> None:
    step(shift.handler, 0)
    item = routes.read("checkout", "live") or {}
    routes.write("checkout", "live", {**item, "release": "checkout-6", "always": [EVE]}, over=item, unlocked=False)
    step(shift.handler, 1)
    assert Document.parse(aws.partition("route#checkout")[0]).always == {TESTER}


def test_a_user_who_is_named_while_the_share_changes_is_not_lost(aws: SmallAws) -> None:
    step(shift.handler, 0)
    item = routes.read("checkout", "live") or {}
    real = table.transact_put

    def named_meanwhile(*requests: Any) -> None:
        routes.write("checkout", "live", {**item, "never": [BOB]}, over=item, unlocked=False)
        real(*requests)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "transact_put", named_meanwhile)
        with pytest.raises(AwsBusy, match="could not be routed just now"):
            step(shift.handler, 1)
    step(shift.handler, 1)
    document = Document.parse(aws.partition("route#checkout")[0])
    assert (document.percent, {*document.never}) == (33.33, {BOB})


def test_minutes_count_when_every_caller_decides_by_the_new_percentage(aws: SmallAws) -> None:
    step(shift.handler, 0)
    (made,) = records.read(NAME).shifts
    assert made.until >= NOON + 60 + CACHED


def test_a_promoted_wave_is_open_to_all_and_its_document_to_nobody() -> None:
    waves = (ROUTED, a_target("orders", wave=2, channel=STABLE))
    steps = (Step(10, 5, 1), Step(100, 1, 1), Step(10, 5, 2))
    plan = a_plan(*waves, steps=steps, routing=Routing(NAME))
    with small_aws() as aws:
        begun(aws, NAME, plan)
        step(shift.handler, 0)
        step(shift.handler, 1)
        assert seen(aws) == (NEW, NEW, 0)
        step(shift.handler, 2)
        assert aws.state("orders:live-canary") == NEW
        recover_at(NOON + 100_000)
        assert seen(aws) == (OLD, OLD, 0)
        assert (aws.state("orders"), aws.state("orders:live-canary")) == (OLD, OLD)


@pytest.mark.parametrize("second", [0, 1, None], ids=["shift", "widen", "finish"])
def test_wherever_a_process_dies_recover_sends_every_user_to_one_version(second: int | None) -> None:
    states = set()
    for calls in count(1):
        with small_aws() as aws:
            begun(aws, NAME, PLAN)
            if second != 0:
                step(shift.handler, 0)
            aws.allow(calls)
            try:
                step(shift.handler if second is not None else finish.handler, second)
                over = True
            except Crash:
                over = False
            aws.allow(None)
            live, carrier, percent = seen(aws)
            states.add(str((live, carrier, percent)))
            assert carrier == NEW or not percent, "nobody is sent there before it has moved"
            assert percent != 0 or live == NEW, "nobody leaves it before the other alias has moved"
            recover_at(NOON + 100_000)
            live, carrier, percent = seen(aws)
            assert live == carrier
            assert percent in {0, None}
            assert live == OLD or (second is None and records.read(NAME).status == "promoted")
        if over:
            break
    assert len(states) >= 2, "it dies before and after its changes"


def test_rolling_back_moves_the_alias_first_because_that_is_enough(aws: SmallAws) -> None:
    step(shift.handler, 0)
    for calls in count(1):
        aws.allow(calls)
        try:
            restoration.restore("checkout:live-canary", NAME, "43")
        except Crash:
            if seen(aws)[2] == 0:
                assert seen(aws)[1] == OLD
            continue
        break
    aws.allow(None)
    assert seen(aws) == (OLD, OLD, 0)


def test_a_late_step_changes_no_document_of_a_newer_release(aws: SmallAws) -> None:
    step(shift.handler, 0)
    recover_at(NOON + 100_000)
    recover_at(NOON + 101_000)
    assert locks.read_all() == []
    begun(aws, NEWER, PLAN)
    step(shift.handler, 0, NEWER)
    with pytest.raises(LockLost):
        routes.widen([ROUTED], Routing(NAME), 90, NAME, NOON)
    routes.close("checkout", "live", NAME)
    (item,) = aws.partition("route#checkout")
    assert (item["release"], item["percent"]) == (NEWER, 10)


def test_a_second_alias_that_somebody_else_moved_ends_the_release(aws: SmallAws) -> None:
    aws.moved("checkout:live-canary", "41")
    with pytest.raises(AliasMoved, match="checkout:live-canary"):
        step(shift.handler, 0)
    assert seen(aws) == (OLD, ("41", {}), None)


def test_without_the_ledger_the_second_alias_goes_to_stable(aws: SmallAws) -> None:
    step(shift.handler, 0)
    carried = CarriedTarget("checkout", "live", "42", "43", channel=STABLE)
    done = restoration.restore_without_ledger([carried])
    assert [each.target for each in done] == ["checkout:live-canary", "checkout:live"]
    assert seen(aws)[:2] == (OLD, OLD)


def test_a_plan_is_read_as_it_was_written() -> None:
    assert ReleasePlan.of(PLAN.document()) == PLAN
    assert [alias.name for alias in PLAN.aliases] == ["checkout:live", "checkout:live-canary"]
    assert [alias.name for alias in a_plan().aliases] == ["checkout:live"]
    first = a_target(channel=STABLE, snapshot=None)
    assert first.aliases == (first,), "a new alias has no users yet"
    assert AliasState("42") == ROUTED.aliases[1].snapshot


@pytest.mark.parametrize(
    ("sent", "followed"),
    [
        ({"percent": 0, "closed": True}, NEW),
        ({"percent": 0}, OLD),
        ({"percent": 10, "closed": True}, OLD),
        ({"percent": 0, "closed": True, "always": [TESTER]}, OLD),
    ],
    ids=str,
)
def test_a_release_that_routes_no_users_takes_an_old_second_alias_along(sent: Any, followed: State) -> None:
    """A decision that waits in a queue must not meet a version that was replaced since; a pipeline's canary stays."""
    with small_aws() as aws:
        aws.moved("checkout:live-canary", "42")
        begun(aws, NAME, a_plan(a_target()))
        table.put({"pk": "route#checkout", "sk": "live", "canary": "live-canary", **sent})
        step(finish.handler)
        assert (aws.state("checkout"), aws.state("checkout:live-canary")) == (NEW, followed)


def test_an_alias_that_another_release_has_locked_is_not_taken_along() -> None:
    with small_aws() as aws:
        begun(aws, NAME, a_plan(a_target()))
        begun(aws, NEWER, a_plan(a_target(alias="live-canary")))
        closed = {"canary": "live-canary", "percent": 0, "closed": True}
        table.put({"pk": "route#checkout", "sk": "live", **closed})
        step(finish.handler)
        assert (aws.state("checkout"), aws.state("checkout:live-canary")) == (NEW, OLD)


@pytest.mark.parametrize(
    ("carrier", "sent", "told"),
    [
        ("42", None, ""),
        ("41", {"percent": 0, "closed": True}, ""),
        ("41", {"percent": 10}, "and its document sends 10 % of the users there, and 0 by name"),
        ("41", {"percent": 0, "always": [TESTER]}, "and its document sends 0 % of the users there, and 1 by name"),
        ("41", {"percent": 0}, "and its document is not as a release left it"),
        ("41", None, "and no release of Tidegate moved it"),
    ],
)
def test_a_second_alias_that_others_may_use_is_not_taken(carrier: str, sent: Any, told: str) -> None:
    with small_aws() as aws:
        aws.moved("checkout:live-canary", carrier)
        if sent:
            table.put({"pk": "route#checkout", "sk": "live", "canary": "live-canary", **sent})
        found = canary_aliases.obstacles(PLAN, {})
        assert [told in each for each in found] == ([True] if told else [])
        assert canary_aliases.obstacles(PLAN, {"checkout:live-canary": None}) == []
        if not told:
            take_on(NAME, EXECUTION, PLAN)
            canary_aliases.put_on_stable(PLAN, NAME)
            assert aws.state("checkout:live-canary") == OLD
