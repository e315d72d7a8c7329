"""Both chains on the local cloud: functions with two versions, aliases, and the rules between them."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
import pytest
from click.testing import CliRunner

from localcloud import LocalCloud
from tests.reading import ROOT
from tidegate_cli.main import main

FUNCTIONS = ROOT / "tests/functions"
PERCENT = 10
WEIGHTS, USERS = "weights", "users"
"""The two chains: their functions are named by them."""
API, CONSUMERS = "api", ("kitchen", "billing")
STABLE, CANARY = "live", "live-canary"
ALIASES = {"stable": STABLE, "canary": CANARY}
SALT = "shop-1"


def names(way: str) -> list[str]:
    return [f"{way}-{function}" for function in (API, *CONSUMERS)]


class Shop:
    """Functions of both chains: version 1 is live, version 2 is new."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud, self._folder = cloud, folder
        self._lambda, self._events = cloud.client("lambda"), cloud.client("events")
        self.table = cloud.deploy(ROOT / "template.yaml", {"FunctionPattern": "*"}).outputs["LedgerTable"]
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
        self.cloud.create_function(name, folder, timeout=30, environment=environment, alias=STABLE)
        (folder / "new.txt").write_text("the new version")
        self.cloud.update_code(name, folder)
        second = self._lambda.publish_version(FunctionName=name)["Version"]
        if name.startswith(USERS):
            self._lambda.create_alias(FunctionName=name, Name=CANARY, FunctionVersion=second)
        else:
            weights = {"AdditionalVersionWeights": {second: PERCENT / 100}}
            self._lambda.update_alias(FunctionName=name, Name=STABLE, RoutingConfig=weights)

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

    def route(self) -> None:
        """Send a share of the users to the new versions of one chain: the same users in each function."""
        for name in names(USERS):
            wish = ["--percent", str(PERCENT), "--salt", SALT]
            done = CliRunner().invoke(main, ["route", "set", name, *wish])
            if done.exit_code:
                raise RuntimeError(done.output)


@contextmanager
def opened() -> Iterator[Shop]:
    """Open the shop, and let clients of this process reach it."""
    with TemporaryDirectory() as folder, LocalCloud(factor=1.0) as cloud, pytest.MonkeyPatch.context() as patch:
        keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
        for name, value in {**keys, "AWS_ENDPOINT_URL": cloud.endpoint}.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        shop = Shop(cloud, Path(folder))
        shop.route()
        yield shop
