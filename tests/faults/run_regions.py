"""One faulted release of two Regions, from its functions to what is left of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from localcloud import LocalCloud, dynamodb, stepfunctions
from localcloud.faults import Fault, Injected
from localcloud.place import Place
from tests.faults.aftermath import Timeline
from tests.faults.bars import DISTURBED, UNDISTURBED, Bars
from tests.faults.draw_regions import RegionsScenario
from tests.faults.region_aftermath import Execution, RegionsAftermath, There
from tests.faults.regions import ACCOUNTS, HERE, THERE
from tests.faults.scenario import BROKEN, FAILING
from tests.faults.stage import FUNCTIONS, Stage
from tests.workflow.elsewhere import Elsewhere
from tests.workflow.targets import put_minutes

LOOK_AGAIN_SECONDS = 15.0
QUIET_SECONDS = 60.0
LONGEST_RELEASE = 7200.0
"""Seconds of the cloud that all of it may take, whatever is done to it."""


class RegionsRun:
    def __init__(self, stage: Stage, scenario: RegionsScenario) -> None:
        self.stage, self.cloud, self.scenario, self.release = stage, stage.cloud, scenario, scenario.release
        self._injected: list[Injected] = []
        self._triggered: list[Any] = []
        self.ended_by_others: set[str] = set()

    def carry_out(self) -> RegionsAftermath:
        with self.stage.abroad() as self._abroad:
            self._make_functions(self._abroad)
            struck = [trouble.inject(self) for trouble in self.scenario.troubles]
            self.stage.world.start(self._request(), name=self.release.name)
            self._until(lambda: self.release.name in self.stage.watch.ended)
            for done in self._triggered:
                if done.running():
                    done.result(LONGEST_RELEASE)
            self._until(self._is_over)
            self.cloud.clock.sleep(QUIET_SECONDS)  # a step may outlive its execution, and undo what was done
            kinds = [trouble.kind for trouble, has in zip(self.scenario.troubles, struck, strict=True) if has()]
            aftermath = self._look(tuple(kinds))
            self._tidy()
            return aftermath

    # What faults use.

    def fault(self, fault: Fault) -> Injected:
        self._injected.append(injected := self.cloud.faults.add(fault))
        return injected

    def at(self, execution: str, state: str, after: float, action: Callable[[], None]) -> Callable[[], bool]:
        """Do something so long after an execution has entered a state; gives whether it did."""

        def act() -> None:
            self.cloud.clock.sleep(after)
            action()

        done = self.stage.triggers.on(self.release.name + execution, state, act)
        self._triggered.append(done)
        return done.done

    def stop(self, execution: str) -> None:
        """Stop an execution; when it is over already, that changes nothing."""
        if arn := self._ends(execution):
            client = self._client("stepfunctions", arn.split(":")[3])
            client.stop_execution(executionArn=arn, cause="stopped by a test")

    def time_out(self, execution: str) -> None:
        if arn := self._ends(execution):
            stepfunctions.time_out(arn)

    def _ends(self, execution: str) -> str | None:
        self.ended_by_others.add(self.release.name + execution)
        return self.stage.watch.running.get(self.release.name + execution)

    # How it goes.

    def _client(self, service: str, region: str) -> Any:
        return self.cloud.client(service) if region == HERE else self._abroad.place.client(service)

    def _make_functions(self, abroad: Elsewhere) -> None:
        places: tuple[LocalCloud | Place, ...] = (self.cloud, abroad.place)
        for place, canary in zip(places, self.release.canaries, strict=True):
            place.create_function(self.release.function, FUNCTIONS / "stable", alias="live")
            place.update_code(self.release.function, FUNCTIONS / ("broken" if canary == BROKEN else "changed"))
            for version, failing in (("1", 0.0), ("2", 0.3 if canary == FAILING else 0.0)):
                put_minutes(place.metrics, (self.release.function, "live", version), 1000, failing)

    def _request(self) -> dict[str, Any]:
        return {
            "function": self.release.function,
            "regions": self.release.groups,
            "regions_on_failure": self.release.on_failure,
            "strategy": self.release.strategy,
            "analysis": {"max_bake": "3m", "after": {"on_worse": "ignore"}},
            "drain": {"watch": False},
        }

    def _until(self, look: Callable[[], bool]) -> None:
        deadline = self.cloud.clock.time() + LONGEST_RELEASE
        while not look():
            assert self.cloud.clock.time() < deadline, f"{self.release.name} is not over"
            self.cloud.clock.sleep(LOOK_AGAIN_SECONDS)

    def _is_over(self) -> bool:
        """Whether nothing runs and nothing is locked; or whether all time for that is over."""
        if self.cloud.clock.time() - self._parent.ended_at > self.bars.unlocked:
            return True
        return not any(self._running()) and not any(self._locks(region) for region in ACCOUNTS)

    @property
    def bars(self) -> Bars:
        return DISTURBED if self.scenario.reaches_recover else UNDISTURBED

    def _running(self) -> Iterator[str]:
        yield from (name for name in list(self.stage.watch.running) if self.release.token in name)

    # What is left of it.

    def _look(self, struck: tuple[str, ...]) -> RegionsAftermath:
        stages = {
            item["region"]: str(item["stage"]) for item in self._items(HERE, f"release#{self.release.name}", "region#")
        }
        places = {
            region: There(
                stages.get(region, ""),
                Timeline(tuple((w.at, w.state) for w in self.stage.timelines.of(self.release.function, region))),
                tuple(self._children(region)),
                tuple(self._locks(region)),
            )
            for region in ACCOUNTS
        }
        return RegionsAftermath(
            release=self.release,
            parent=self._parent,
            places=places,
            running=tuple(self._running()),
            ended_by_others=frozenset(self.ended_by_others),
            bars=self.bars,
            struck=struck,
        )

    @property
    def _parent(self) -> Execution:
        return self._execution(HERE, self.release.name)

    def _children(self, region: str) -> Iterator[Execution]:
        begun = [name for name in list(self.stage.watch.begun) if name.startswith(f"{self.release.name}-{region}")]
        yield from (self._execution(region, name) for name in begun)

    def _execution(self, region: str, name: str) -> Execution:
        machine = (self.stage.world.stack if region == HERE else self._abroad.stack).outputs["StateMachineArn"]
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        described = self._client("stepfunctions", region).describe_execution(executionArn=arn)
        items = self._items(region, f"release#{name}", "record")
        return Execution(
            name=name,
            status=described["status"],
            error=described.get("error", ""),
            cause=described.get("cause", ""),
            ended_at=described["stopDate"].timestamp() if "stopDate" in described else float("inf"),
            record=items[0] if items else None,
        )

    def _locks(self, region: str) -> list[str]:
        return [str(lock["sk"]) for lock in self._items(region, "locks") if self.release.token in lock["sk"]]

    def _items(self, region: str, partition: str, beginning: str = "") -> list[dict[str, Any]]:
        stack = self.stage.world.stack if region == HERE else self._abroad.stack
        table = f"arn:aws:dynamodb:{region}:{ACCOUNTS[region]}:table/{stack.outputs['LedgerTable']}"
        items = dynamodb.items(table, partition)
        return [item for item in items if item["sk"].startswith(beginning)]

    def _tidy(self) -> None:
        for injected in self._injected:
            self.cloud.faults.remove(injected)
        for region in (HERE, THERE):
            client = self._client("lambda", region)
            with suppress(client.exceptions.ResourceNotFoundException):
                client.delete_function(FunctionName=self.release.function)
