"""Invoking: routing, answers, environments, logs (Lambda API reference, Invoke)."""

import base64
import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from localcloud.deploy.functions import zipped
from tests.contract.lambda_calls import (
    ARN,
    FUNCTIONS,
    HEALTHY,
    answer,
    configure,
    publish,
    source,
    until,
)


def test_a_function_gets_its_event_and_a_context(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-context", HEALTHY, alias="live")
    context = base64.b64encode(json.dumps({"custom": {"probe": "yes"}}).encode()).decode()
    told = answer(client, "invoke-context", {"a": [1, "ü"]}, Qualifier="live", ClientContext=context)
    assert (told["StatusCode"], told["ExecutedVersion"], "FunctionError" in told) == (200, "1", False)
    assert told["Payload"]["event"] == {"a": [1, "ü"]}
    assert told["Payload"]["version"] == "1"
    assert told["Payload"]["arn"] == f"{ARN}invoke-context:live"
    assert told["Payload"]["client_context"] == {"probe": "yes"}


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ({"FunctionName": "invoke-by"}, "$LATEST"),
        ({"FunctionName": "invoke-by", "Qualifier": "$LATEST"}, "$LATEST"),
        ({"FunctionName": "invoke-by", "Qualifier": "1"}, "1"),
        ({"FunctionName": "invoke-by:live"}, "1"),
        ({"FunctionName": f"{ARN}invoke-by:live"}, "1"),
        ({"FunctionName": f"{ARN}invoke-by:$LATEST"}, "$LATEST"),
        ({"FunctionName": "123456789012:function:invoke-by", "Qualifier": "live"}, "1"),
    ],
)
def test_a_function_is_found_however_it_is_written(
    cloud: LocalCloud, client: Any, written: dict[str, str], version: str
) -> None:
    if not any(f["FunctionName"] == "invoke-by" for f in client.list_functions()["Functions"]):
        cloud.create_function("invoke-by", HEALTHY, alias="live")
    assert client.invoke(**written)["ExecutedVersion"] == version


def test_an_alias_with_weights_draws_a_version_for_each_invocation(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-weights", HEALTHY)
    for seconds in (3, 4):
        publish(client, "invoke-weights", Timeout=seconds)
    weights = {"AdditionalVersionWeights": {"2": 0.3}}
    client.create_alias(FunctionName="invoke-weights", Name="live", FunctionVersion="1", RoutingConfig=weights)
    drawn = [client.invoke(FunctionName="invoke-weights:live")["ExecutedVersion"] for _ in range(200)]
    # Five standard deviations; other tests' invocations draw from the same generator, so no seed helps.
    assert 28 <= Counter(drawn)["2"] <= 92


def test_a_shifted_alias_is_followed_by_the_next_invocation(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-shift", HEALTHY, alias="live")
    publish(client, "invoke-shift", Timeout=4)
    client.update_alias(FunctionName="invoke-shift", Name="live", FunctionVersion="2")
    assert client.invoke(FunctionName="invoke-shift:live")["ExecutedVersion"] == "2"


def test_an_environment_is_kept_warm_and_used_again(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-warm", HEALTHY)
    cold, warm = answer(client, "invoke-warm"), answer(client, "invoke-warm")
    assert cold["Payload"]["pid"] == warm["Payload"]["pid"]
    assert "Init Duration" in cold["Log"]
    assert "INIT_START" in cold["Log"]
    assert "Init" not in warm["Log"]


def test_an_environment_runs_one_invocation_at_a_time(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    code = "import os, time\nbusy = 0\n\ndef handler(event, context):\n    global busy\n    busy += 1\n"
    code += "    time.sleep(0.3)\n    busy -= 1\n    return [busy, os.getpid()]\n"
    cloud.create_function("invoke-parallel", source(tmp_path, code))
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: answer(client, "invoke-parallel")["Payload"], range(6)))
    assert [busy for busy, _ in told] == [0] * 6
    assert len({pid for _, pid in told}) == 6


def test_the_environment_holds_what_aws_sets_and_nothing_of_this_machine_s(
    cloud: LocalCloud, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("TIDEGATE_SECRET_OF_THIS_SHELL", "x")
    cloud.create_function("invoke-environment", HEALTHY, environment={"COLOUR": "red"})
    seen = answer(client, "invoke-environment")["Payload"]["environment"]
    assert "AWS_PROFILE" not in seen
    assert "TIDEGATE_SECRET_OF_THIS_SHELL" not in seen
    assert seen["HOME"] != os.environ.get("HOME")
    assert seen["COLOUR"] == "red"
    assert seen["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert (seen["AWS_LAMBDA_FUNCTION_NAME"], seen["AWS_LAMBDA_FUNCTION_VERSION"]) == ("invoke-environment", "$LATEST")
    assert seen["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/invoke-environment"
    assert (seen["AWS_REGION"], seen["_HANDLER"]) == ("us-east-1", "app.handler")


def test_a_function_calls_aws_in_its_own_role(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    code = "import boto3\n\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"
    cloud.create_function("invoke-role", source(tmp_path, code), timeout=20)
    assert ":assumed-role/local-permissive/" in answer(client, "invoke-role")["Payload"]


def test_layers_are_on_the_path_and_change_with_the_configuration(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    code = "import shared\n\ndef handler(event, context):\n    return shared.NAME\n"
    cloud.create_function("invoke-layers", source(tmp_path / "code", code))
    assert answer(client, "invoke-layers")["Payload"]["errorType"] == "Runtime.ImportModuleError"
    (tmp_path / "layer" / "python").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "layer" / "python" / "shared.py").write_text(f"NAME = {name!r}\n")
        content = {"ZipFile": zipped(tmp_path / "layer")}
        arn = client.publish_layer_version(LayerName="shared", Content=content)["LayerVersionArn"]
        assert configure(client, "invoke-layers", Layers=[arn])["Layers"][0]["Arn"] == arn
        assert answer(client, "invoke-layers")["Payload"] == name


def test_a_dry_run_runs_nothing(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-dry", FUNCTIONS / "handler_error")
    before = len(cloud.invocations)
    assert client.invoke(FunctionName="invoke-dry", InvocationType="DryRun")["StatusCode"] == 204
    assert not [told for told in list(cloud.invocations)[before:] if told.function_name == "invoke-dry"]


def test_an_event_is_run_in_the_background_and_twice_more_after_errors(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-event", FUNCTIONS / "handler_error")
    assert client.invoke(FunctionName="invoke-event", InvocationType="Event")["StatusCode"] == 202

    def runs() -> list[lambda_.Invocation]:
        return [told for told in list(cloud.invocations) if told.function_name == "invoke-event"]

    until(runs, lambda seen: len(seen) == 3)
    first, second, third = runs()
    assert len({told.request_id for told in (first, second, third)}) == 1
    assert 60 <= second.started - first.ended < 90
    assert 120 <= third.started - second.ended < 150


def test_what_an_invocation_was_is_told_to_observers(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-told", FUNCTIONS / "slow", alias="live")
    before = cloud.clock.time()
    answer(client, "invoke-told:live", {"seconds": 0.2})
    answer(client, "invoke-told", {"seconds": 0})
    told, unqualified = (it for it in cloud.invocations if it.function_name == "invoke-told")
    assert (told.alias, told.qualifier, told.executed_version) == ("live", "live", "1")
    assert (unqualified.alias, unqualified.qualifier, unqualified.executed_version) == (None, None, "$LATEST")
    assert before <= told.started <= told.ended <= cloud.clock.time()
    assert 200 <= told.duration_ms < 1000
    assert told.init_ms is not None
    assert (told.error_type, told.throttled, told.caller) == (None, False, None)


def test_logs_are_kept_in_the_function_s_group_by_version(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    code = "import sys\nprint('in init')\n\ndef handler(event, context):\n    print('to stdout')\n"
    code += "    print('to stderr', file=sys.stderr)\n    print('x' * 6000)\n"
    cloud.create_function("invoke-logs", source(tmp_path, code), alias="live")
    began = cloud.clock.time()
    told = answer(client, "invoke-logs:live")
    assert len(told["Log"]) == 4096
    assert told["Log"].splitlines()[-1].startswith("REPORT RequestId: ")
    logs = cloud.client("logs")
    group = "/aws/lambda/invoke-logs"
    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert stream["logStreamName"].startswith(cloud.clock.now().strftime("%Y/%m/%d/[1]"))
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)[
        "events"
    ]
    words = [event["message"].split()[0] for event in events]
    assert words == ["INIT_START", "in", "START", "to", "to", "x" * 6000, "END", "REPORT"]
    assert began - 1 <= events[0]["timestamp"] / 1000 <= events[-1]["timestamp"] / 1000 <= cloud.clock.time()


def test_streams_of_a_log_group_of_one_s_own_have_the_function_s_name(cloud: LocalCloud, client: Any) -> None:
    """Lambda guide, "Configuring CloudWatch log groups": several functions may share a group."""
    cloud.create_function("invoke-group", HEALTHY)
    configure(client, "invoke-group", LoggingConfig={"LogGroup": "/invoke/own"})
    answer(client, "invoke-group")
    (stream,) = cloud.client("logs").describe_log_streams(logGroupName="/invoke/own")["logStreams"]
    day = cloud.clock.now().strftime("%Y/%m/%d")
    assert stream["logStreamName"].startswith(f"{day}/invoke-group[$LATEST]")


def test_code_that_was_updated_is_not_run_by_old_environments(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-updated", HEALTHY)
    old = answer(client, "invoke-updated")["Payload"]["pid"]
    cloud.update_code("invoke-updated", FUNCTIONS / "handler_error")
    assert client.invoke(FunctionName="invoke-updated")["FunctionError"] == "Unhandled"
    until(lambda: Path(f"/proc/{old}").exists(), lambda seen: not seen)
