"""Tidegate in another Region of another account, and the role by which it is reached."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud import LocalCloud
from localcloud.deploy import Deployment
from localcloud.place import Place
from tests.workflow.deployed import EVERYTHING
from tests.workflow.world import FUNCTIONS, World

ROOT = Path(__file__).parents[2]
HOME, OTHER = "123456789012", "222222222222"
BUS = EVERYTHING["RegionsBusArn"]
EUROPE = {"region": "eu-west-1", "account": OTHER}

RULES = ("EveryMinute", "ExecutionEnded")
"""Those by which Recover is started."""


@dataclass(frozen=True)
class Elsewhere:
    """A stack that Recover looks after only if it is told to: few need the time that its minutes take."""

    place: Place
    stack: Deployment

    @classmethod
    def in_europe(cls, cloud: LocalCloud) -> "Elsewhere":
        """Deploy it, and in both accounts the role."""
        place = cloud.at("eu-west-1", OTHER)
        for each in (cloud.at("us-east-1"), place):
            keys = {"KmsKeyArn": f"arn:aws:kms:*:{each.account}:key/*"}
            each.deploy(ROOT / "docs/regions/role.yaml", {"ParentAccount": HOME, **keys}, "tidegate-role")
        given = {"FunctionPattern": "shop-*", "PreflightSeverities": "no-traffic=ignore", "RegionsBusArn": BUS}
        deployed = cls(place, place.deploy(ROOT / "template.yaml", given))
        deployed.recover(on=False)
        return deployed

    def recover(self, *, on: bool) -> None:
        """Let Recover be started by its schedule and by the end of executions, or not."""
        client = self.place.client("events")
        switch = client.enable_rule if on else client.disable_rule
        for rule in RULES:
            switch(Name=self.stack.resources[f"RecoverFunction{rule}"])

    def create(self, name: str, canary: str) -> None:
        """Create a function that serves version 1, with other code in $LATEST."""
        self.place.create_function(name, FUNCTIONS / "stable", alias="live")
        self.place.update_code(name, FUNCTIONS / canary)

    def version(self, name: str) -> str:
        return str(self.place.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"])


def request(name: str, **more: Any) -> dict[str, Any]:
    """Give a request for both Regions, one after the other, all at once."""
    rest = {"strategy": "all-at-once", "analysis": {"after": {"on_worse": "ignore"}}, "drain": {"watch": False}}
    return {"function": name, "regions": [["us-east-1"], [EUROPE]], **rest, **more}


def stages(world: World, release: str) -> list[tuple[str, str]]:
    """Give each Region with its stage, from the ledger."""
    items = [item for item in world.ledger(f"release#{release}") if item["sk"].startswith("region#")]
    return [(item["region"], item["stage"]) for item in items]
