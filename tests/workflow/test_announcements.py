"""What is told of releases on the event bus and the topic that Tidegate was deployed with."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from localcloud.faults import Effect, Fault
from tests.reading import ROOT
from tests.workflow.deployed import EVERYTHING, TOPIC
from tests.workflow.people import accepted, baking, held_for
from tests.workflow.queues import make_queue, take_all
from tests.workflow.releases import Release, eventually
from tests.workflow.world import Start, World
from tidegate.domain.events.detail import detail_type
from tidegate.domain.events.milestone import KINDS
from tidegate.domain.events.timeline import story

BUS = EVERYTHING["EventBusName"]
SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())
MILESTONES = json.loads((ROOT / "docs/milestones.schema.json").read_text())
LABELS = {"commit": "4f2c9e1"}
AFTER_THE_LONGEST_STEP = 200

Events = Callable[[Release], list[dict[str, Any]]]
Letters = Callable[[], list[str]]


@pytest.fixture(scope="module")
def told(world: World) -> Events:
    """Give the events about a release that a rule for all of Tidegate's has brought to a queue so far."""
    arn, url = make_queue(world, "told", "events.amazonaws.com")
    events = world.cloud.client("events")
    events.put_rule(Name="told", EventBusName=BUS, EventPattern=json.dumps({"source": ["tidegate"]}))
    events.put_targets(Rule="told", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])
    so_far: list[dict[str, Any]] = []

    def about(release: Release) -> list[dict[str, Any]]:
        so_far.extend(json.loads(letter["Body"]) for letter in take_all(world, url))
        return [event for event in so_far if event["detail"]["release"] == release.name]

    return about


@pytest.fixture(scope="module")
def letters(world: World) -> Letters:
    """Give what the topic was told so far."""
    arn, url = make_queue(world, "letters", "sns.amazonaws.com")
    topics = world.cloud.client("sns")
    topic = topics.create_topic(Name=TOPIC)["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    so_far: list[str] = []

    def read() -> list[str]:
        so_far.extend(json.loads(letter["Body"])["Message"] for letter in take_all(world, url))
        return so_far

    return read


def recovered(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["detail-type"] == "Release Recovered"]


def test_recover_tells_what_it_did_in_the_form_that_is_documented(world: World, told: Events) -> None:
    release = world.release(world.target(), world.target(), strategy="canary-10-5m", labels=LABELS).reach("Bake")
    release.stop()
    world.recover()
    (event,) = eventually(lambda: recovered(told(release)), "the event")
    Draft202012Validator(SCHEMA).validate(event)
    detail = event["detail"]
    assert (event["resources"], detail["execution"], detail["labels"]) == ([release.arn], release.arn, LABELS)
    assert (detail["outcome"], detail["why"]) == (
        "recovered",
        "Its execution ended before it could finish or roll back.",
    )
    assert [(one["function"], one["stable"], one["canary"], one["done"]) for one in detail["targets"]] == [
        (target.name, "1", "2", f"{target.full_name} is 100 % on version 1 again") for target in release.targets
    ]
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert [world.lock(target) for target in release.targets] == [None, None]
    assert len(recovered(told(release))) == 1, "freeing a lock is nothing to tell"


def test_a_promotion_that_recover_concluded_is_told_as_one(world: World, told: Events) -> None:
    target = world.target()
    for role in ("FinishFunction", "RollBackFunction"):
        kill = Effect.KILL_BEFORE
        world.cloud.faults.add(Fault("dynamodb", "DeleteItem", kill, role=role, body=target.full_name, times=None))
    release = world.release(target, strategy="all-at-once").wait()
    world.recover()
    (event,) = eventually(lambda: recovered(told(release)), "the event")
    Draft202012Validator(SCHEMA).validate(event)
    assert event["detail"]["outcome"] == "released"


def test_recover_heals_and_records_also_where_nobody_can_be_told(world: World, told: Events) -> None:
    release = world.release(world.target(), strategy="canary-10-5m").reach("Bake")
    refused = Fault("events", "PutEvents", Effect.FAIL, role="RecoverFunction", body=release.name, times=None)
    injected = world.cloud.faults.add(refused)
    release.stop()
    assert "errorType" not in world.recover()
    assert injected.hits > 0
    assert (release.target.state, (world.record(release) or {})["ended"]) == (("1", {}), "recovered")
    world.recover(later=AFTER_THE_LONGEST_STEP)
    assert (world.lock(release.target), recovered(told(release))) == (None, [])


def test_a_plan_that_was_throttled_for_good_is_told_as_refused(world: World, told: Events) -> None:
    name, step = world.next_name(), world.step_function("Plan")
    world.cloud.faults.add(Fault("lambda", "Invoke", Effect.THROTTLE, resource=step, body=name, times=None))
    with world.recovering(by=["ExecutionEnded"]):
        release = world.release(world.target(), name=name).wait()
        (event,) = eventually(lambda: told(release), "the event")
    Draft202012Validator(SCHEMA).validate(event)
    assert (event["detail-type"], event["detail"]["error"]) == (
        "Release Refused",
        "Lambda.TooManyRequestsException",
    )
    assert "The release did not start and moved no alias; start a new one." in event["detail"]["summary"]
    assert world.record(release) is None


def a_decision_on(world: World) -> Release:
    release = baking(world, labels=LABELS)
    accepted(world, release, "hold")
    held_for(release, "held: held by ana")
    accepted(world, release, "promote", to=100)
    return release


def an_aborted(world: World) -> Release:
    release = baking(world)
    accepted(world, release, "abort")
    return release


def a_refused(world: World) -> Release:
    return world.release(world.target(), version="7")


def a_superseded(world: World) -> Release:
    release = baking(world)
    world.release(release.target, strategy="all-at-once", on_conflict="supersede").wait()
    return release


COMMON = ["started", "published", "settled", "probed", "shifted"]
WHOLE: dict[Start, list[str]] = {
    a_decision_on: [*COMMON, "decided", "judged", "held", "finished"],
    an_aborted: [*COMMON, "decided", "judged", "rolled-back"],
    a_refused: ["refused"],
    a_superseded: [*COMMON, "superseded"],
}


@pytest.fixture(scope="module")
def wholes(world: World, told: Events, letters: Letters) -> dict[Start, Release]:
    _ = told, letters  # they have to listen first
    return world.start_all(*WHOLE)


def _in_order(kinds: list[str], told: list[str]) -> bool:
    rest = iter(told)
    return all(kind in rest for kind in kinds)


@pytest.mark.parametrize("start", WHOLE, ids=lambda start: start.__name__)
def test_every_milestone_of_a_release_is_told_in_the_form_that_is_documented(
    start: Start, wholes: dict[Start, Release], told: Events
) -> None:
    release = wholes[start].wait()
    last = WHOLE[start][-1]
    events = eventually(lambda: _with(last, told(release)), f"{last} of {release.name}")
    for event in events:
        Draft202012Validator(SCHEMA).validate(event)
        Draft202012Validator(MILESTONES).validate(event["detail"])
        assert event["detail-type"] == detail_type(event["detail"]["type"])
        assert event["resources"] == [release.arn]
    # Deliveries overtake each other.
    at = sorted(events, key=lambda event: (event["detail"]["at"], list(KINDS).index(event["detail"]["type"])))
    assert _in_order(WHOLE[start], [event["detail"]["type"] for event in at]), [e["detail"]["type"] for e in at]


def _with(last: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return events if last in {event["detail"]["type"] for event in events} else []


def test_the_bus_is_told_what_the_ledger_has(wholes: dict[Start, Release], world: World, told: Events) -> None:
    release = wholes[a_decision_on].wait()
    items = world.ledger(f"release#{release.name}") + world.ledger(f"decisions#{release.name}")
    known = [
        json.loads(one.model_dump_json()) for one in story(release.name, json.loads(json.dumps(items, default=_plain)))
    ]

    def left() -> list[Any]:
        details = [event["detail"] for event in told(release)]
        return [one for one in known if not any(one.items() <= detail.items() for detail in details)]

    eventually(lambda: not left(), f"all of {len(known)} milestones")
    (started,) = [event["detail"] for event in told(release) if event["detail"]["type"] == "started"]
    assert (started["labels"], started["functions"]) == (LABELS, [release.target.name])


def _plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)


def test_people_are_told_in_words_what_they_care_about(wholes: dict[Start, Release], letters: Letters) -> None:
    release = wholes[an_aborted].wait()
    found = eventually(lambda: _about(release, letters(), "Release Rolled Back"), "the letter")
    assert f'"Release Rolled Back: {release.name}"' in found
    assert f"{release.target.full_name} is 100 % on version 1 again; ana aborted it at " in found
    assert "console.aws.amazon.com/states/home" in found
    assert not _about(release, letters(), "Release Judged")
    assert not _about(release, letters(), "Release Shifted")


def _about(release: Release, letters: list[str], kind: str) -> str:
    return next((letter for letter in letters if f"{kind}: {release.name}" in letter), "")


def test_a_release_is_released_though_nobody_can_be_told(world: World, told: Events) -> None:
    target, name = world.target().evidence(), world.next_name()
    fault = Fault("events", "PutEvents", Effect.FAIL, role="Function", body=name, times=None)
    injected = world.cloud.faults.add(fault)
    release = world.release(target, name=name).wait()
    assert release.status == "SUCCEEDED", release.cause
    assert injected.hits >= len(COMMON) + 2
    assert (target.state, told(release)) == (("2", {}), [])
