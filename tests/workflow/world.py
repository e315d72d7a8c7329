"""Tidegate deployed on the local cloud, and what tests do there."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from localcloud import LocalCloud
from localcloud.clock import Pool
from localcloud.deploy import Deployment
from localcloud.lambda_ import function_clock
from localcloud.stepfunctions.waiting import iso
from tests.workflow.releases import Release, Watch, eventually
from tests.workflow.targets import AliasWrite, Target

FUNCTIONS = Path(__file__).parent / "functions"

ONE_STEP: dict[str, Any] = {"steps": [{"weight": 10, "bake": "1m"}]}
APPROVES = json.dumps({"ok": True})
"""Answer of a user's function that a release asks."""

TWO_STEPS: dict[str, Any] = {"steps": [{"weight": 10, "bake": "1m"}, {"weight": 50, "bake": "1m"}]}


STARTED_AT_ONCE = 4
Start = Callable[["World"], Release]


class World:
    """Its schedules and events are off, see `recovering`: recover looks at every lock, and a minute is a second."""

    def __init__(
        self, cloud: LocalCloud, stack: Deployment, watch: Watch, written: list[AliasWrite], function_key: str = ""
    ) -> None:
        self.cloud = cloud
        self.stack = stack
        self.function_key = function_key
        self._watch = watch
        self._written = written
        self._numbers = count(1)
        self._switch_recover(on=False)
        self._switch("PruneFunctionExecutionSucceeded", on=False)
        self._switch("FunctionUpdated", on=False)

    def target(
        self, canary: str | None = "changed", *, stable: str = "stable", alias: str | None = "live", **options: Any
    ) -> Target:
        """Create a function: version 1 serves through the alias, $LATEST holds the canary's code."""
        return self._function("shop", canary, stable, alias, **options)

    def asked(self, answer: str, timeout: int = 3) -> Target:
        """Create a function of the user's that answers so to what a release asks."""
        return self._function("check", None, "asked", None, environment={"ANSWER": answer}, timeout=timeout)

    def _function(self, kind: str, canary: str | None, stable: str, alias: str | None, **options: Any) -> Target:
        name = f"{kind}-{next(self._numbers):03}"
        self.cloud.create_function(name, FUNCTIONS / stable, alias=alias, **options)
        if canary:
            self.cloud.update_code(name, FUNCTIONS / canary)
        return Target(self.cloud, name, alias or "live", self._written)

    def image_target(self, image_uri: str) -> Target:
        """Create a function from a registered image, serving as version 1."""
        name = self.target(None, alias=None).name + "-image"
        client = self.cloud.client("lambda")
        role = client.get_function(FunctionName=name.removesuffix("-image"))["Configuration"]["Role"]
        client.create_function(FunctionName=name, PackageType="Image", Code={"ImageUri": image_uri}, Role=role)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.02})
        client.publish_version(FunctionName=name)
        client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        return Target(self.cloud, name, "live", self._written)

    def next_name(self) -> str:
        """Give a name for a release, for faults that are to hit it alone."""
        name = f"release-{next(self._numbers):03}"
        self.begun.append(name)
        return name

    @property
    def begun(self) -> list[str]:
        """Names of all executions, and of releases that may yet be begun or planned without one."""
        return self._watch.begun

    @property
    def running(self) -> dict[str, str]:
        return self._watch.running

    def release(self, *targets: Target, strategy: Any = None, name: str | None = None, **request: Any) -> Release:
        """Start a release of what $LATEST holds, in one step of a minute, no look back, no drain, unless told so."""
        wanted = [{"function": target.name, "alias": target.alias} for target in targets]
        short = wanted[0] if len(wanted) == 1 else {"targets": wanted}
        request["analysis"] = {"after": {"on_worse": "ignore"}, **request.get("analysis", {})}
        rest = {"strategy": strategy or ONE_STEP, "drain": {"watch": False}, **request}
        return self.start({**short, **rest}, targets, name)

    def start(self, request: Any, targets: Sequence[Target] = (), name: str | None = None) -> Release:
        """Start an execution with any request at all."""
        client = self.cloud.client("stepfunctions")
        name = name or self.next_name()
        arn = client.start_execution(
            stateMachineArn=self.stack.outputs["StateMachineArn"], name=name, input=json.dumps(request)
        )["executionArn"]
        return Release(name, arn, client, self._watch, targets)

    def started(self, name: str, *targets: Target) -> Release:
        """Wait until somebody else has started a release of this name."""
        client, arn = self.cloud.client("stepfunctions"), self.execution(name)
        eventually(lambda: name in self._names(client), f"release {name}")
        return Release(name, arn, client, self._watch, targets)

    def releases_of(self, target: Target) -> list[str]:
        """Name the executions whose names begin with the target's function."""
        return self.releases_beginning(f"{target.name}-")

    def releases_beginning(self, prefix: str) -> list[str]:
        return [name for name in self._names(self.cloud.client("stepfunctions")) if name.startswith(prefix)]

    def _names(self, client: Any) -> list[str]:
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=self.stack.outputs["StateMachineArn"])
        return [execution["name"] for page in pages for execution in page["executions"]]

    def start_all(self, *starts: Start) -> dict[Start, Release]:
        """Have releases under way at the same time: they mostly wait."""
        with Pool(STARTED_AT_ONCE) as pool:
            return dict(zip(starts, pool.map(lambda start: start(self), starts), strict=True))

    @contextmanager
    def recovering(self, by: Sequence[str] = ("EveryMinute", "ExecutionEnded")) -> Iterator[None]:
        """Let recover be started by its schedule, by the end of executions, or by both."""
        self._switch_recover(on=True, rules=by)
        try:
            yield
        finally:
            self._switch_recover(on=False)

    def _switch_recover(self, *, on: bool, rules: Sequence[str] = ("EveryMinute", "ExecutionEnded")) -> None:
        for rule in rules:
            self._switch(f"RecoverFunction{rule}", on=on)

    @contextmanager
    def pruning(self) -> Iterator[None]:
        """Let prune be started by the end of executions."""
        self._switch("PruneFunctionExecutionSucceeded", on=True)
        try:
            yield
        finally:
            self._switch("PruneFunctionExecutionSucceeded", on=False)

    @contextmanager
    def releasing_updates(self) -> Iterator[None]:
        """Let updates of functions that are tagged so start releases."""
        self._switch("FunctionUpdated", on=True)
        try:
            yield
        finally:
            self._switch("FunctionUpdated", on=False)

    def _switch(self, rule: str, *, on: bool) -> None:
        client = self.cloud.client("events")
        switch = client.enable_rule if on else client.disable_rule
        switch(Name=self.stack.resources[rule])

    def step_function(self, step: str) -> str:
        """Name the function of a step: "Shift", "RollBack", "Recover"."""
        return self.stack.resources[f"{step}Function"]

    def call(self, step: str, event: Mapping[str, Any]) -> Any:
        """Invoke a step's function itself, as a late or a repeated invocation would."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.step_function(step), Qualifier="live", Payload=json.dumps(event).encode()
        )
        return json.loads(answer["Payload"].read())

    def recover(self, later: float = 0.0) -> Any:
        """Run recover by a clock that is so many seconds later."""
        with function_clock.ahead(later):
            return self.call("Recover", {})

    def time(self, later: float = 0.0) -> str:
        """Write the emulated time as Step Functions does."""
        return iso(datetime.fromtimestamp(self.cloud.clock.time() + later, UTC))

    def execution(self, name: str) -> str:
        """Give the ARN of the execution of a release, whether there is one or not."""
        return self.stack.outputs["StateMachineArn"].replace(":stateMachine:", ":execution:") + f":{name}"

    def plan_event(self, target: Target, name: str, execution: str) -> dict[str, Any]:
        """Give the event with which the state machine would have Plan look at one target."""
        event = self.plan_event_of([target.name], name, execution)
        return event | {"request": {"function": target.name, "alias": target.alias, "strategy": ONE_STEP}}

    def plan_event_of(self, functions: Sequence[str], name: str, execution: str) -> dict[str, Any]:
        """Give the event with which the state machine would have Plan look at these functions."""
        machine = self.cloud.client("stepfunctions").describe_state_machine(
            stateMachineArn=self.stack.outputs["StateMachineArn"]
        )
        settings = json.loads(machine["definition"])["States"]["Plan"]["Arguments"]["Payload"]["settings"]
        request = {"targets": [{"function": function} for function in functions], "strategy": ONE_STEP}
        return {
            "release": name,
            "now": self.time(),
            "execution": execution,
            "request": request,
            "settings": settings,
            "attempt": 0,
        }

    def lock(self, target: Target) -> dict[str, Any] | None:
        """Give what the ledger says of who holds an alias."""
        return next((item for item in self.ledger("locks") if item["sk"] == target.full_name), None)

    def unlocked(self, target: Target) -> None:
        """Wait until nobody holds the alias any more."""
        eventually(lambda: self.lock(target) is None, f"no lock on {target.full_name}")

    def record(self, release: Release) -> dict[str, Any] | None:
        items = self.ledger(f"release#{release.name}")
        return next((item for item in items if item["sk"] == "record"), None)

    def rolled_back(self, target: Target) -> list[str]:
        """Name the versions of an alias that the ledger remembers as rolled back."""
        items = self.ledger(f"alias#{target.full_name}")
        return [item["version"] for item in items if item["sk"].startswith("rolled-back#")]

    def ledger(self, partition: str) -> list[dict[str, Any]]:
        """Give every item of a partition of the ledger, in order."""
        pages = (
            self.cloud.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.stack.outputs["LedgerTable"],
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": partition}},
            )
        )
        read = TypeDeserializer().deserialize
        return [{key: read(value) for key, value in item.items()} for page in pages for item in page["Items"]]
