"""Releases that events start."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from localcloud.faults import Effect, Fault
from tests.reading import ROOT
from tests.workflow.deployed import EVERYTHING
from tests.workflow.queues import make_queue, take_all
from tests.workflow.releases import eventually
from tests.workflow.targets import Target
from tests.workflow.world import ONE_STEP, World

SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())
QUICK: dict[str, Any] = {"strategy": ONE_STEP, "analysis": {"after": {"on_worse": "ignore"}}}

Refusals = Callable[[], list[dict[str, Any]]]


def put(world: World, detail: Any, kind: str = "Release Requested") -> None:
    """Ask for a release as a team's own service would."""
    bus = EVERYTHING["RequestBusName"]
    entry = {"Source": "shop.builds", "DetailType": kind, "EventBusName": bus, "Detail": json.dumps(detail)}
    assert world.cloud.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def asking(target: Target, **more: Any) -> dict[str, Any]:
    return {"function": target.name, "alias": target.alias, **QUICK, **more}


def delivered(world: World, event: Any) -> Any:
    """Deliver an event to Start, waiting for its answer, which EventBridge does not."""
    return world.call("Start", event)


def event_of(detail: Any, number: int = 1, **more: Any) -> dict[str, Any]:
    usual = {"version": "0", "id": f"6a7e8feb-b491-4cf7-a9f1-{number:012}", "source": "shop.builds"}
    return {**usual, "detail-type": "Release Requested", "detail": detail, **more}


@pytest.fixture(scope="module")
def refusals(world: World) -> Refusals:
    """Give what was told of refusals so far."""
    arn, url = make_queue(world, "refusals", "events.amazonaws.com")
    events, bus = world.cloud.client("events"), EVERYTHING["EventBusName"]
    pattern = {"source": ["tidegate"], "detail-type": ["Release Refused"]}
    events.put_rule(Name="refusals", EventBusName=bus, EventPattern=json.dumps(pattern))
    events.put_targets(Rule="refusals", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    so_far: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        so_far.extend(json.loads(letter["Body"]) for letter in take_all(world, url))
        return so_far

    return read


def test_an_event_on_the_bus_starts_one_release_however_often_it_comes(world: World) -> None:
    target = world.target().evidence()
    detail = asking(target, key="build-4711", labels={"commit": "4f2c9e1"})
    put(world, detail)
    release = world.started(f"{target.name}-live-build-4711", target)
    put(world, detail)
    release.wait()
    put(world, detail)
    assert (release.status, target.state) == ("SUCCEEDED", ("2", {}))
    assert (world.record(release) or {})["labels"] == {"commit": "4f2c9e1"}
    again = delivered(world, event_of(detail))
    assert again == {"release": release.name, "summary": f"release {release.name} already exists"}
    assert world.releases_of(target) == [release.name]


def test_an_event_that_is_delivered_twice_is_told_from_two_events(world: World) -> None:
    target = world.target()
    first, second = event_of(asking(target, dry_run=True), 1), event_of(asking(target, dry_run=True), 2)
    names = [delivered(world, event)["release"] for event in (first, first, second)]
    assert names[0] == names[1] != names[2]
    assert sorted(world.releases_of(target)) == sorted({*names})
    for name in {*names}:
        world.started(name, target).wait()


def test_an_event_that_starts_nothing_is_announced_with_the_reason(world: World, refusals: Refusals) -> None:
    put(world, {"function": "other-team", "memory": 3})
    (told,) = eventually(
        lambda: [each for each in refusals() if "other-team" in each["detail"]["summary"]], "the refusal"
    )
    Draft202012Validator(SCHEMA).validate(told)
    detail = told["detail"]
    assert detail["error"] == "InvalidRequest"
    assert 'function: "other-team" is not among the functions that Tidegate may release' in detail["summary"]
    assert detail["event"]["source"] == "shop.builds"
    assert (detail["release"][:6], detail["functions"]) == ("event-", [])


def test_an_event_of_another_kind_on_the_bus_of_requests_is_refused_even_if_it_looks_like_one_of_aws(
    world: World, refusals: Refusals
) -> None:
    put(world, {"function": "shop-cart"}, kind="Release Requsted")
    put(world, json.loads((ROOT / "tests/events/ecr-push.json").read_text())["detail"], kind="ECR Image Action")
    unknown, foreign = (
        "Release Requsted: no event of this detail-type",
        "ECR Image Action: starts a release only if it comes from",
    )

    def both_refused() -> bool:
        told = "".join(each["detail"]["summary"] for each in refusals())
        return f"EventNotUnderstood: {unknown}" in told and f"EventNotUnderstood: {foreign}" in told

    eventually(both_refused, "two refusals")


def test_a_key_that_names_another_release_is_refused(world: World, refusals: Refusals) -> None:
    target, other = world.target(), {"memory_size": 512}
    put(world, asking(target, key="once", dry_run=True))
    release = world.started(f"{target.name}-live-once", target).wait()
    put(world, asking(target, key="once", dry_run=True, configuration=other))
    told = eventually(lambda: [each for each in refusals() if each["detail"]["release"] == release.name], "the refusal")
    assert (told[0]["detail"]["error"], told[0]["detail"]["functions"]) == ("KeyUsedBefore", [target.name])
    assert world.releases_of(target) == [release.name]


def test_an_event_that_cannot_be_carried_out_now_is_tried_again_and_ends_in_the_queue(world: World) -> None:
    target = world.target()
    detail = asking(target, key="later", dry_run=True)
    fault = Fault("stepfunctions", "StartExecution", Effect.FAIL, role="StartFunction", body="-later", times=None)
    injected = world.cloud.faults.add(fault)
    put(world, detail)
    (letter,) = eventually(lambda: take_all(world, world.stack.outputs["DeadLetters"]), "the dead letter")
    assert world.releases_of(target) == []
    assert injected.hits >= 3
    world.cloud.faults.remove(injected)
    assert "internal" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"].lower()
    assert json.loads(letter["Body"])["detail"] == detail
    assert delivered(world, json.loads(letter["Body"]))["release"] == f"{target.name}-live-later"


def test_an_event_whose_refusal_cannot_be_told_is_not_lost(world: World) -> None:
    fault = Fault("events", "PutEvents", Effect.THROTTLE, role="StartFunction", times=None)
    injected = world.cloud.faults.add(fault)
    answer = delivered(world, event_of({"function": "other-team"}))
    world.cloud.faults.remove(injected)
    assert answer["errorType"] == "AwsBusy"


def test_an_event_that_cannot_be_delivered_ends_in_the_queue(world: World) -> None:
    fault = Fault("lambda", "Invoke", Effect.FAIL, resource=world.step_function("Start"), times=None)
    injected = world.cloud.faults.add(fault)
    put(world, {"function": "shop-nobody", "key": "undelivered"})
    (letter,) = eventually(lambda: take_all(world, world.stack.outputs["DeadLetters"]), "the dead letter")
    world.cloud.faults.remove(injected)
    assert letter["MessageAttributes"]["EXHAUSTED_RETRY_CONDITION"]["StringValue"] == "MaximumRetryAttempts"
    assert json.loads(letter["Body"])["detail"]["key"] == "undelivered"
