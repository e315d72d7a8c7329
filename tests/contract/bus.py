"""A rule's way to a function, and queues, as the contract tests of EventBridge use them."""

import itertools
import json
from typing import Any

from localcloud import LocalCloud
from tests.contract.machines import FUNCTIONS

numbers = itertools.count(1)


class Bus:
    """Rules to a function that puts what it is given into a table."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.client = cloud.client("events")
        self.functions = cloud.client("lambda")
        self.queues = cloud.client("sqs")
        self._table = cloud.client("dynamodb")
        self._table.create_table(
            TableName="events-seen",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        cloud.create_function(
            "events-recorder", FUNCTIONS / "recorder", environment={"TABLE": "events-seen"}, alias="live"
        )
        found = self.functions.get_function_configuration(FunctionName="events-recorder", Qualifier="live")
        self.recorder = str(found["FunctionArn"]).removesuffix(":1").removesuffix(":live") + ":live"

    def rule(self, target: dict[str, Any], *, permitted: bool = True, **fields: Any) -> str:
        name = f"rule-{next(numbers)}"
        arn = self.client.put_rule(Name=name, **fields)["RuleArn"]
        if permitted:
            self.functions.add_permission(
                FunctionName="events-recorder",
                Qualifier="live",
                StatementId=name,
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=arn,
            )
        self.client.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": self.recorder, **target}])
        return name

    def put(self, source: str, detail: dict[str, Any]) -> dict[str, Any]:
        entry = {"Source": source, "DetailType": "Tested", "Detail": json.dumps(detail)}
        answer: dict[str, Any] = self.client.put_events(Entries=[entry])
        return answer

    def seen(self) -> list[Any]:
        return [json.loads(item["event"]["S"]) for item in self._table.scan(TableName="events-seen")["Items"]]

    def queue(self) -> tuple[str, str]:
        url = self.queues.create_queue(QueueName=f"dead-{next(numbers)}")["QueueUrl"]
        attributes = self.queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url, attributes["Attributes"]["QueueArn"]

    def received(self, url: str) -> dict[str, Any] | None:
        messages = self.queues.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])
        return messages[0] if messages else None


def pattern(source: str, **more: Any) -> str:
    return json.dumps({"source": [source], **more})
