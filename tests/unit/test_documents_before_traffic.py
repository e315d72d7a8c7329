"""What callers are told before a release sends the first user to its canary, and how it ends."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import NOON, SETTINGS, a_plan, a_request, a_target
from tests.failing import raising, refused
from tests.fakes.small_aws import SmallAws, recover_at, small_aws, take_on
from tests.unit.routing_calls import item, keys
from tidegate.aws import canary_aliases, gauges
from tidegate.aws.ledger import locks, routes, table
from tidegate.domain.planning.outlook import Outlook
from tidegate.domain.routing import FORGOTTEN, STABLE, Routing
from tidegate.domain.schedule import format_time, parse_time
from tidegate.steps import before_traffic, finish, plan, shift
from tidegate_cli.route_document import Wishes
from tidegate_route import Document, Router

ANA, BOB = keys("ana", "bob")
EARLIER, NAME = "checkout-7", "checkout-8"
PLAN = a_plan(a_target(channel=STABLE), routing=Routing(NAME, always=(ANA,)), deadline=NOON + 900_000)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallAws]:
    monkeypatch.setattr(gauges, "show_weight", lambda *_: None)
    with small_aws() as aws:
        aws.moved("checkout", "42")
        aws.moved("checkout:live-canary", "42")
        yield aws


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the time by every clock, to be changed; a second is nearly over each time."""
    now = [NOON]
    monkeypatch.setattr(time, "time", lambda: now[0] + 0.9)
    return now


def begin(name: str = NAME) -> None:
    """Do what Plan does."""
    take_on(name, f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{name}", PLAN)
    canary_aliases.put_on_stable(PLAN, name)


def refuse_late() -> None:
    """Do what Plan does when the last of its writes is refused."""
    raw = {"release": NAME, "now": format_time(NOON), "execution": "arn:aws:states:::execution:x:" + NAME}
    event = plan.PlanEvent.model_validate({**raw, "request": {}, "settings": SETTINGS, "attempt": 0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "enlist", raising(refused("AccessDeniedException", 403)))
        with pytest.raises(ClientError):
            plan._take(event, a_request(), plan.Look(PLAN, Outlook(), {}))
    assert (document()["release"], locks.read_all()) == (NAME, [])


def before(clock: list[int]) -> Any:
    return before_traffic.handler({"release": NAME, "now": format_time(clock[0])}, None)


def step(handler: Any, clock: list[int], name: str = NAME, **more: Any) -> Any:
    at = format_time(clock[0])
    return handler({"release": name, "now": at, "tried": at, **more}, None)


def document() -> dict[str, Any]:
    return routes.read("checkout", "live") or {}


def put(**fields: Any) -> None:
    table.put({"pk": "route#checkout", "sk": "live", **item(**{"percent": 0, **fields})})


def test_it_waits_until_no_caller_routes_users_by_the_share_of_an_earlier_release(
    aws: SmallAws, clock: list[int]
) -> None:
    begin(EARLIER)
    step(shift.handler, clock, EARLIER, step=0)
    cached = document()
    clock[0] = ended = NOON + 100_000
    recover_at(ended)
    recover_at(ended + 1_000)
    clock[0] += 2
    begin()
    clock[0] += 5
    answer = before(clock)
    assert (answer["next"], answer["summary"]) == (
        "wait",
        "waiting until no caller routes users by an earlier document",
    )
    assert parse_time(answer["tick"]) == ended + FORGOTTEN
    router = Router(lambda _: cached, timeout=60)
    with router.serving("ana"):
        assert router.qualifier("checkout") == "live-canary", "such a caller would meet the new canary"
    assert aws.state("checkout:live-canary") == ("42", {})
    clock[0] = ended + FORGOTTEN
    assert before(clock)["next"] == "shift"


def test_the_wait_is_as_long_as_a_caller_keeps_a_document() -> None:
    router = Router(lambda _: None)
    documents = router._documents
    assert 2 * documents._ttl + documents._timeout + 1 < FORGOTTEN, "the times of both are whole seconds"


@pytest.mark.parametrize(
    ("left", "waits"),
    [
        (None, 0),
        ({"percent": 30, "updated": NOON - 900}, FORGOTTEN),
        ({"always": [BOB], "updated": NOON - 900}, FORGOTTEN),
        ({"updated": NOON - 20}, FORGOTTEN - 20),
        ({"updated": NOON - 20, "closed": True}, FORGOTTEN - 20),
        ({"updated": NOON - 900}, 0),
        ({}, FORGOTTEN),
        ({"updated": "2027-01-15"}, FORGOTTEN),
    ],
    ids=str,
)
def test_what_somebody_left_ends_when_the_release_begins(left: Any, waits: int, clock: list[int]) -> None:
    """A pipeline may have sent users to the alias while both were on one version."""
    if left is not None:
        put(**left)
    begin()
    sent = Document.parse(document())
    assert (sent.percent, {*sent.always}, sent.release) == (0.0, {ANA}, NAME)
    begun = clock[0]
    answer = before(clock)
    assert (parse_time(answer["tick"]) - begun if answer["next"] == "wait" else 0) == waits
    begin()
    assert before(clock) == answer, "another try of Plan changes nothing"


def test_whom_somebody_names_before_the_first_shift_stays_named(clock: list[int]) -> None:
    begin()
    known = document()
    wished = Wishes(always=(BOB,)).applied("live", known, "")
    routes.write("checkout", "live", wished, over=known, unlocked=False)
    step(shift.handler, clock, step=0)
    assert {*Document.parse(document()).always} == {ANA, BOB}


def test_a_late_try_of_plan_closes_no_document_of_a_release_that_went_on(clock: list[int]) -> None:
    begin()
    step(shift.handler, clock, step=0)
    canary_aliases.leave(PLAN, NAME)
    assert (document()["percent"], document()["always"]) == (10, [ANA])


@pytest.mark.parametrize("ended", ["finished", "recovered before any traffic", "refused"])
def test_an_alias_of_a_release_that_ended_belongs_to_the_next_until_somebody_changes_its_document(
    ended: str, aws: SmallAws, clock: list[int]
) -> None:
    if ended == "refused":
        refuse_late()
    else:
        begin()
    if ended == "finished":
        step(finish.handler, clock)
    elif ended == "recovered before any traffic":
        recover_at(NOON + 100_000)
    aws.moved("checkout:live-canary", "9")
    assert canary_aliases.obstacles(PLAN, {}) == []
    known = document()
    assert (known["percent"], known["always"]) == (0, [])
    named = Wishes(always=(BOB,)).applied("live", known, "")
    shared = Wishes(percent=5).applied("live", known, "")
    for changed in (named, shared, Wishes(percent=0).applied("live", shared, "")):
        table.put(changed)
        assert len(canary_aliases.obstacles(PLAN, {})) == 1
