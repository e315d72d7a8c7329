"""Releases of several Regions with faults: what runs in one is stopped, a step is cut off, the parent is killed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from tests.builders import NOON, SETTINGS
from tests.fakes.small_aws import Crash, SmallAws, small_aws
from tests.property.examples import GATE, PROFILE
from tidegate.aws import executions
from tidegate.aws.ledger import records
from tidegate.aws.ledger.index import Heading
from tidegate.aws.regions import following, opening, recovery
from tidegate.domain.errors import AwsBusy
from tidegate.domain.execution import Execution
from tidegate.domain.region_releases import STOPPED, RegionRelease
from tidegate.domain.region_sights import RegionSight
from tidegate.domain.request.limits import Settings
from tidegate.entry.recover import LONGEST_STEP
from tidegate.steps import follow_regions

NAME = "parent"
ARN = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
REGIONS = [["eu-west-1"], ["us-east-1", "us-east-2"], ["ap-south-1"]]
GROUP = {region: number for number, group in enumerate(REGIONS) for region in group}
HOME = {"account": "123456789012", "region": "eu-west-1", "regions_role": "regions"}
TRIES = 8
OLD, NEW = "1", "2"


@dataclass
class There:
    """One execution in a Region: how long it runs, and how it ends."""

    kind: str
    ends: str
    left: int
    request: Any
    status: str = "RUNNING"
    ended: str = ""


@dataclass
class Stack:
    """Tidegate in one Region, whose alias serves `version`; its Recover takes a tick or two."""

    random: Random
    version: str = OLD
    runs: dict[str, There] = field(default_factory=dict)

    def tick(self) -> None:
        for run in self.runs.values():
            run.left -= 1
            if run.left > 0 or run.ended:
                continue
            if run.status == "ABORTED":
                run.ended = "released" if self.version == NEW and run.kind == "release" else "recovered"
            elif run.status == "RUNNING":
                self._end(run)

    def _end(self, run: There) -> None:
        if run.ends == "stopped by somebody":
            run.status, run.left = "ABORTED", self.random.randint(1, 2)
        elif run.ends == "released":
            run.status, run.ended = "SUCCEEDED", "" if run.kind == "check" else "released"
            self.version = {"check": self.version, "release": NEW, "back": OLD}[run.kind]
        else:
            run.status, run.ended = "FAILED", "" if run.kind == "check" else run.ends


class World:
    """All Regions, and what reaches them in the place of Reach."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.stacks = {region: Stack(random) for region in GROUP}
        self.cut_off = 0.0
        self.now = NOON
        """Also the end of everything that has ended: Recover is never late."""

    def reach(self, one: RegionRelease, role: str, since: int) -> "Reached":
        assert since == NOON
        assert role == "arn:aws:iam::123456789012:role/regions"
        return Reached(self, one)

    def maybe_cut_off(self) -> None:
        if self.random.random() < self.cut_off:
            raise Crash
        if self.random.random() < 0.1:
            raise AwsBusy("the Region does not answer")


class Reached:
    def __init__(self, world: World, one: RegionRelease) -> None:
        self.world, self.one, self.stack = world, one, world.stacks[one.region]

    def find(self) -> tuple[str, str]:
        self.world.maybe_cut_off()
        return f"arn:aws:states:{self.one.region}:123456789012:stateMachine:tidegate-release", "ledger"

    def start(self, name: str, request: Any) -> None:
        self.world.maybe_cut_off()
        kind = "check" if name.endswith("-check") else "back" if name.endswith("-back") else "release"
        run = self.stack.runs.get(name)
        if run:
            assert run.request == request, "one name is one request"
            return
        if kind == "release":
            before = [region for region, group in GROUP.items() if group < GROUP[self.one.region]]
            assert all(self.world.stacks[region].version == NEW for region in before)
        self.stack.runs[name] = There(kind, self._ends(kind), self.world.random.randint(1, 4), request)
        self.world.maybe_cut_off()

    def _ends(self, kind: str) -> str:
        if kind != "release":
            return "released" if self.world.random.random() < 0.95 else "refused"
        return self.world.random.choice(["released"] * 9 + ["rolled-back", "refused", "stopped by somebody"])

    def stop(self) -> None:
        self.world.maybe_cut_off()
        run = self._run
        if run and run.status == "RUNNING":
            run.status, run.left = "ABORTED", self.world.random.randint(1, 2)

    def look(self) -> RegionSight:
        self.world.maybe_cut_off()
        run = self._run
        if run is None:
            return RegionSight(None)
        error = STOPPED if run.status == "ABORTED" else "" if run.status in {"RUNNING", "SUCCEEDED"} else "Failed"
        recorded = run.kind != "check" and run.ended != "refused"
        return RegionSight(
            run.status, error, "why", self.world.now, recorded=recorded, ended=run.ended, outcome=run.ended
        )

    def record(self, name: str) -> Any:
        targets = [{"function": "a", "alias": "live", "snapshot": {"version": OLD}}]
        self.world.maybe_cut_off()
        run = self.stack.runs.get(name)
        ended = {"ended": run.ended} if run and run.ended else {}
        return {"started": NOON, "plan": {"targets": targets}, **ended} if run else None

    def released_by(self, _targets: Any, _since: int) -> dict[str, str]:
        return {}

    @property
    def _run(self) -> There | None:
        return self.stack.runs.get(self.one.execution.rpartition(":")[2])


@dataclass
class Parent:
    """The execution of the release: the steps that it runs, until it ends or is killed."""

    request: dict[str, Any]
    ended_at: int | None = None

    def step(self, now: int, tries: Iterator[float], world: World) -> bool:
        """Run Follow regions as its Task would, with retries; return whether the execution is over."""
        for cut_off in tries:
            world.cut_off = cut_off
            try:
                event = {"release": NAME, "now": f"{_time(now)}", "request": self.request}
                return bool(follow_regions.handler(event, None)["next"] != "regions")
            except Crash:
                continue
        return True  # it is left to Recover


def _time(now: int) -> str:
    from tidegate.domain.schedule import format_time

    return format_time(now)


@pytest.mark.parametrize("seed", range(12 if PROFILE == GATE else 250))
@pytest.mark.parametrize("on_failure", ["leave", "rollback"])
def test_however_it_goes_every_region_is_whole_and_the_record_says_where_it_is(
    seed: int, on_failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(f"{seed}{on_failure}")
    world = World(random)
    request = {"function": "a", "regions": REGIONS, "regions_on_failure": on_failure}
    settings = Settings.model_validate({**SETTINGS, **HOME})
    monkeypatch.setattr(following, "Reach", world.reach)
    # One after the other, so that a seed is always the same release.
    monkeypatch.setattr(following, "at_once", lambda action, items: [action(item) for item in items])
    parent, killed_at = Parent(request), random.choice([None, None, random.randint(1, 30)])
    with small_aws(SmallAws()) as aws:
        opening.opened(request, Heading(NAME, ARN, {}, (), "default"), NOON, settings, attempt=0)
        monkeypatch.setattr(executions, "describe", lambda _: Execution(ARN, "ABORTED", NOON, parent.ended_at))
        for poll in range(1, 300):
            now = world.now = NOON + 60 * poll
            for stack in world.stacks.values():
                stack.tick()
            if parent.ended_at is None:
                killed = poll == killed_at
                cuts = [random.choice([0.0, 0.1, 0.3]) for _ in range(TRIES)] if not killed else [1.0]
                if parent.step(now, iter(cuts), world) or killed:
                    parent.ended_at = now
            elif "ended" in (records.record_of(NAME) or {}) and not aws.partition("locks"):
                break
            else:
                world.cut_off = random.choice([0.0, 0.1])
                try:
                    recovery.end_regions(NAME, now, LONGEST_STEP)
                except Crash:
                    continue
        record = records.record_of(NAME) or {}
        staged = {
            item["region"]: item["stage"]
            for item in aws.partition(f"release#{NAME}")
            if "stage" in item and "region" in item
        }
    serves = {region: stack.version for region, stack in world.stacks.items()}
    assert not [
        run for stack in world.stacks.values() for run in stack.runs.values() if run.kind != "check" and not run.ended
    ]
    assert aws.partition("locks") == []
    assert record["ended"] in {"released", "refused", "rolled-back", "partly-released"}
    assert (record["ended"] == "released") == (set(serves.values()) == {NEW} and "uncertain" not in staged.values())
    if record["ended"] in {"refused", "rolled-back"}:
        assert set(serves.values()) == {OLD}
    if on_failure == "rollback" and record["ended"] == "partly-released":
        assert "uncertain" in staged.values()
    for region, stage in staged.items():
        assert (serves[region] == NEW) == (stage == "released") or stage == "uncertain"
