"""Releases of functions that are fed by queues through their aliases."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.clock import Event, Thread
from tests.workflow.targets import Target
from tests.workflow.world import World

SETTINGS = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "3600"}
GUARDED = {"steps": [{"weight": 30, "bake": "10m"}]}


@contextmanager
def feeding(world: World, target: Target, **mapping: object) -> Iterator[None]:
    """Send a message each second to a queue that feeds the target's alias, one in a batch."""
    sqs, functions = world.cloud.client("sqs"), world.cloud.client("lambda")
    url = sqs.create_queue(QueueName=f"{target.name}-messages", Attributes=SETTINGS)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    uuid = functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=target.full_name, BatchSize=1, **mapping
    )["UUID"]
    over = Event()

    def send() -> None:
        while not over.is_set():
            sqs.send_message(QueueUrl=url, MessageBody="an order")
            world.cloud.clock.wait(over, 1.0)

    sender = Thread(target=send, name="sender", daemon=True)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()
        functions.delete_event_source_mapping(UUID=uuid)


def batches(world: World, target: Target) -> Counter[str]:
    """Count the batches that each version got."""
    runs = [told for told in list(world.cloud.invocations) if told.function_name == target.name]
    return Counter(told.executed_version for told in runs if b'"Records"' in told.payload)


def test_batches_of_a_queue_are_divided_by_weight_and_a_version_that_fails_them_is_rolled_back(world: World) -> None:
    target = world.target("consumer_failing", stable="consumer")
    with feeding(world, target):
        release = world.release(target, strategy=GUARDED).wait()
    assert release.status == "FAILED"
    assert "Roll back" in release.states
    assert target.state == ("1", {})
    assert target.writes[0] == ("1", {"2": 0.3})
    divided = batches(world, target)
    assert divided["2"] >= 10
    assert divided["1"] > divided["2"]


def test_plan_warns_of_a_mapping_that_hides_failures_and_offers_a_metric(world: World) -> None:
    target = world.target()
    with feeding(world, target, FunctionResponseTypes=["ReportBatchItemFailures"]):
        release = world.release(target, dry_run=True, preflight={"batch-failures": "warning"}).wait()
    (planned,) = release.results("Plan")
    said = planned["summary"]
    assert f"{target.full_name}: the event source mapping from {target.name}-messages has ReportBatchItemFail" in said
    assert '"name": "failed_items"' in said
