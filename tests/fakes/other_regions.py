"""A release of several Regions, whose stacks there answer by script."""

from dataclasses import dataclass, field
from typing import Any

from tests.builders import NOON, SETTINGS
from tests.fakes.small_aws import SmallAws
from tidegate.aws.ledger import region_items
from tidegate.aws.ledger.index import Heading
from tidegate.aws.regions import opening, recovery
from tidegate.domain.region_releases import RegionRelease
from tidegate.domain.region_sights import RegionSight
from tidegate.domain.request.limits import Settings
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.entry.recover import LONGEST_STEP
from tidegate.steps import follow_regions

NAME = "parent"
ARN = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
ONE, TWO, THREE = "eu-west-1", "us-east-1", "ap-south-1"
RUNS = RegionSight("RUNNING", recorded=True)
RAN = RegionSight("SUCCEEDED", recorded=True, promoted=True, ended="released", outcome="on version 2")
WENT_BACK = RegionSight("FAILED", error="VersionFailed", cause="it is worse", recorded=True, ended="rolled-back")
ENDED = {"started": NOON, "ended": "released", "plan": {"targets": [{"function": "a", "alias": "live", "wave": 1}]}}
ENDED["plan"]["targets"][0]["snapshot"] = {"version": "1"}  # type: ignore[index]


@dataclass
class There:
    """A Region: what each execution looks like, which calls fail, and what was asked of it."""

    sights: dict[str, RegionSight] = field(default_factory=dict)
    record: Any = field(default_factory=lambda: ENDED)
    fails: dict[str, Exception] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)


class Release:
    """A release of three Regions, one after the other, and each as it is scripted."""

    def __init__(self, aws: SmallAws, groups: list[list[str]], on_failure: str) -> None:
        self.aws = aws
        self.now = NOON
        self.request = {"function": "a", "regions": groups, "regions_on_failure": on_failure}
        self.there = {region: There() for group in groups for region in group}
        settings = Settings.model_validate(
            {**SETTINGS, "account": "123456789012", "region": ONE, "regions_role": "regions"}
        )
        opening.opened(self.request, Heading(NAME, ARN, {}, (), "default"), NOON, settings, attempt=0)

    def reach(self, one: RegionRelease, _role: str, _since: int) -> "Reached":
        return Reached(self.there[one.region], one)

    def poll(self, later: int = MINUTE) -> dict[str, Any]:
        self.now += later
        event = {"release": NAME, "now": format_time(self.now), "request": self.request}
        return follow_regions.handler(event, None)

    def recover(self, later: int = MINUTE) -> list[str]:
        self.now += later
        return recovery.end_regions(NAME, self.now, LONGEST_STEP)

    @property
    def stages(self) -> dict[str, str]:
        return {one.region: one.stage.value for one in region_items.read(NAME, NOON)}


class Reached:
    def __init__(self, there: There, one: RegionRelease) -> None:
        self.there, self.one = there, one

    def _call(self, name: str) -> None:
        if error := self.there.fails.get(name, self.there.fails.get("all")):
            raise error

    def find(self) -> tuple[str, str]:
        self._call("find")
        return f"arn:aws:states:{self.one.region}:123456789012:stateMachine:tidegate-release", "ledger"

    def start(self, name: str, _request: Any) -> None:
        self._call("start")
        self.there.started.append(name)

    def stop(self) -> None:
        self.there.stopped.append(self.one.last_release)
        self._call("stop")

    def look(self) -> RegionSight:
        self._call("look")
        name = self.one.last_release
        if name not in self.there.started:
            return RegionSight(None)
        usual = RegionSight("SUCCEEDED") if name.endswith("-check") else RAN if "-back" in name else RUNS
        return self.there.sights.get(name, usual)

    def record(self, _name: str) -> Any:
        self._call("record")
        return self.there.record

    def released_by(self, _targets: Any, _since: int) -> dict[str, str]:
        return {}
