"""Everything that a request may bring to $LATEST, and whose permission is off until a parameter names it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from localcloud.deploy import zipped
from localcloud.faults import Effect, Fault
from tests.workflow.releases import PATIENCE, Release, eventually
from tests.workflow.world import FUNCTIONS, Start, World

LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:shop-common:1"
POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0"
NETWORK = {"subnet_ids": ["subnet-0a1b2c3d"], "security_group_ids": ["sg-0a1b2c3d"]}
NETWORK_SHOWN = {"SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": ["sg-0a1b2c3d"]}


def _changing(world: World, **configuration: Any) -> Release:
    return world.release(world.target(), configuration=configuration, strategy="all-at-once")


def code_by_its_version(world: World) -> Release:
    s3 = world.cloud.client("s3")
    s3.create_bucket(Bucket="builds-kept")
    s3.put_bucket_versioning(Bucket="builds-kept", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="builds-kept", Key="shop.zip", Body=zipped(FUNCTIONS / "picky"))["VersionId"]
    s3.put_object(Bucket="builds-kept", Key="shop.zip", Body=zipped(FUNCTIONS / "changed"))
    code = {"s3_bucket": "builds-kept", "s3_key": "shop.zip", "s3_object_version": version}
    return world.release(world.target(None), code=code, strategy="all-at-once")


def layer(world: World) -> Release:
    world.cloud.client("lambda").publish_layer_version(
        LayerName="shop-common", Content={"ZipFile": zipped(FUNCTIONS / "stable")}
    )
    return _changing(world, layers=[LAYER])


def role(world: World) -> Release:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = world.cloud.client("iam").create_role(
        RoleName="shop-runner", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    return _changing(world, role=made["Role"]["Arn"])


def references(world: World) -> Release:
    world.cloud.client("ssm").put_parameter(Name="/shop/colour", Value="green", Type="SecureString")
    world.cloud.client("secretsmanager").create_secret(Name="shop/login", SecretString='{"word": "sesame"}')
    environment = {"COLOUR": {"ssm": "/shop/colour"}, "WORD": {"secret": "shop/login", "key": "word"}}
    return _changing(world, environment=environment)


def network(world: World) -> Release:
    return _changing(world, vpc_config=NETWORK)


def file_system(world: World) -> Release:
    return _changing(world, vpc_config=NETWORK, file_system_configs=[{"arn": POINT, "local_mount_path": "/mnt/data"}])


def key(world: World) -> Release:
    return _changing(world, kms_key_arn=world.function_key)


SHOWN: dict[Start, Callable[[Any, World], bool]] = {
    layer: lambda latest, _: [each["Arn"] for each in latest["Layers"]] == [LAYER],
    role: lambda latest, _: latest["Role"].endswith(":role/shop-runner"),
    references: lambda latest, _: latest["Environment"]["Variables"] == {"COLOUR": "green", "WORD": "sesame"},
    network: lambda latest, _: NETWORK_SHOWN.items() <= latest["VpcConfig"].items(),
    file_system: lambda latest, _: [each["Arn"] for each in latest["FileSystemConfigs"]] == [POINT],
    key: lambda latest, world: latest["KMSKeyArn"] == world.function_key,
}


@pytest.fixture(scope="module")
def started(world: World) -> dict[Start, Release]:
    return world.start_all(*SHOWN, code_by_its_version)


@pytest.mark.parametrize("start", SHOWN)
def test_a_setting_that_parameters_allow_is_released(start: Start, started: dict[Start, Release], world: World) -> None:
    release = started[start].wait()
    assert release.status == "SUCCEEDED", release.cause
    assert release.target.state == ("2", {})
    published = world.cloud.client("lambda").get_function(FunctionName=release.target.name, Qualifier="2")
    assert SHOWN[start](published["Configuration"], world)


def test_the_version_of_an_object_that_was_named_is_what_runs(started: dict[Start, Release], world: World) -> None:
    release = started[code_by_its_version].wait()
    assert release.status == "SUCCEEDED", release.cause
    answer = world.cloud.client("lambda").invoke(
        FunctionName=release.target.name, Qualifier="live", Payload=b'{"ping": 1}'
    )
    assert json.loads(answer["Payload"].read()) == {"pong": 1, "build": "picky"}


def test_variables_can_be_added_to_those_under_a_key_of_the_customers(world: World) -> None:
    """Lambda uses the key as whoever changes the variables."""
    world.cloud.client("ssm").put_parameter(Name="/shop/level", Value="debug", Type="String")
    target = world.target(environment={"OLD": "kept"})
    world.cloud.client("lambda").update_function_configuration(FunctionName=target.name, KMSKeyArn=world.function_key)
    release = world.release(
        target, configuration={"environment": {"LEVEL": {"ssm": "/shop/level"}}}, strategy="all-at-once"
    ).wait()
    assert release.status == "SUCCEEDED", release.cause
    assert target.latest["Environment"]["Variables"] == {"OLD": "kept", "LEVEL": "debug"}


def test_two_aliases_of_one_function_get_one_and_the_same_version(world: World) -> None:
    """The one is published between the other's look at $LATEST and its publication: its RevisionId changes."""
    live, name = world.target(), world.next_name()
    beta = replace(live, alias="beta")
    world.cloud.client("lambda").create_alias(FunctionName=live.name, Name="beta", FunctionVersion="1")
    held = world.cloud.faults.add(
        Fault("lambda", "PublishVersion", Effect.HOLD, role="PublishFunction", resource=live.name)
    )
    release = world.release(live, beta, name=name, strategy="all-at-once")
    assert held.waiting.wait(PATIENCE)
    eventually(lambda: live.versions == ["1", "2"], "the version of the other alias")
    held.release()
    assert release.wait().status == "SUCCEEDED", release.cause
    assert live.versions == ["1", "2"]
    assert (live.state, beta.state) == (("2", {}), ("2", {}))
