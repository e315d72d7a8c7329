"""A large account on the local cloud: rules, mappings, state machines and APIs, of which one each calls a function."""

import json
from typing import Any

from localcloud import LocalCloud
from localcloud.cloudwatch.store import Key, Point
from tests.archives import X86_64, archive, elf
from tests.contract.machines import allow_everything

RUNNING = 100
"""State machines that ran in the last two weeks."""

RULES, MAPPINGS, MACHINES, APIS = 500, 1_000, 300, 50
NAME = "checkout"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{NAME}"
QUEUES = 100
EXTENSION = "extensions/agent"


def fill(cloud: LocalCloud) -> None:
    """Create everything; the last one of each kind calls the unqualified function, whose layer does not fit it."""
    _functions(cloud)
    _rules(cloud)
    _mappings(cloud)
    _machines(cloud)
    _apis(cloud)


def _functions(cloud: LocalCloud) -> None:
    role = allow_everything(cloud, "lambda.amazonaws.com")
    code = {"ZipFile": archive({"app.py": b"def handler(event, context):\n    return event\n"})}
    settings: dict[str, Any] = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role, "Code": code}
    client = cloud.client("lambda")
    content = {"ZipFile": archive({EXTENSION: elf(X86_64)})}
    settings["Layers"] = [client.publish_layer_version(LayerName="agent", Content=content)["LayerVersionArn"]]
    for name in (NAME, *(f"worker-{number}" for number in range(MAPPINGS // QUEUES))):
        client.create_function(FunctionName=name, Architectures=["arm64"], Publish=True, **settings)
        client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")


def _called(number: int, most: int) -> str:
    return ARN if number == most - 1 else f"{ARN}:live"


def _rules(cloud: LocalCloud) -> None:
    events = cloud.client("events")
    for number in range(RULES):
        events.put_rule(Name=f"rule-{number}", EventPattern='{"source": ["none"]}')
        events.put_targets(Rule=f"rule-{number}", Targets=[{"Id": "1", "Arn": _called(number, RULES)}])


def _mappings(cloud: LocalCloud) -> None:
    for number in range(MAPPINGS):
        queue, worker = number % QUEUES, number // QUEUES
        if worker == 0:
            cloud.client("sqs").create_queue(QueueName=f"queue-{queue}")
        function = NAME if number == MAPPINGS - 1 else f"worker-{worker}:live"
        source = f"arn:aws:sqs:us-east-1:123456789012:queue-{queue}"
        cloud.client("lambda").create_event_source_mapping(EventSourceArn=source, FunctionName=function, Enabled=False)


def _machines(cloud: LocalCloud) -> None:
    role = allow_everything(cloud, "states.amazonaws.com")
    for number in range(MACHINES):
        call = {"Type": "Task", "Resource": _called(number, MACHINES), "End": True}
        definition = json.dumps({"StartAt": "Call", "States": {"Call": call}})
        cloud.client("stepfunctions").create_state_machine(
            name=f"machine-{number}", definition=definition, roleArn=role
        )
        if number >= MACHINES - RUNNING:
            _ran(cloud, f"machine-{number}")


def _ran(cloud: LocalCloud, machine: str) -> None:
    named = frozenset({("StateMachineArn", f"arn:aws:states:us-east-1:123456789012:stateMachine:{machine}")})
    cloud.metrics.store.put([Point(Key("AWS/States", "ExecutionsStarted", named), cloud.clock.time(), 1.0, "Count")])


def _apis(cloud: LocalCloud) -> None:
    """Half are REST APIs, half HTTP APIs."""
    rest, http = cloud.client("apigateway"), cloud.client("apigatewayv2")
    for number in range(APIS // 2):
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{_called(number, APIS // 2)}/invocations"
        api = rest.create_rest_api(name=f"rest-{number}")["id"]
        root = rest.get_resources(restApiId=api)["items"][0]["id"]
        on = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
        rest.put_method(authorizationType="NONE", **on)
        rest.put_integration(type="AWS_PROXY", integrationHttpMethod="POST", uri=uri, **on)
        api = http.create_api(Name=f"http-{number}", ProtocolType="HTTP")["ApiId"]
        http.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=_called(number, APIS // 2))
