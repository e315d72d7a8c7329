"""Both chains on the local cloud: functions, the rules between them, and a release of each that is at 10 %."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest

from localcloud import LocalCloud
from localcloud.lambda_ import throttle
from tests.reading import ROOT
from tidegate_route.document import table_reader

FUNCTIONS = ROOT / "tests/functions"
PERCENT = 10
WEIGHTS, USERS = "weights", "users"
"""The two chains: their functions are named by them."""
API, CONSUMERS = "api", ("kitchen", "billing")
STABLE, CANARY = "live", "live-canary"
ALIASES = {"stable": STABLE, "canary": CANARY}
CLOCK = 10.0
PATIENCE = 120.0
"""Real seconds within which both releases must be at their first step."""

RELEASE = {"strategy": {"steps": [{"weight": PERCENT, "bake": "12h"}]}}


def names(way: str) -> list[str]:
    return [f"{way}-{function}" for function in (API, *CONSUMERS)]


class Shop:
    """Functions of both chains: version 1 is live, and `$LATEST` is new."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud, self._folder = cloud, folder
        self._lambda, self._events = cloud.client("lambda"), cloud.client("events")
        deployed = cloud.deploy(ROOT / "template.yaml", {"FunctionPattern": "*"}).outputs
        self.table, self._machine = deployed["LedgerTable"], deployed["StateMachineArn"]
        for way in (WEIGHTS, USERS):
            for name in names(way):
                self._function(name, names(way)[1:])
            for name in names(way)[1:]:
                self._rules(way, name)

    def _function(self, name: str, consumers: list[str]) -> None:
        folder = self._folder / name
        shutil.copytree(FUNCTIONS / ("chain_api" if name.endswith(API) else "chain_consumer"), folder)
        shutil.copytree(ROOT / "routing/tidegate_route", folder / "tidegate_route")
        environment = {"TIDEGATE_TABLE": self.table, "CONSUMERS": ",".join(consumers)}
        self.cloud.create_function(name, folder, timeout=300, environment=environment, alias=STABLE)
        if name.startswith(USERS):  # as a release would, so that the rules have it
            self._lambda.create_alias(FunctionName=name, Name=CANARY, FunctionVersion="1")
        (folder / "new.txt").write_text("the new version")
        self.cloud.update_code(name, folder)

    def _rules(self, way: str, name: str) -> None:
        """Send events to the alias of the channel that they name, as docs/routing.md says."""
        for channel, alias in ALIASES.items() if way == USERS else [("stable", STABLE)]:
            rule = f"{name}-{alias}"
            pattern = json.dumps({"source": ["shop"], "detail": {"tidegate": {name: [channel]}}})
            arn = self._events.put_rule(Name=rule, EventPattern=pattern)["RuleArn"]
            self._lambda.add_permission(
                FunctionName=name,
                Qualifier=alias,
                StatementId="events",
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=arn,
            )
            function = self._lambda.get_function(FunctionName=name, Qualifier=alias)["Configuration"]["FunctionArn"]
            self._events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": function}])

    def release(self) -> None:
        """Release both chains, and wait until a share of the requests, or of the users, meets the new versions."""
        client, started = self.cloud.client("stepfunctions"), list[Any]()
        for way, routing in ((WEIGHTS, {}), (USERS, {"routing": USERS})):
            request = {
                "targets": [{"function": name, "probe": {"kind": "none"}} for name in names(way)],
                **RELEASE,
                **routing,
            }
            started.append(
                client.start_execution(stateMachineArn=self._machine, name=f"shop-{way}", input=json.dumps(request))
            )
        gives_up = time.monotonic() + PATIENCE
        while not (self._weighted() and self._routed()):
            found = [client.describe_execution(executionArn=each["executionArn"]) for each in started]
            if time.monotonic() > gives_up or any(each["status"] != "RUNNING" for each in found):
                told = [f"{each['name']} is {each['status']}: {each.get('cause')}" for each in found]
                raise RuntimeError(f"the releases did not reach their first step: {told}")
            time.sleep(0.5)

    def _weighted(self) -> bool:
        with throttle.off():  # whoever looks on takes nothing from the releases
            found = [self._lambda.get_alias(FunctionName=name, Name=STABLE) for name in names(WEIGHTS)]
        return all(each.get("RoutingConfig", {}).get("AdditionalVersionWeights") for each in found)

    def _routed(self) -> bool:
        read = table_reader(self.table, STABLE, 5)
        return all((read(name) or {}).get("percent") == PERCENT for name in names(USERS))


@contextmanager
def opened() -> Iterator[Shop]:
    """Open the shop with both releases on their way, and let clients of this process reach it."""
    with TemporaryDirectory() as folder, LocalCloud(factor=CLOCK) as cloud, pytest.MonkeyPatch.context() as patch:
        keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in {**keys, "AWS_ENDPOINT_URL": cloud.endpoint}.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        shop = Shop(cloud, Path(folder))
        shop.release()
        yield shop
