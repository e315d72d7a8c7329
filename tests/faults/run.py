"""One faulted release, from its functions to what is left of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeSerializer

from localcloud import stepfunctions
from localcloud.faults import EventFault, Fault, Injected, TaskFault
from tests.faults.aftermath import MINUTE, Aftermath, State
from tests.faults.bars import DISTURBED, UNDISTURBED, Bars
from tests.faults.functions import canary, make_targets, traffic
from tests.faults.look import look
from tests.faults.scenario import Outline
from tests.faults.stage import Stage
from tests.workflow.releases import Release
from tests.workflow.targets import Target

if TYPE_CHECKING:
    from tests.faults.draw import Scenario

LOOK_AGAIN_SECONDS = 15.0
QUIET_SECONDS = 60.0
STANDSTILL_SECONDS = 3600.0
"""Seconds of the cloud in which something happens in an execution, whatever is done to it: no step may take longer."""
REDRIVABLE = {"ABORTED", "FAILED", "TIMED_OUT"}


class Run:
    def __init__(self, stage: Stage, scenario: "Scenario") -> None:
        self.stage, self.cloud, self.scenario = stage, stage.cloud, scenario
        self.release: Outline = scenario.release
        self.moved_by_someone: dict[str, State] = {}
        self.redrive_when: str | None = None
        self.ledger_gone = False
        self.cut_off_at: float | None = None
        self._another: list[Release] = []
        self._injected: list[Injected] = []
        self._held: list[tuple[Injected, float]] = []
        self._triggered: list[Any] = []
        self._leftovers: list[tuple[str, str]] = []
        self._foreign = any(trouble.kind == "someone moves the alias" for trouble in scenario.troubles)
        self.canary = canary(foreign=self._foreign)
        self._starting = Lock()

    def carry_out(self) -> Aftermath:
        self.targets = make_targets(self.stage, self.release, foreign=self._foreign)
        with traffic(self.stage, self.release, self.targets[0]):
            struck = [trouble.inject(self) for trouble in self.scenario.troubles]
            with self._starting:
                self.main = self.start(self.release.name)
            self._until_over()
            self._let_go()
            aftermath = self._settled()
        hit = [trouble.kind for trouble, has in zip(self.scenario.troubles, struck, strict=True) if has()]
        self._tidy()
        return replace(aftermath, struck=tuple(hit), over=True)

    # What faults use.

    def fault(self, fault: Fault) -> Injected:
        return self._keep(self.cloud.faults.add(fault))

    def task_fault(self, fault: TaskFault) -> Injected:
        return self._keep(self.cloud.faults.add_task(fault))

    def event_fault(self, fault: EventFault) -> Injected:
        return self._keep(self.cloud.faults.add_event(fault))

    def put(self, pk: str, sk: str, **values: Any) -> None:
        """Write an item into the ledger that is taken out again in the end."""
        self._leftovers.append((pk, sk))
        serialize = TypeSerializer().serialize
        item = {name: serialize(value) for name, value in {"pk": pk, "sk": sk, **values}.items()}
        self.cloud.client("dynamodb").put_item(TableName=self.stage.ledger, Item=item)

    def remove(self, pk: str, sk: str) -> None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        self.cloud.client("dynamodb").delete_item(TableName=self.stage.ledger, Key=key)

    def cloud_execution(self, name: str) -> str:
        """Give the ARN that an execution of this name would have."""
        return self.stage.world.execution(name)

    def hold(self, held: Injected, late: float) -> None:
        """Let the held calls through so many emulated seconds after the release is over."""
        self._held.append((held, late))

    def at(self, state: str, action: Callable[[], None]) -> Callable[[], bool]:
        """Do something when the release enters the state for the first time; gives whether it did."""

        def act() -> None:
            with self._starting:  # until the execution is known here
                pass
            action()

        done = self.stage.triggers.on(self.release.name, state, act)
        self._triggered.append(done)
        return done.done

    def start(
        self, name: str, targets: Sequence[Target] | None = None, strategy: Any = None, on_conflict: str = "refuse"
    ) -> Release:
        chosen = self.targets if targets is None else targets
        request = {
            "targets": [
                {"function": target.name, "alias": target.alias, "wave": self.release.wave(index), **self._changes()}
                for index, target in enumerate(chosen)
            ],
            "waves": self.release.waves or "sequential",
            "strategy": strategy or self.release.strategy,
            "analysis": {
                "max_bake": "3m",
                "on_inconclusive": self.release.on_inconclusive,
                "after": {"bake": "1m", "on_worse": self.release.on_worse},
            },
            "drain": {"limit": "6m"},  # the evidence goes on after the promotion
            "on_conflict": on_conflict,
            "hooks": self.release.hooks_of(strategy or self.release.strategy),
            **self.release.routing_of(strategy or self.release.strategy),
        }
        return self.stage.world.start(request, chosen, name)

    def start_another(self, targets: Sequence[Target], strategy: Any, on_conflict: str = "refuse") -> None:
        self._another.append(self.start(f"{self.release.name}-second", targets, strategy, on_conflict))

    def stop(self) -> None:
        """Stop it; when it was over already, that changes nothing."""
        self.main.stop()
        self._cut_off("ABORTED")

    def time_out(self) -> None:
        """Have the machine's TimeoutSeconds pass; when it was over already, that changes nothing."""
        stepfunctions.time_out(self.main.arn)
        self._cut_off("TIMED_OUT")

    def _cut_off(self, how: str) -> None:
        if self.main.status == how:
            self.cut_off_at = self.cut_off_at or self.cloud.clock.time()

    # How it goes.

    def _keep(self, injected: Injected) -> Injected:
        self._injected.append(injected)
        return injected

    def _changes(self) -> dict[str, Any]:
        return {"configuration": {"memory_size": 256}} if self.release.configuration else {}

    def _until_over(self) -> None:
        self._wait(self.main)
        if self.redrive_when and self.main.status in REDRIVABLE:
            self._until(self._recovered, STANDSTILL_SECONDS)
            self.main.redrive()
            self._wait(self.main)
        for done in self._triggered:
            if done.running() or done.done():
                done.result(STANDSTILL_SECONDS)
        for release in self._another:
            self._wait(release)

    def _wait(self, release: Release) -> None:
        """Wait until it is over; not for ever for one that does not go on."""
        seen = -1
        while len(release.events) > seen:
            seen = len(release.events)
            if self._until(lambda: release.name in self.stage.watch.ended, STANDSTILL_SECONDS):
                return
        raise AssertionError(f"{release.name} stands still since {STANDSTILL_SECONDS:g} s: {release.states[-3:]}")

    def _recovered(self) -> bool:
        locks = self.stage.locks(self.release.token)
        return not locks if self.redrive_when == "unlocked" else all("restored_at" in lock for lock in locks)

    def _let_go(self) -> None:
        for held, late in sorted(self._held, key=lambda pair: pair[1]):
            if held.hits:
                self.cloud.clock.sleep(late)
            held.release()

    def _settled(self) -> Aftermath:
        """Wait for what must happen to happen; look once more after a while in which everything is as it must be.

        A step may outlive its execution, and undo that.
        """
        end = self._last_end()
        slow = [it.fault.seconds for it in self._injected if isinstance(it.fault, Fault) and it.hits]
        quiet = QUIET_SECONDS + max(slow, default=0.0)
        was_good = False
        while not self._all_time_is_over(end):
            seen = None if self.stage.locks(self.release.token) else look(self)
            good = seen is not None and not list(seen.violations())
            if seen and good and was_good:
                return seen
            was_good = good
            self.cloud.clock.sleep(quiet if good else LOOK_AGAIN_SECONDS)
        return look(self)

    def _all_time_is_over(self, end: float) -> bool:
        return self.cloud.clock.time() - end > self.bars.unlocked + MINUTE

    def _last_end(self) -> float:
        return max(float(release.description["stopDate"].timestamp()) for release in self.executions)

    @property
    def executions(self) -> list[Release]:
        return [self.main, *self._another]

    @property
    def bars(self) -> Bars:
        late = max((late for held, late in self._held if held.hits), default=0.0)
        return (DISTURBED if self.scenario.reaches_recover else UNDISTURBED).after(late)

    def _until(self, look: Callable[[], bool], seconds: float) -> bool:
        deadline = self.cloud.clock.time() + seconds
        while not look():
            if self.cloud.clock.time() > deadline:
                return False
            self.cloud.clock.sleep(LOOK_AGAIN_SECONDS)
        return True

    def _tidy(self) -> None:
        for injected in self._injected:
            self.cloud.faults.remove(injected)
        for leftover in self._leftovers:
            self.remove(*leftover)
        client = self.cloud.client("lambda")
        for name in [target.name for target in self.targets] + [self.release.asks] * bool(self.release.hooks):
            client.delete_function(FunctionName=name)
