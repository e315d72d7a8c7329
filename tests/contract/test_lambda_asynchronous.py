"""What becomes of an asynchronous invocation: its retries and age, its dead letter, the record at its destination.

Lambda guide, "How Lambda handles errors and retries with asynchronous invocation", "Adding a dead-letter queue" and
"Capturing records of Lambda asynchronous invocations"; the conditions of records as LocalStack has recorded them.
"""

import json
from typing import Any

from moto.awslambda.models import LambdaBackend

from localcloud import LocalCloud
from tests.contract.lambda_calls import ARN, FUNCTIONS, HEALTHY, configure, refused, until

FAILING = FUNCTIONS / "handler_error"


class Queue:
    def __init__(self, cloud: LocalCloud, name: str) -> None:
        self._client = cloud.client("sqs")
        self._url = self._client.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"

    def message(self) -> dict[str, Any]:
        def received() -> list[dict[str, Any]]:
            answer = self._client.receive_message(QueueUrl=self._url, MessageAttributeNames=["All"])
            return list(answer.get("Messages", []))

        (message,) = until(received, bool)
        return dict(message)


def runs(cloud: LocalCloud, name: str) -> int:
    return sum(told.function_name == name and not told.throttled for told in list(cloud.invocations))


def send(client: Any, name: str, **options: Any) -> str:
    answer = client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"order": 7}', **options)
    return str(answer["ResponseMetadata"]["RequestId"])


def test_the_last_failure_is_told_in_a_dead_letter_and_in_a_record(cloud: LocalCloud, client: Any) -> None:
    letters, records = Queue(cloud, "async-letters"), Queue(cloud, "async-records")
    cloud.create_function("async-fails", FAILING)
    configure(client, "async-fails", DeadLetterConfig={"TargetArn": letters.arn})
    client.put_function_event_invoke_config(
        FunctionName="async-fails",
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": records.arn}},
    )
    request_id = send(client, "async-fails")
    letter, record = letters.message(), json.loads(records.message()["Body"])
    assert runs(cloud, "async-fails") == 2
    assert letter["Body"] == '{"order": 7}'
    assert {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()} == {
        "RequestID": request_id,
        "ErrorCode": "200",
        "ErrorMessage": "the handler fails",
    }
    assert record["requestContext"] == {
        "requestId": request_id,
        "functionArn": f"{ARN}async-fails:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 2,
    }
    assert record["requestPayload"] == {"order": 7}
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["responsePayload"]["errorType"] == "ValueError"


def test_a_success_is_told_to_its_own_destination_and_leaves_no_dead_letter(cloud: LocalCloud, client: Any) -> None:
    records = Queue(cloud, "async-successes")
    cloud.create_function("async-succeeds", HEALTHY, alias="live")
    client.put_function_event_invoke_config(
        FunctionName="async-succeeds",
        Qualifier="live",
        DestinationConfig={"OnSuccess": {"Destination": records.arn}},
    )
    send(client, "async-succeeds", Qualifier="live")
    record = json.loads(records.message()["Body"])
    assert record["requestContext"]["functionArn"] == f"{ARN}async-succeeds:live"
    assert record["requestContext"]["condition"] == "Success"
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "1"}


def test_an_event_too_old_for_its_retry_is_given_up(cloud: LocalCloud, client: Any) -> None:
    records = Queue(cloud, "async-old")
    cloud.create_function("async-ages", FAILING)
    client.put_function_event_invoke_config(
        FunctionName="async-ages",
        MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": records.arn}},
    )
    send(client, "async-ages")
    context = json.loads(records.message()["Body"])["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 1)


def test_an_event_of_a_function_that_may_not_run_is_given_up_at_once(cloud: LocalCloud, client: Any) -> None:
    letters, records = Queue(cloud, "async-stopped-letters"), Queue(cloud, "async-stopped")
    cloud.create_function("async-stops", HEALTHY)
    configure(client, "async-stops", DeadLetterConfig={"TargetArn": letters.arn})
    client.put_function_event_invoke_config(
        FunctionName="async-stops", DestinationConfig={"OnFailure": {"Destination": records.arn}}
    )
    client.put_function_concurrency(FunctionName="async-stops", ReservedConcurrentExecutions=0)
    send(client, "async-stops")
    record = json.loads(records.message()["Body"])
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert "responseContext" not in record
    assert letters.message()["Body"] == '{"order": 7}'
    assert runs(cloud, "async-stops") == 0


def test_the_configuration_of_a_qualifier_is_its_own(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("async-qualified", FAILING, alias="live")
    place = {"FunctionName": "async-qualified", "Qualifier": "live"}
    put = client.put_function_event_invoke_config(**place, MaximumRetryAttempts=0)
    assert put["FunctionArn"] == f"{ARN}async-qualified:live"
    assert put["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {}}
    client.update_function_event_invoke_config(**place, MaximumEventAgeInSeconds=90)
    found = client.get_function_event_invoke_config(**place)
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (0, 90)
    client.put_function_event_invoke_config(**place, MaximumRetryAttempts=0)
    assert "MaximumEventAgeInSeconds" not in client.get_function_event_invoke_config(**place)
    listed = client.list_function_event_invoke_configs(FunctionName="async-qualified")["FunctionEventInvokeConfigs"]
    assert [each["FunctionArn"] for each in listed] == [f"{ARN}async-qualified:live"]
    name, code, message = refused(client.get_function_event_invoke_config, FunctionName="async-qualified")
    assert (name, code) == ("ResourceNotFoundException", 404)
    assert message == f"The function {ARN}async-qualified:$LATEST doesn't have an EventInvokeConfig"
    client.delete_function_event_invoke_config(**place)
    assert refused(client.get_function_event_invoke_config, **place)[0] == "ResourceNotFoundException"


def test_a_configuration_that_is_none_is_refused(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("async-limits", HEALTHY)
    wanted: list[tuple[dict[str, int], str]] = [
        ({}, "You must specify at least one error handling or destination setting."),
        ({"MaximumRetryAttempts": 3}, "less than or equal to 2"),
        ({"MaximumEventAgeInSeconds": 21601}, "less than or equal to 21600"),
    ]
    for settings, said in wanted:
        assert said in refused(client.put_function_event_invoke_config, FunctionName="async-limits", **settings)[2]


def test_moto_keeps_one_configuration_a_function_and_answers_with_the_first() -> None:
    assert "qualifier" not in LambdaBackend.put_function_event_invoke_config.__code__.co_varnames
