"""One faulted release, from its functions to what is left of it."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Any

from localcloud import stepfunctions
from localcloud.faults import EventFault, Fault, Injected, TaskFault
from localcloud.traffic import Traffic
from tests.faults.aftermath import MINUTE, Aftermath, Ending, History, State, Timeline
from tests.faults.bars import DISTURBED, UNDISTURBED, Bars
from tests.faults.scenario import BROKEN, FAILING, Outline
from tests.faults.stage import FUNCTIONS, Stage
from tests.workflow.releases import Release
from tests.workflow.targets import Target

if TYPE_CHECKING:
    from tests.faults.draw import Scenario

FOREIGN = "2"
"""A version that has nothing to do with the release; where nobody moves an alias there is none."""
REQUESTS_PER_SECOND = 0.15
LOOK_AGAIN_SECONDS = 0.2
QUIET_SECONDS = 2.0
STANDSTILL_SECONDS = 120.0
"""Real seconds in which something happens in an execution, whatever is done to it: no step may take longer."""
SLOWEST = 4
"""How many times the time that it has a machine may take that is too slow to run recover each minute."""
REDRIVABLE = {"ABORTED", "FAILED", "TIMED_OUT"}


class Run:
    def __init__(self, stage: Stage, scenario: "Scenario") -> None:
        self.stage, self.cloud, self.scenario = stage, stage.cloud, scenario
        self.release: Outline = scenario.release
        self.moved_by_someone: dict[str, State] = {}
        self.redrive_when: str | None = None
        self.cut_off_at: float | None = None
        self._another: list[Release] = []
        self._injected: list[Injected] = []
        self._held: list[tuple[Injected, float]] = []
        self._triggered: list[Any] = []
        self._foreign = any(trouble.kind == "someone moves the alias" for trouble in scenario.troubles)
        self.canary = "3" if self._foreign else "2"
        self._starting = Lock()

    def carry_out(self) -> Aftermath:
        self.targets = [self._target(letter) for letter in "abcde"[: self.release.targets]]
        with self._traffic():
            struck = [trouble.inject(self) for trouble in self.scenario.troubles]
            with self._starting:
                self.main = self.start(self.release.name)
            self._until_over()
            self._let_go()
            self._settle()
        hit = [trouble.kind for trouble, has in zip(self.scenario.troubles, struck, strict=True) if has()]
        aftermath = self._look(hit)
        self._tidy()
        return aftermath

    # What faults use.

    def fault(self, fault: Fault) -> Injected:
        return self._keep(self.cloud.faults.add(fault))

    def task_fault(self, fault: TaskFault) -> Injected:
        return self._keep(self.cloud.faults.add_task(fault))

    def event_fault(self, fault: EventFault) -> Injected:
        return self._keep(self.cloud.faults.add_event(fault))

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
            "targets": [{"function": target.name, "alias": target.alias, **self._changes()} for target in chosen],
            "strategy": strategy or self.release.strategy,
            "analysis": {
                "max_bake": "3m",
                "on_inconclusive": self.release.on_inconclusive,
                "after": {"bake": "1m", "on_worse": self.release.on_worse},
            },
            "on_conflict": on_conflict,
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

    def _target(self, letter: str) -> Target:
        name = f"shop-{self.release.token}-{letter}"
        self.cloud.create_function(name, FUNCTIONS / "stable", alias="live")
        target = Target(self.cloud, name, "live", self.stage.timelines)
        if self._foreign:
            self.cloud.update_code(name, FUNCTIONS / "changed")
            target.publish()
        self.cloud.update_code(name, FUNCTIONS / self._canary_code(letter))
        if not self.release.real_traffic:
            failing = self.release.canary == FAILING and letter == "a"
            target.evidence(canary_failing=0.3 if failing else 0.0, canary=self.canary)
        return target

    def _canary_code(self, letter: str) -> str:
        if self.release.canary == BROKEN and letter == "a":
            return "broken"
        if self.release.canary == FAILING and self.release.real_traffic:
            return "flaky"
        return "stable" if self._foreign else "changed"

    def _traffic(self) -> AbstractContextManager[object]:
        if not self.release.real_traffic:
            return nullcontext()
        client = self.cloud.client("lambda")
        target = self.targets[0].full_name
        return Traffic(client, self.cloud.clock, target, per_second=REQUESTS_PER_SECOND, threads=2)

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

    def _settle(self) -> None:
        """Wait for what must happen to happen; look no further once everything stays as it has to be.

        A step may outlive its execution: for a while nothing may come any more.
        """
        good_since, end = None, self._last_end()
        while not self._all_time_is_over(end):
            good = not self.stage.locks(self.release.token) and not list(self._look([]).violations())
            good_since = (good_since or time.monotonic()) if good else None
            if good_since and time.monotonic() - good_since > QUIET_SECONDS:
                return
            time.sleep(LOOK_AGAIN_SECONDS * 3)

    def _all_time_is_over(self, end: float) -> bool:
        now = self.cloud.clock.time()
        seconds = self._bars().unlocked
        runs = self.stage.beats.between(end, now)
        late = now - end - seconds
        return late > MINUTE and (runs > seconds / MINUTE or late > seconds * SLOWEST)

    def _last_end(self) -> float:
        return max(float(release.description["stopDate"].timestamp()) for release in [self.main, *self._another])

    def _bars(self) -> Bars:
        late = max((late for held, late in self._held if held.hits), default=0.0)
        return (DISTURBED if self.scenario.reaches_recover else UNDISTURBED).after(late)

    @staticmethod
    def _until(look: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not look():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_AGAIN_SECONDS)
        return True

    def _look(self, hit: list[str]) -> Aftermath:
        return Aftermath(
            release=self.release,
            canary=self.canary,
            endings=tuple(self._ending(release) for release in [self.main, *self._another]),
            timelines={target.full_name: self._timeline(target) for target in self.targets},
            locks=tuple(str(lock["sk"]) for lock in self.stage.locks(self.release.token)),
            moved_by_someone=dict(self.moved_by_someone),
            served=self.targets[0].requests(self.canary) if self.release.canary == BROKEN else 0,
            history={target.full_name: self._history(target) for target in self.targets},
            cut_off_at=self.cut_off_at if self.redrive_when is None else None,
            whole_within=self._bars().whole,
            runs_of_recover=self.stage.beats.between,
            struck=tuple(hit),
        )

    def _ending(self, release: Release) -> Ending:
        described = release.description
        items = self.stage.world.ledger(f"release#{release.name}")
        return Ending(
            name=release.name,
            targets=tuple(target.full_name for target in release.targets),
            doomed=self._doomed(release, json.loads(described["input"])["strategy"]),
            status=described["status"],
            state=release.states[-1],
            error=described.get("error", ""),
            cause=described.get("cause", ""),
            ended_at=described["stopDate"].timestamp(),
            record=next((item for item in items if item["sk"] == "record"), None),
            kinds=frozenset(item["kind"] for item in items if "kind" in item),
        )

    def _history(self, target: Target) -> History:
        items = {item["sk"]: item for item in self.stage.world.ledger(f"alias#{target.full_name}")}
        failed = frozenset(str(item["version"]) for key, item in items.items() if key != "live")
        return History(str(items["live"]["version"]) if "live" in items else None, failed)

    def _doomed(self, release: Release, strategy: Any) -> bool:
        """Whether nothing may promote it: whoever looks at the first target's canary sees that it is bad."""
        if self.targets[0] not in release.targets:
            return False
        seen = strategy != "all-at-once" and not self.release.real_traffic
        return self.release.canary == BROKEN or (self.release.canary == FAILING and seen)

    def _timeline(self, target: Target) -> Timeline:
        writes = self.stage.timelines.of(target.name)
        return Timeline(tuple((write.at, write.state) for write in writes))

    def _tidy(self) -> None:
        for injected in self._injected:
            self.cloud.faults.remove(injected)
        client = self.cloud.client("lambda")
        for target in self.targets:
            client.delete_function(FunctionName=target.name)
