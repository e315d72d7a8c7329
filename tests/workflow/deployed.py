"""Tidegate on a cloud, for all tests of a process that release something."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud, stepfunctions
from localcloud.lambda_.alias import Alias
from localcloud.lambda_.backend import Backend
from tests.workflow import permissions
from tests.workflow.ending import WORLD
from tests.workflow.releases import Watch
from tests.workflow.targets import AliasWrite
from tests.workflow.world import World
from tidegate.domain.planning.preflight.checking import CHECKS

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
EVERYTHING = {
    "FunctionPattern": "shop-*",
    "CodeBucketPattern": "builds*",
    "ImageRepositoryPattern": "shop-*",
    "AllowConfiguration": "true",
    "LayerArnPattern": "arn:aws:lambda:us-east-1:123456789012:layer:shop-*",
    "PassRolePattern": "shop-*",
    "ParameterPattern": "shop/*",
    "SecretPattern": "shop/*",
    "HookFunctionPattern": "check-*",
    "CallerLogGroupPattern": "/shop/*",
    "ProvisionedProbes": "true",
    "KeepVersions": "100",
    "Dashboard": "true",
    "EventBusName": "shop-events",
    "RequestBusName": "shop-requests",
    "AllowChangesByEvent": "true",
    "ReleaseOnPush": "true",
    "ReleaseOnUpdate": "true",
    "RegionsRole": "tidegate-regions",
    "RegionsAccounts": "222222222222",
    "RegionsBusArn": "arn:aws:events:us-east-1:123456789012:event-bus/tidegate-regions",
    "Preflight": "full",
    # Those that read something cost seconds; one test asks for all.
    "PreflightSeverities": ",".join(f"{name}=ignore" for name in CHECKS if name != "no-traffic"),
}
TOPIC = "shop-releases"


@contextmanager
def deployed(cloud: LocalCloud, session: pytest.Session) -> Iterator[World]:
    """Deploy Tidegate. In the end no role may have been refused anything (see below)."""
    watch, written = Watch(), list[AliasWrite]()
    stepfunctions.observers.append(watch.state_event)
    stepfunctions.status_observers.append(watch.status_event)
    keys = {"KmsKeyArn": _key(cloud), "FunctionKmsKeyArn": _key(cloud)}
    for bus in ("EventBusName", "RequestBusName", "RegionsBusArn"):
        create_bus(cloud, bus)
    keys["TopicArn"] = _topic(cloud)
    stack = cloud.deploy(TEMPLATE, EVERYTHING | keys, "tidegate")
    with recorded(cloud, written):
        session.stash[WORLD] = world = World(cloud, stack, watch, written, keys["FunctionKmsKeyArn"])
        yield world
    stepfunctions.observers.remove(watch.state_event)
    stepfunctions.status_observers.remove(watch.status_event)
    _check_permissions(cloud)
    permissions.note(session, cloud, stack)


def create_bus(cloud: LocalCloud, parameter: str) -> None:
    """Create the bus that a parameter of the stack names."""
    cloud.client("events").create_event_bus(Name=EVERYTHING[parameter].rpartition("/")[2])


def _topic(cloud: LocalCloud) -> str:
    """Create a topic that EventBridge may publish to."""
    topics = cloud.client("sns")
    arn = str(topics.create_topic(Name=TOPIC)["TopicArn"])
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    topics.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
    return arn


def _key(cloud: LocalCloud) -> str:
    return str(cloud.client("kms").create_key()["KeyMetadata"]["Arn"])


def _check_permissions(cloud: LocalCloud) -> None:
    """Check that nothing was refused, and that each role got by with its own statements."""
    calls = [call for call in list(cloud.calls) if call.caller_role]
    assert calls, "roles were never asked for"
    assert [call for call in calls if not call.allowed] == []
    foreign = [
        call
        for call in calls
        for statement in call.statements
        if statement.partition("/")[0] != (call.caller_role or "").rpartition("/")[2]
    ]
    assert foreign == []


@contextmanager
def recorded(cloud: LocalCloud, written: list[AliasWrite]) -> Iterator[None]:
    """Note what aliases are set to: who only looks now and then misses what was in between."""

    def noting(carry_out: Callable[..., Alias]) -> Callable[..., Alias]:
        def carry_out_and_note(*arguments: Any, **named: Any) -> Alias:
            alias = carry_out(*arguments, **named)
            region, _, _, function = alias.function_arn.split(":")[3:]
            state = alias.function_version, dict(alias.weights)
            written.append(AliasWrite(region, function, alias.name, *state, cloud.clock.time()))
            return alias

        return carry_out_and_note

    with pytest.MonkeyPatch.context() as patch:
        for action in ("update_alias", "create_alias"):
            patch.setattr(Backend, action, noting(getattr(Backend, action)))
        yield
