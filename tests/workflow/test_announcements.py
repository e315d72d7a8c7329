"""What recover tells on the event bus that Tidegate was deployed with."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # its stubs are a package of their own

from localcloud.faults import Effect, Fault
from tests.reading import ROOT
from tests.workflow.conftest import EVERYTHING
from tests.workflow.releases import Release, eventually
from tests.workflow.world import World

BUS = EVERYTHING["EventBusName"]
SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())
LABELS = {"commit": "4f2c9e1"}
AFTER_THE_LONGEST_STEP = 200

Events = Callable[[Release], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told(world: World) -> Events:
    """Give the events about a release that a rule for all of Tidegate's has brought to a queue so far."""
    events, queues = world.cloud.client("events"), world.cloud.client("sqs")
    url = queues.create_queue(QueueName="told")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name="told", EventBusName=BUS, EventPattern=json.dumps({"source": ["tidegate"]}))
    events.put_targets(Rule="told", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])
    so_far: list[dict[str, Any]] = []

    def about(release: Release) -> list[dict[str, Any]]:
        for message in queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            so_far.append(json.loads(message["Body"]))
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [event for event in so_far if event["detail"]["release"] == release.name]

    return about


def test_recover_tells_what_it_did_in_the_form_that_is_documented(world: World, told: Events) -> None:
    release = world.release(world.target(), world.target(), strategy="canary-10-5m", labels=LABELS).reach("Bake")
    release.stop()
    world.recover()
    (event,) = eventually(lambda: told(release), "the event")
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
    assert len(told(release)) == 1, "freeing a lock is nothing to tell"


def test_a_promotion_that_recover_concluded_is_told_as_one(world: World, told: Events) -> None:
    target = world.target()
    for role in ("FinishFunction", "RollBackFunction"):
        kill = Effect.KILL_BEFORE
        world.cloud.faults.add(Fault("dynamodb", "DeleteItem", kill, role=role, body=target.full_name, times=None))
    release = world.release(target, strategy="all-at-once").wait()
    world.recover()
    (event,) = eventually(lambda: told(release), "the event")
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
    assert (world.lock(release.target), told(release)) == (None, [])
