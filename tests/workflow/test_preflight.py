"""The preflight with all rights: every check reads what it needs with Plan's own role, and its findings are shown."""

import json
from typing import Any

import pytest

from localcloud.lambda_ import front_account
from tests.archives import ARM64, archive, elf
from tests.contract.machines import allow_everything
from tests.reading import ROOT
from tests.workflow.targets import Target
from tests.workflow.world import World
from tidegate.domain.planning.preflight.checking import CHECKS

FUNCTIONS = ROOT / "tests/functions"
EVERY: dict[str, Any] = dict.fromkeys(CHECKS, "warning")


def _callers(world: World, target: Target) -> None:
    """Let a rule, a bucket, two APIs and a state machine call the unqualified function."""
    arn = target.latest["FunctionArn"]
    client = world.cloud.client
    client("events").put_rule(Name="preflight-rule", EventPattern='{"source": ["none"]}')
    client("events").put_targets(Rule="preflight-rule", Targets=[{"Id": "1", "Arn": arn}])
    client("s3").create_bucket(Bucket="preflight-bucket")
    notify = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    client("s3").put_bucket_notification_configuration(Bucket="preflight-bucket", NotificationConfiguration=notify)
    allowed = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "StatementId": "bucket"}
    client("lambda").add_permission(FunctionName=target.name, SourceArn="arn:aws:s3:::preflight-bucket", **allowed)
    client("apigateway").create_rest_api(name="preflight-rest")
    api = client("apigatewayv2").create_api(Name="preflight-http", ProtocolType="HTTP")["ApiId"]
    client("apigatewayv2").create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn)
    call = {"Type": "Task", "Resource": arn, "End": True}
    definition = json.dumps({"StartAt": "Call", "States": {"Call": call}})
    role = allow_everything(world.cloud, "states.amazonaws.com")
    client("stepfunctions").create_state_machine(name="preflight-machine", definition=definition, roleArn=role)


def _layer(target: Target) -> None:
    """Give the function a layer with a binary for the other architecture."""
    client = target.cloud.client("lambda")
    content = {"ZipFile": archive({"lib/agent.so": elf(ARM64)})}
    layer = client.publish_layer_version(LayerName="preflight-layer", Content=content)["LayerVersionArn"]
    client.update_function_configuration(FunctionName=target.name, Layers=[layer])
    target.settled()


def _code(world: World) -> dict[str, str]:
    """Put code with a binary for the other architecture into a bucket."""
    storage, bucket = world.cloud.client("s3"), "builds-preflight"
    storage.create_bucket(Bucket=bucket)
    storage.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    files = {"app.py": (FUNCTIONS / "healthy/app.py").read_bytes(), "tool.so": elf(ARM64)}
    version = storage.put_object(Bucket=bucket, Key="a.zip", Body=archive(files))["VersionId"]
    return {"s3_bucket": bucket, "s3_key": "a.zip", "s3_object_version": version}


def test_findings_are_recorded_as_warnings_and_refuse_a_release_as_errors(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_account, "CODE_BYTES", 1)
    target = world.target()
    tags = {"aws:cloudformation:stack-name": "tidegate"}
    world.cloud.client("lambda").tag_resource(Resource=target.latest["FunctionArn"], Tags=tags)
    _callers(world, target)
    _layer(target)
    code = _code(world)
    refused = world.release(target, preflight={**EVERY, "unqualified-callers": "error"}, code=code).wait()
    del code["s3_object_version"]
    released = world.release(target, strategy="all-at-once", preflight=EVERY, code=code).wait()
    assert refused.error == "InvalidRequest"
    for caller in ("rule preflight-rule", "bucket preflight-bucket", "API preflight-http", "machine preflight-machine"):
        assert caller in refused.cause
    assert released.status == "SUCCEEDED"
    findings = (world.record(released) or {})["plan"]["findings"]
    kept = {check: [each["found"] for each in findings if each["check"] == check] for check in CHECKS}
    assert "rule preflight-rule" in kept["unqualified-callers"][0]
    of_layer, of_object = kept["architecture"]
    assert ("lib/agent.so (arm64)" in of_layer, "tool.so (arm64)" in of_object) == (True, True)
    assert "the account uses" in kept["code-storage"][0]
    assert "could not look" not in json.dumps(kept)


def _schema(world: World, **fields: Any) -> str:
    """Put the schema of messages with these fields into a bucket."""
    storage, bucket = world.cloud.client("s3"), "builds-contracts"
    storage.create_bucket(Bucket=bucket)
    schema = {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}
    storage.put_object(Bucket=bucket, Key="orders.json", Body=json.dumps(schema).encode())
    return f"s3://{bucket}/orders.json"


def test_a_release_that_breaks_the_messages_of_the_version_before_is_warned_and_refused(world: World) -> None:
    target, text, request = world.target(), {"type": "string"}, {"strategy": "all-at-once"}
    contract = {"schema": _schema(world, id=text)}
    first = world.release(target, contract=contract, preflight={"contract": "error"}, **request).wait()
    _schema(world, order=text)
    target.cloud.update_code(target.name, FUNCTIONS / "healthy")
    refused = world.release(target, contract=contract, preflight={"contract": "error"}, **request).wait()
    warned = world.release(target, contract=contract, preflight={"contract": "warning"}, **request).wait()
    absent = world.release(target, contract={"schema": f"{contract['schema']}.old"}, **request).wait()
    assert (first.status, warned.status) == ("SUCCEEDED", "SUCCEEDED")
    (unknown,), (found,) = (
        [each["found"] for each in (world.record(one) or {})["plan"]["findings"] if each["check"] == "contract"]
        for one in (first, warned)
    )
    assert unknown == "nothing is known of the messages of version 1"
    assert "the new version does not accept all messages of version 2 (message.order: it is required" in found
    assert (refused.error, found in refused.cause) == ("InvalidRequest", True)
    assert (absent.error, "contract.schema: there is no object s3://" in absent.cause) == ("InvalidRequest", True)


def test_a_plan_names_the_places_that_pass_results_on(world: World) -> None:
    """A state machine, and a rule of the bus to which asynchronous calls succeed, read with Plan's own rights."""
    first, second = world.target(), world.target()
    client, (one, other) = world.cloud.client, (f"{each.latest['FunctionArn']}:live" for each in (first, second))
    ask = {"Type": "Task", "Resource": one, "Next": "Tell"}
    tell = {"Type": "Task", "Resource": other, "End": True}
    definition = json.dumps({"StartAt": "Ask", "States": {"Ask": ask, "Tell": tell}})
    role = allow_everything(world.cloud, "states.amazonaws.com")
    client("stepfunctions").create_state_machine(name="preflight-results", definition=definition, roleArn=role)
    client("events").put_rule(Name="preflight-results", EventPattern='{"source": ["lambda"]}')
    client("events").put_targets(Rule="preflight-results", Targets=[{"Id": "1", "Arn": one}])
    bus = client("events").describe_event_bus(Name="default")["Arn"]
    client("lambda").put_function_event_invoke_config(
        FunctionName=second.name, Qualifier="live", DestinationConfig={"OnSuccess": {"Destination": bus}}
    )
    planned = world.release(first, second, strategy="linear-10-1m", dry_run=True, preflight=EVERY).wait().output
    found = {(each["caller"], each["callee"]): each["found"] for each in planned["plan"]["meetings"]}
    assert found == {
        (f"{first.name}:live", f"{second.name}:live"): "state machine preflight-results",
        (f"{second.name}:live", f"{first.name}:live"): "rule preflight-results",
    }
    assert "could not look" not in json.dumps(planned)
