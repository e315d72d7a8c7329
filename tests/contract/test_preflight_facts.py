"""The readers of the preflight against the local cloud: each kind of caller of an unqualified function, by name."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from localcloud.lambda_ import front_account
from tests.archives import X86_64, archive, elf
from tests.contract.lambda_calls import ARN, HEALTHY
from tests.contract.machines import allow_everything
from tidegate.aws.lambda_ import provisioning, pruning
from tidegate.aws.ledger import history
from tidegate.aws.preflight import facts, moving, of_account, of_function, packages
from tidegate.aws.preflight.aim import Aim
from tidegate.domain.analysis.guards import MetricId
from tidegate.domain.planning.preflight.callers import CHANGES
from tidegate.domain.schedule import DAY

NAME = "preflight-shop"
AIM = Aim(NAME, "live", f"{ARN}{NAME}")
LIVE = f"{AIM.arn}:live"


@pytest.fixture(scope="module", autouse=True)
def function(cloud: LocalCloud) -> Iterator[None]:
    """Create a function with an alias; readers get clients of an administrator."""
    with lambda_.throttle.off(), pytest.MonkeyPatch.context() as patch:
        for module in (of_function, of_account, packages, moving):
            patch.setattr(module, "client", cloud.client)
        patch.setattr(provisioning, "lambda_client", lambda: cloud.client("lambda"))
        cloud.create_function(NAME, HEALTHY, alias="live")
        yield


def read(name: str) -> Any:
    (found,) = facts.read([AIM], {name}, 0, full=True)
    return found[name]


def rules(cloud: LocalCloud, arn: str, name: str) -> str:
    events = cloud.client("events")
    if "preflight-bus" not in [bus["Name"] for bus in events.list_event_buses()["EventBuses"]]:
        events.create_event_bus(Name="preflight-bus")
    for bus in ("default", "preflight-bus"):
        events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source": ["none"]}')
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    return name


def schedules(cloud: LocalCloud, arn: str, name: str) -> str:
    target = {"Arn": arn, "RoleArn": "arn:aws:iam::123456789012:role/scheduler"}
    cloud.client("scheduler").create_schedule(
        Name=name, ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )
    return name


def topics(cloud: LocalCloud, arn: str, name: str) -> str:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    return name


def buckets(cloud: LocalCloud, arn: str, name: str) -> str:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    notify = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [notify]}
    )
    cloud.client("lambda").add_permission(
        FunctionName=NAME,
        StatementId=name,
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{name}",
    )
    return name


def _uri(arn: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def rest_apis(cloud: LocalCloud, arn: str, name: str) -> str:
    apis = cloud.client("apigateway")
    api = apis.create_rest_api(name=name)["id"]
    root = apis.get_resources(restApiId=api)["items"][0]["id"]
    apis.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    apis.put_integration(
        restApiId=api, resourceId=root, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=_uri(arn)
    )
    return f"{name} ({api})"


def http_apis(cloud: LocalCloud, arn: str, name: str) -> str:
    apis = cloud.client("apigatewayv2")
    api = apis.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn)
    return f"{name} ({api})"


def machines(cloud: LocalCloud, arn: str, name: str) -> str:
    arguments = {"FunctionName": arn}
    call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": arguments, "End": True}
    definition = json.dumps({"StartAt": "Call", "States": {"Call": call}})
    role = allow_everything(cloud, "states.amazonaws.com")
    cloud.client("stepfunctions").create_state_machine(name=name, definition=definition, roleArn=role)
    return name


def environments(cloud: LocalCloud, arn: str, name: str) -> str:
    cloud.create_function(name, HEALTHY)
    variables = {"TARGET": arn, "OTHER": "1"}
    cloud.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    return f"{name} (TARGET)"


MAKERS = (rules, schedules, topics, buckets, rest_apis, http_apis, machines, environments)


def test_every_list_of_the_account_is_tried() -> None:
    assert {make.__name__.replace("_", "-") for make in MAKERS} == of_account.CALLERS.keys()


@pytest.mark.parametrize("make", MAKERS)
def test_a_caller_of_the_unqualified_function_is_named_and_one_of_the_alias_is_not(
    cloud: LocalCloud, make: Any
) -> None:
    kind = make.__name__.replace("_", "-")
    make(cloud, LIVE, f"{kind}-of-alias")
    name = make(cloud, AIM.arn, f"{kind}-of-function")
    found = read(kind)
    assert {each for _, each in found} == ({name, f"preflight-bus/{name}"} if kind == "rules" else {name})
    assert {each for each, _ in found} <= CHANGES.keys()


def test_policies_are_those_of_function_and_alias(cloud: LocalCloud) -> None:
    cloud.client("lambda").add_permission(
        FunctionName=NAME,
        Qualifier="live",
        StatementId="a",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    found = read("policies")
    assert "sns.amazonaws.com" in found["alias"]
    assert "sns.amazonaws.com" not in (found["unqualified"] or "")


def test_urls_have_the_qualifier_of_their_alias(cloud: LocalCloud) -> None:
    client = cloud.client("lambda")
    for qualifier in ({}, {"Qualifier": "live"}):
        client.create_function_url_config(FunctionName=NAME, AuthType="NONE", **qualifier)
    assert [url["FunctionArn"] for url in read("urls")] == [AIM.arn, LIVE]
    client.delete_function_url_config(FunctionName=NAME)
    assert [url["FunctionArn"] for url in read("urls")] == [LIVE]


def test_mappings_are_sorted_by_function(cloud: LocalCloud) -> None:
    queue = cloud.client("sqs").create_queue(QueueName="preflight")["QueueUrl"]
    arn = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    client = cloud.client("lambda")
    made = client.create_event_source_mapping(EventSourceArn=arn, FunctionName=LIVE, Enabled=False)
    assert [mapping["UUID"] for mapping in read("mappings")] == [made["UUID"]]


def test_calls_of_the_unqualified_function_are_all_calls_less_those_of_aliases_and_versions(cloud: LocalCloud) -> None:
    client = cloud.client("lambda")
    for qualifier in ({}, {"Qualifier": "live"}, {"Qualifier": "1"}, {"Qualifier": "$LATEST"}):
        client.invoke(FunctionName=NAME, Payload=b"{}", **qualifier)
    cloud.clock.sleep(180)
    found = of_function.unqualified_calls(AIM, int(cloud.clock.time()))
    assert found == {"unqualified": 2, "all": 4}


def test_settings_of_asynchronous_calls_have_their_qualifier(cloud: LocalCloud) -> None:
    client = cloud.client("lambda")
    for qualifier in ({}, {"Qualifier": "live"}):
        client.put_function_event_invoke_config(FunctionName=NAME, MaximumRetryAttempts=1, **qualifier)
    assert [each["FunctionArn"] for each in read("event-configs")] == [f"{AIM.arn}:$LATEST", LIVE]


def test_provisioned_concurrency_is_listed_by_version(cloud: LocalCloud) -> None:
    client = cloud.client("lambda")
    client.put_provisioned_concurrency_config(FunctionName=NAME, Qualifier="1", ProvisionedConcurrentExecutions=1)
    assert provisioning.environments(NAME) == {"1": 1}


def test_what_pruning_would_free_is_counted_only_if_the_code_storage_is_half_full(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = cloud.client("lambda")
    monkeypatch.setattr(pruning, "lambda_client", lambda: client)
    monkeypatch.setattr(history, "left_behind", lambda _: set())
    monkeypatch.setattr(pruning, "_of_running_releases", lambda _: set())
    assert read("code-storage") is None
    monkeypatch.setattr(front_account, "CODE_BYTES", 1)
    for description in ("second", "third"):
        client.update_function_configuration(FunctionName=NAME, Description=description)
        client.get_waiter("function_updated_v2").wait(FunctionName=NAME)
        client.publish_version(FunctionName=NAME)
    tomorrow = int(cloud.clock.time()) + 2 * DAY
    found = of_function.code_storage([AIM._replace(keep=1)], tomorrow)[AIM.arn]
    size = client.get_function(FunctionName=NAME)["Configuration"]["CodeSize"]
    assert found["used"] > found["limit"]
    assert (found["size"], found["versions"], found["keep"]) == (size, 3, 1)
    assert found["freed"] == size  # the first serves, the third is kept


def test_an_extension_for_the_other_architecture_is_found_in_its_layer_by_its_path(cloud: LocalCloud) -> None:
    """Its directory is read, and the beginnings of binaries: of a large layer a small part."""
    large = os.urandom(3_000_000)
    files = {"data.bin": large, "extensions/agent": elf(X86_64) + large, "extensions/start.sh": b"#!/bin/sh\n"}
    layer = cloud.client("lambda").publish_layer_version(
        LayerName="preflight-layer", Content={"ZipFile": archive(files)}, CompatibleArchitectures=["x86_64"]
    )["LayerVersionArn"]
    missing = f"{layer.rpartition(':')[0]}:99"
    code = cloud.client("lambda").get_function(FunctionName=NAME)["Code"]
    aim = AIM._replace(layers=(layer, missing), code=code)
    (found,) = facts.read([aim], {"layers", "package"}, 0, full=False)
    first, second = found["layers"]
    assert first == {
        "name": "preflight-layer:1",
        "architectures": ["x86_64"],
        "runtimes": [],
        "binaries": {"extensions/agent": "x86_64"},
        "unread": "",
    }
    assert second["unread"]
    assert found["package"] == {}


@pytest.mark.parametrize("versioned", [False, True])
def test_binaries_are_found_in_the_object_that_a_request_names(cloud: LocalCloud, versioned: bool) -> None:
    s3, bucket = cloud.client("s3"), f"preflight-builds-{versioned}".lower()
    s3.create_bucket(Bucket=bucket)
    status = "Enabled" if versioned else "Suspended"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    body = archive({"data.bin": os.urandom(1_000_000), "bootstrap": elf(X86_64)})
    put = s3.put_object(Bucket=bucket, Key="a.zip", Body=body)
    code = {"S3Bucket": bucket, "S3Key": "a.zip"}
    if versioned:
        s3.put_object(Bucket=bucket, Key="a.zip", Body=archive({"app.py": b""}))
        code["S3ObjectVersion"] = put["VersionId"]
    assert packages.package(AIM._replace(code=code), 0) == {"bootstrap": "x86_64"}
    (found,) = facts.read([AIM._replace(code={**code, "S3Key": "b.zip"})], {"package"}, 0, full=False)
    assert "NoSuch" in found["package"].why


def test_the_stack_of_a_function_owns_an_alias_that_is_one_of_its_resources(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = {"LogicalResourceId": "Alias", "PhysicalResourceId": LIVE}
    assert of_account.alias_owner(AIM, 0) is None
    for listed, owner in (([resource], {"stack": "shop", "resource": "Alias"}), ([], None)):
        monkeypatch.setattr(of_account, "pages", lambda *_, listed=listed, **__: listed)
        assert of_account.alias_owner(AIM._replace(stack="shop"), 0) == owner


def test_each_version_has_its_own_mode_of_runtime_updates(cloud: LocalCloud) -> None:
    aim = AIM._replace(stable="1")
    assert moving.runtime_modes(AIM, 0) == ()
    assert moving.runtime_modes(aim, 0) == ("Auto", "Auto")
    cloud.client("lambda").put_runtime_management_config(
        FunctionName=NAME, Qualifier="1", UpdateRuntimeOn="FunctionUpdate"
    )
    assert moving.runtime_modes(aim, 0) == ("FunctionUpdate", "Auto")


def test_a_metric_is_silent_unless_it_has_data_with_exactly_its_dimensions(cloud: LocalCloud) -> None:
    def metric(*dimensions: tuple[str, str]) -> MetricId:
        return ("Shop", "Orders", dimensions)

    cloud.client("cloudwatch").put_metric_data(
        Namespace="Shop",
        MetricData=[{"MetricName": "Orders", "Value": 1, "Dimensions": [{"Name": "shop", "Value": "a"}]}],
    )
    heard, silent = metric(("shop", "a")), {metric(), metric(("shop", "b")), metric(("shop", "a"), ("till", "1"))}
    assert {*moving.silent_metrics(AIM._replace(metrics=frozenset({heard, *silent})), 0)} == silent
