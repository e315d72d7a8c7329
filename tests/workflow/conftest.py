"""One cloud with Tidegate on it for all workflow tests of a process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_, stepfunctions
from localcloud.lambda_.alias import Alias
from localcloud.lambda_.backend import Backend
from tests.workflow import permissions
from tests.workflow.releases import Watch
from tests.workflow.targets import AliasWrite
from tests.workflow.world import World

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
    "KeepVersions": "100",
    "EventBusName": "shop-events",
}
TOPIC = "shop-releases"
FACTOR = 60


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """Give a cloud without Lambda's limits on API calls: they count in real time, for all releases together."""
    with LocalCloud(factor=FACTOR) as running, lambda_.throttle.off():
        yield running


@pytest.fixture(scope="session")
def world(cloud: LocalCloud, request: pytest.FixtureRequest) -> Iterator[World]:
    """Deploy Tidegate. At the end of the session, no role may have been refused anything (see below)."""
    watch, written = Watch(), list[AliasWrite]()
    stepfunctions.observers.append(watch.state_event)
    stepfunctions.status_observers.append(watch.status_event)
    keys = {"KmsKeyArn": _key(cloud), "FunctionKmsKeyArn": _key(cloud)}
    cloud.client("events").create_event_bus(Name=EVERYTHING["EventBusName"])
    keys["TopicArn"] = _topic(cloud)
    stack = cloud.deploy(TEMPLATE, EVERYTHING | keys, "tidegate")
    with _recorded(cloud, written):
        yield World(cloud, stack, watch, written, keys["FunctionKmsKeyArn"])
    stepfunctions.observers.remove(watch.state_event)
    stepfunctions.status_observers.remove(watch.status_event)
    _check_permissions(cloud)
    permissions.note(request.session, cloud, stack)


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
def _recorded(cloud: LocalCloud, written: list[AliasWrite]) -> Iterator[None]:
    """Note what aliases are set to: who only looks now and then misses what was in between."""

    def noting(carry_out: Callable[..., Alias]) -> Callable[..., Alias]:
        def carry_out_and_note(*arguments: Any, **named: Any) -> Alias:
            alias = carry_out(*arguments, **named)
            function = alias.function_arn.rpartition(":")[2]
            written.append(
                AliasWrite(function, alias.name, alias.function_version, dict(alias.weights), cloud.clock.time())
            )
            return alias

        return carry_out_and_note

    with pytest.MonkeyPatch.context() as patch:
        for action in ("update_alias", "create_alias"):
            patch.setattr(Backend, action, noting(getattr(Backend, action)))
        yield


LONGEST = ("test_trial.py", "test_fault_sample.py", "test_faults.py", "test_decisions.py")
"""Files that mostly wait; begun last, they would be waited for alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest (pytest-xdist has to be told to leave the order alone)."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember that this is not the whole suite, which alone needs every permission."""
    for item in items[:1]:
        item.config.stash[permissions.SELECTED] = True


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist noted."""
    permissions.noted_by_worker(node.config, getattr(node, "workeroutput", {}))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and permissions.unneeded(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List what template.yaml permits and no test needed, which fails the run."""
    for one in permissions.unneeded(config):
        terminalreporter.write_line(
            f"UNNEEDED {one.role} {one.sid}: {one.action} on resource {one.place + 1}", red=True
        )
