"""One cloud with Tidegate on it for all workflow tests of a process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_, stepfunctions
from localcloud.lambda_.alias import Alias
from localcloud.lambda_.backend import Backend
from tests.workflow.releases import Watch
from tests.workflow.targets import AliasWrite
from tests.workflow.world import World

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
EVERYTHING = {
    "FunctionPattern": "shop-*",
    "CodeBucketPattern": "builds",
    "ImageRepositoryPattern": "shop-*",
    "AllowConfiguration": "true",
    "LayerArnPattern": "*",
    "PassRolePattern": "shop-*",
    "ParameterPattern": "shop/*",
    "SecretPattern": "shop/*",
}
FACTOR = 60


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    """Give a cloud without Lambda's limits on API calls: they count in real time, for all releases together."""
    with LocalCloud(factor=FACTOR) as running, lambda_.throttle.off():
        yield running


@pytest.fixture(scope="session")
def world(cloud: LocalCloud) -> Iterator[World]:
    """Deploy Tidegate. At the end of the session, no role may have been refused anything (see below)."""
    watch, written = Watch(), list[AliasWrite]()
    stepfunctions.observers.append(watch.state_event)
    stepfunctions.status_observers.append(watch.status_event)
    with _recorded(cloud, written):
        yield World(cloud, cloud.deploy(TEMPLATE, EVERYTHING, "tidegate"), watch, written)
    stepfunctions.observers.remove(watch.state_event)
    stepfunctions.status_observers.remove(watch.status_event)
    _check_permissions(cloud)


def _check_permissions(cloud: LocalCloud) -> None:
    """Check that nothing was refused, and that each role got by with its own statements."""
    calls = [call for call in cloud.calls if call.caller_role]
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
