"""Event source mappings: batches of queues and streams, what fails of them, and which version gets them.

Lambda guide, "How Lambda processes records from stream and queue-based event sources", "Using Lambda with Amazon SQS",
"Process Amazon Kinesis Data Streams records with Lambda" and "Process DynamoDB records with Lambda". These hold the
local cloud to what AWS does, as tests/contract does, in a cloud whose time leaps: a process has one cloud.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.deploy.functions import zipped
from localcloud.lambda_ import routing
from tests.contract.acting import allow, make_role
from tests.contract.lambda_calls import ARN, refused, source
from tests.workflow.releases import eventually

ACCOUNT = "123456789012"
CODE = (Path(__file__).parent / "functions" / "batches" / "app.py").read_text()


@pytest.fixture
def cloud(unlimited_cloud: LocalCloud) -> Iterator[LocalCloud]:
    """Give the cloud, and leave no mapping behind."""
    yield unlimited_cloud
    functions = unlimited_cloud.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])


class Fed:
    """A function and what feeds it."""

    def __init__(self, cloud: LocalCloud, folder: Path, name: str, **environment: str) -> None:
        self.cloud, self.name, self.lambda_ = cloud, name, cloud.client("lambda")
        cloud.create_function(name, source(folder, CODE), alias="live", environment=environment)

    def map(self, arn: str, qualifier: str = "live", **settings: Any) -> str:
        """Map the source to the function, and wait until it is read."""
        mapping = self.lambda_.create_event_source_mapping(
            EventSourceArn=arn, FunctionName=f"{self.name}:{qualifier}", **settings
        )
        uuid: str = mapping["UUID"]
        assert mapping["State"] == "Creating"
        eventually(lambda: self.state(uuid) == "Enabled", "the mapping")
        return uuid

    def state(self, uuid: str) -> str:
        return str(self.lambda_.get_event_source_mapping(UUID=uuid)["State"])

    @property
    def batches(self) -> list[list[dict[str, Any]]]:
        """The records of each invocation, in order."""
        runs = [told for told in list(self.cloud.invocations) if told.function_name == self.name]
        return [json.loads(told.payload)["Records"] for told in runs]

    def got(self, count: int) -> list[list[dict[str, Any]]]:
        eventually(lambda: sum(map(len, self.batches)) >= count, f"{count} records in {self.name}")
        return self.batches


class Queue:
    def __init__(self, cloud: LocalCloud, name: str, **attributes: str) -> None:
        self._client = cloud.client("sqs")
        self._url = self._client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)

    def count(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def take(self) -> list[str]:
        def received() -> list[str]:
            answer = self._client.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
            return [message["Body"] for message in answer.get("Messages", [])]

        return list(eventually(received, "a message"))


def bodies(batch: list[dict[str, Any]]) -> list[str]:
    return [record["body"] for record in batch]


def data(batch: list[dict[str, Any]]) -> list[str]:
    return [base64.b64decode(record["kinesis"]["data"]).decode() for record in batch]


def test_messages_of_a_queue_come_in_batches_and_are_deleted(cloud: LocalCloud, tmp_path: Path) -> None:
    """Same guide, "Example Amazon SQS message event"."""
    queue, fed = Queue(cloud, "esm-plain"), Fed(cloud, tmp_path, "esm-plain")
    fed.map(queue.arn, BatchSize=2, MaximumBatchingWindowInSeconds=5)
    queue.send("a", "b", "c")
    fed.got(3)
    eventually(lambda: queue.count() == 0, "an empty queue")
    assert sorted(map(len, fed.batches)) == [1, 2]
    record = fed.batches[0][0]
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", queue.arn)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_a_window_gathers_messages_until_it_is_over(cloud: LocalCloud, tmp_path: Path) -> None:
    queue, fed = Queue(cloud, "esm-window"), Fed(cloud, tmp_path, "esm-window")
    fed.map(queue.arn, BatchSize=100, MaximumBatchingWindowInSeconds=20)
    began = cloud.clock.time()
    queue.send("a")
    cloud.clock.sleep(5)
    queue.send("b")
    (batch,) = fed.got(2)
    assert bodies(batch) == ["a", "b"]
    (told,) = [each for each in list(cloud.invocations) if each.function_name == "esm-window"]
    assert 19 <= told.started - began <= 25


def test_a_batch_that_fails_comes_again_after_the_visibility_timeout_until_the_redrive_policy_ends_it(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    """SQS guide, "Using dead-letter queues": maxReceiveCount."""
    letters = Queue(cloud, "esm-letters")
    redrive = json.dumps({"deadLetterTargetArn": letters.arn, "maxReceiveCount": 2})
    queue = Queue(cloud, "esm-redrive", VisibilityTimeout="30", RedrivePolicy=redrive)
    fed = Fed(cloud, tmp_path, "esm-redrive")
    fed.map(queue.arn)
    queue.send("bad")
    assert letters.take() == ["bad"]
    runs = [told for told in list(cloud.invocations) if told.function_name == "esm-redrive"]
    assert len(runs) == 2
    assert 29 <= runs[1].started - runs[0].started <= 40


def test_only_items_that_are_reported_come_again(cloud: LocalCloud, tmp_path: Path) -> None:
    """Same guide, "Implementing partial batch responses": such an invocation is no error."""
    queue = Queue(cloud, "esm-partial", VisibilityTimeout="30")
    fed = Fed(cloud, tmp_path, "esm-partial", REPORTS="yes")
    fed.map(queue.arn, MaximumBatchingWindowInSeconds=2, FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.send("good", "bad")
    first, second = fed.got(3)[:2]
    assert (sorted(bodies(first)), bodies(second)) == (["bad", "good"], ["bad"])
    assert not [told for told in list(cloud.invocations) if told.function_name == "esm-partial" and told.error_type]


def test_an_answer_that_names_no_message_of_the_batch_fails_the_whole_batch(cloud: LocalCloud, tmp_path: Path) -> None:
    """Same guide, "Implementing partial batch responses", success and failure conditions."""
    code = "def handler(event, context):\n    return {'batchItemFailures': [{'itemIdentifier': ''}]}\n"
    queue = Queue(cloud, "esm-answers", VisibilityTimeout="30")
    fed = Fed(cloud, tmp_path, "esm-answers")
    fed.cloud.update_code("esm-answers", source(tmp_path / "wrong", code))
    cloud.client("lambda").update_alias(
        FunctionName="esm-answers",
        Name="live",
        FunctionVersion=cloud.client("lambda").publish_version(FunctionName="esm-answers")["Version"],
    )
    fed.map(queue.arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.send("a")
    assert len(fed.got(2)) == 2


def test_what_a_filter_holds_back_is_deleted(cloud: LocalCloud, tmp_path: Path) -> None:
    """Same guide, "Using event filtering with an Amazon SQS event source"."""
    queue, fed = Queue(cloud, "esm-filter"), Fed(cloud, tmp_path, "esm-filter")
    pattern = json.dumps({"body": {"kind": ["order"]}})
    fed.map(queue.arn, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    queue.send('{"kind": "other"}', "no JSON", '{"kind": "order", "id": 7}')
    fed.got(1)
    eventually(lambda: queue.count() == 0, "an empty queue")
    assert [bodies(batch) for batch in fed.batches] == [['{"kind": "order", "id": 7}']]


def test_the_version_of_each_batch_is_drawn_by_the_alias_weights(cloud: LocalCloud, tmp_path: Path) -> None:
    """Same guide, "Implement Lambda canary deployments using a weighted alias"."""
    queue, fed = Queue(cloud, "esm-weights"), Fed(cloud, tmp_path, "esm-weights")
    routing.seed(7)
    cloud.update_code("esm-weights", source(tmp_path / "second", CODE + "\n"))
    fed.lambda_.publish_version(FunctionName="esm-weights")
    fed.lambda_.update_alias(
        FunctionName="esm-weights", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
    )
    fed.map(queue.arn, BatchSize=1)
    queue.send(*map(str, range(40)))
    fed.got(40)
    told = Counter(each.executed_version for each in list(cloud.invocations) if each.function_name == "esm-weights")
    assert set(told) == {"1", "2"}
    assert 10 <= told["2"] <= 30


def test_records_of_a_shard_stay_in_order_and_a_batch_that_fails_holds_it_up(cloud: LocalCloud, tmp_path: Path) -> None:
    """Same guide, "Configure partial batch response with Kinesis Data Streams and Lambda", and its error handling."""
    kinesis, records = cloud.client("kinesis"), Queue(cloud, "esm-discarded")
    kinesis.create_stream(StreamName="esm-stream", ShardCount=1)
    arn = kinesis.describe_stream(StreamName="esm-stream")["StreamDescription"]["StreamARN"]
    for text in ("a", "b", "bad", "c"):
        kinesis.put_record(StreamName="esm-stream", Data=text.encode(), PartitionKey="one")
    fed = Fed(cloud, tmp_path, "esm-stream")
    fed.map(
        arn,
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=3,
        DestinationConfig={"OnFailure": {"Destination": records.arn}},
    )
    (text,) = records.take()
    told = json.loads(text)
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["requestContext"]["functionArn"] == f"{ARN}esm-stream:live"
    assert told["KinesisBatchInfo"]["batchSize"] == 1
    eventually(lambda: data(fed.batches[-1]) == ["c"], "the record after the bad one")
    seen = [data(batch) for batch in fed.batches]
    assert seen == [["a", "b", "bad", "c"], ["a", "b"], ["bad", "c"], ["bad"], ["bad"], ["c"]]


def test_changes_of_a_table_come_as_records(cloud: LocalCloud, tmp_path: Path) -> None:
    """Same guide, "Example event" of DynamoDB, and "Using event filtering with a DynamoDB event source"."""
    dynamodb = cloud.client("dynamodb")
    table = dynamodb.create_table(
        TableName="esm-table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]
    fed = Fed(cloud, tmp_path, "esm-table")
    pattern = json.dumps({"eventName": ["INSERT"]})
    fed.map(table["LatestStreamArn"], StartingPosition="LATEST", FilterCriteria={"Filters": [{"Pattern": pattern}]})
    dynamodb.put_item(TableName="esm-table", Item={"id": {"S": "1"}, "total": {"N": "7"}})
    dynamodb.delete_item(TableName="esm-table", Key={"id": {"S": "1"}})
    ((record,),) = fed.got(1)
    assert (record["eventName"], record["dynamodb"]["Keys"]) == ("INSERT", {"id": {"S": "1"}})
    assert record["dynamodb"]["NewImage"]["total"] == {"N": "7"}


def test_a_mapping_that_is_disabled_reads_no_more_and_one_that_is_deleted_is_gone(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    """Lambda API reference, UpdateEventSourceMapping, DeleteEventSourceMapping, EventSourceMappingConfiguration."""
    queue, fed = Queue(cloud, "esm-states"), Fed(cloud, tmp_path, "esm-states")
    uuid = fed.map(queue.arn)
    assert fed.lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)["State"] == "Disabling"
    eventually(lambda: fed.state(uuid) == "Disabled", "the mapping")
    queue.send("a")
    cloud.clock.sleep(60)
    assert (fed.batches, queue.count()) == ([], 1)
    fed.lambda_.update_event_source_mapping(UUID=uuid, Enabled=True)
    fed.got(1)
    listed = fed.lambda_.list_event_source_mappings(FunctionName="esm-states:live")["EventSourceMappings"]
    assert [mapping["FunctionArn"] for mapping in listed] == [f"{ARN}esm-states:live"]
    eventually(lambda: fed.state(uuid) == "Enabled", "the mapping")
    assert fed.lambda_.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    assert refused(fed.lambda_.get_event_source_mapping, UUID=uuid)[:2] == ("ResourceNotFoundException", 404)


def test_what_a_mapping_needs_is_asked_for_when_it_is_made(cloud: LocalCloud, tmp_path: Path) -> None:
    """Lambda API reference, CreateEventSourceMapping; guide, "Execution role permissions" of the source."""
    queue, fed = Queue(cloud, "esm-needs"), Fed(cloud, tmp_path, "esm-needs")
    create = fed.lambda_.create_event_source_mapping
    place = {"EventSourceArn": queue.arn, "FunctionName": "esm-needs"}
    assert refused(create, **{**place, "FunctionName": "esm-none"})[:2] == ("ResourceNotFoundException", 404)
    assert refused(create, **{**place, "EventSourceArn": f"{queue.arn}-none"})[0] == "InvalidParameterValueException"
    assert "batch window" in refused(create, **place, BatchSize=11)[2]
    create(**place)
    assert refused(create, **place)[:2] == ("ResourceConflictException", 409)
    blind = make_role(cloud, "esm-blind", allow("sqs:DeleteMessage"))
    fed.lambda_.create_function(
        FunctionName="esm-blind",
        Runtime="python3.13",
        Role=blind,
        Handler="app.handler",
        Code={"ZipFile": zipped(source(tmp_path, CODE))},
    )
    code, _, message = refused(create, **{**place, "FunctionName": "esm-blind"})
    assert (code, "ReceiveMessage on SQS" in message) == ("InvalidParameterValueException", True)


def test_pollers_that_wait_keep_no_time_from_leaping(cloud: LocalCloud, tmp_path: Path) -> None:
    """An hour without messages takes no time."""
    fed = Fed(cloud, tmp_path, "esm-idle")
    fed.map(Queue(cloud, "esm-idle").arn)
    leapt = cloud.clock.leapt
    cloud.clock.sleep(3600)
    assert cloud.clock.leapt - leapt > 3500
