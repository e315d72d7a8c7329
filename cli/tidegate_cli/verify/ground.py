"""What the checks stand on: small functions, state machines and one role, made on first use under one prefix."""

import io
import json
import time
import zipfile
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from tidegate.domain.partition import partition_of
from tidegate.domain.schedule import MINUTE

if TYPE_CHECKING:
    from tidegate_cli.stack import Stack

PREFIX = "tidegate-verify-"
TAG = "tidegate:verify"
RUNTIME = "python3.13"
ALIAS = "live"
ROLE_SECONDS = 90.0
"""How long a new role may be unknown to the services that take it."""

PASS_SECONDS = 10.0
ENDED = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}
SERVICES = [f"{name}.{partition_of('').domain}" for name in ("lambda", "states", "events", "scheduler")]
"""Service principals, which have the same names in every partition."""

Answer = TypeVar("Answer")


class Invoked(NamedTuple):
    """How an invocation went; `log` is the end of its log."""

    version: str
    payload: Any
    error: str
    log: str


@dataclass
class Ground:
    """One account and Region, and what was made there.

    `client` returns the boto3 client of a service, here or in the Region that is given too, `now` the time of that
    cloud in seconds since 1970, `stack` finds Tidegate's stack.
    """

    client: Callable[..., Any]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    run: str
    stack: "Callable[[], Stack] | None" = None
    _functions: set[str] = field(default_factory=set)
    _shared: dict[str, Any] = field(default_factory=dict)

    def name(self, kind: str) -> str:
        return f"{PREFIX}{self.run}-{kind}"

    @property
    def tags(self) -> dict[str, str]:
        return {TAG: self.run}

    @property
    def tag_list(self) -> list[dict[str, str]]:
        return [{"Key": TAG, "Value": self.run}]

    def shared(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Return what several checks share; it is made once."""
        if name not in self._shared:
            self._shared[name] = make()
        made: Answer = self._shared[name]
        return made

    # Waiting.

    def wait_until(self, moment: float) -> None:
        while (left := moment - self.now()) > 0:
            self.sleep(min(left, 2.0))

    def until(self, look: Callable[[], Answer], seconds: float) -> Answer:
        """Return the first truthy answer, or the last one after so many seconds."""
        deadline = self.now() + seconds
        while not (answer := look()) and self.now() < deadline:
            self.sleep(2.0)
        return answer

    # The role.

    @cached_property
    def identity(self) -> tuple[str, str]:
        """Return partition and account."""
        arn = self.client("sts").get_caller_identity()["Arn"].split(":")
        return arn[1], arn[4]

    def arn(self, service: str, resource: str) -> str:
        region = self.client("lambda").meta.region_name
        return f"arn:{self.identity[0]}:{service}:{region}:{self.identity[1]}:{resource}"

    @cached_property
    def role(self) -> str:
        """Make the role of all functions and state machines; return its ARN."""
        trust = {"Effect": "Allow", "Principal": {"Service": SERVICES}, "Action": "sts:AssumeRole"}
        iam, name = self.client("iam"), self.name("role")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy_of(trust), Tags=self.tag_list)
        permitted = policy_of(
            _allow(["logs:CreateLogStream", "logs:PutLogEvents"], self.arn("logs", f"log-group:/aws/lambda/{PREFIX}*")),
            _allow(["lambda:InvokeFunction"], self.arn("lambda", f"function:{self.name('*')}")),
            _allow(["lambda:DeleteFunction"], self.arn("lambda", f"function:{self.name('*')}:*")),
        )
        iam.put_role_policy(RoleName=name, PolicyName="verify", PolicyDocument=permitted)
        self.sleep(PASS_SECONDS)
        return str(made["Role"]["Arn"])

    def once_role_is_known(self, make: Callable[[], Answer]) -> Answer:
        """Make something that takes the new role, again while the service does not know the role yet."""
        deadline = self.now() + ROLE_SECONDS
        while True:
            try:
                return make()
            except ClientError as error:
                if "role" not in str(error).lower() or "not authorized" in str(error) or self.now() > deadline:
                    raise
            self.sleep(5.0)

    # Functions.

    def function(self, kind: str, *, files: Mapping[str, str] | None = None, **settings: Any) -> str:
        """Make a function that does what its events say, unless it is there; return its name."""
        name = self.name(kind)
        if name in self._functions:
            return name
        group = f"/aws/lambda/{name}"
        self.client("logs").create_log_group(logGroupName=group, tags=self.tags)  # its role may make none
        made = {"Runtime": RUNTIME, "Handler": "handler.handler", "Timeout": 60, "MemorySize": 128} | settings
        self.once_role_is_known(
            lambda: self.client("lambda").create_function(
                FunctionName=name, Role=self.role, Code={"ZipFile": package(files)}, Tags=self.tags, **made
            )
        )
        self._functions.add(name)
        self.settled(name)
        return name

    def settled(self, name: str) -> dict[str, Any]:
        """Wait until a function can be changed and invoked; return its configuration."""

        def look() -> dict[str, Any]:
            found: dict[str, Any] = self.client("lambda").get_function_configuration(FunctionName=name)
            is_ready = found.get("State") == "Active" and found.get("LastUpdateStatus") != "InProgress"
            return found if is_ready else {}

        return self.until(look, 2 * MINUTE)

    def published(self, kind: str, **settings: Any) -> str:
        """Make a function with the alias `live` on version 1; return its name."""
        name = self.name(kind)
        if name not in self._functions:
            self.function(kind, **settings)
            self.publish(name)
            self.client("lambda").create_alias(FunctionName=name, Name=ALIAS, FunctionVersion="1")
        return name

    def publish(self, name: str, **settings: Any) -> str:
        """Change the configuration, if so told, and publish; return the version once it can be invoked."""
        client = self.client("lambda")
        if settings:
            client.update_function_configuration(FunctionName=name, **settings)
        self.settled(name)
        version = str(client.publish_version(FunctionName=name)["Version"])
        self.settled(f"{name}:{version}")
        return version

    def change_code(self, name: str, text: str) -> None:
        files = {"change.txt": text}
        self.client("lambda").update_function_code(FunctionName=name, ZipFile=package(files))
        self.settled(name)

    def invoke(self, name: str, qualifier: str = "", **event: Any) -> Invoked:
        """Invoke a version, an alias or, without a qualifier, the unqualified function."""
        where = {"FunctionName": name} | ({"Qualifier": qualifier} if qualifier else {})
        answer = self.client("lambda").invoke(**where, LogType="Tail", Payload=json.dumps(event))
        log = b64decode(answer.get("LogResult", "")).decode(errors="replace")
        payload = json.loads(answer["Payload"].read() or "null")
        return Invoked(answer.get("ExecutedVersion", ""), payload, answer.get("FunctionError", ""), log)

    def events(self, name: str, pattern: str = "", **where: Any) -> list[dict[str, Any]]:
        """Return the events of a function's log group that match."""
        pages = self.client("logs").get_paginator("filter_log_events")
        asked = {"logGroupName": f"/aws/lambda/{name}", "filterPattern": pattern, **where}
        return [event for page in pages.paginate(**asked) for event in page["events"]]

    # State machines.

    def task(self, name: str, payload: Any, **more: Any) -> dict[str, Any]:
        """Write a state that invokes a function."""
        resource = f"arn:{self.identity[0]}:states:::lambda:invoke"
        arguments = {"FunctionName": name, "Payload": payload}
        return {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True} | more

    def start(self, kind: str, states: Mapping[str, Any], payload: Any = None) -> str:
        """Make a state machine of these states, and start it; return the execution's ARN."""
        client = self.client("stepfunctions")
        definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states})
        made = self.once_role_is_known(
            lambda: client.create_state_machine(
                name=f"{self.name(kind)}-{int(self.now() * 1000)}",
                definition=definition,
                roleArn=self.role,
                tags=[{"key": TAG, "value": self.run}],
            )
        )
        started = client.start_execution(stateMachineArn=made["stateMachineArn"], input=json.dumps(payload or {}))
        return str(started["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Wait until an execution has ended; return what DescribeExecution answers."""

        def look() -> dict[str, Any]:
            found: dict[str, Any] = self.client("stepfunctions").describe_execution(executionArn=execution)
            return found if found["status"] in ENDED else {}

        return self.until(look, 3 * MINUTE)

    def history(self, execution: str) -> list[dict[str, Any]]:
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        return [event for page in pages.paginate(executionArn=execution) for event in page["events"]]

    # Metrics.

    def metric(
        self, metric: str, stat: str, start: float, dimensions: Mapping[str, str], minutes: int = 1
    ) -> list[float]:
        """Return the values of a metric of Lambda, of which each stands for so many minutes from `start` on."""
        named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        period = minutes * MINUTE
        what = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": named}
        answer = self.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": what, "Period": period, "Stat": stat}}],
            StartTime=datetime.fromtimestamp(start, UTC),
            EndTime=datetime.fromtimestamp(start + period, UTC),
        )
        return list(answer["MetricDataResults"][0]["Values"])


def package(files: Mapping[str, str] | None = None) -> bytes:
    """Zip the handler, and more files beside it; the same files give the same bytes."""
    source = Path(__file__).with_name("handler.py").read_text(encoding="utf-8")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in {"handler.py": source, **(files or {})}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return written.getvalue()


def real_now(client: Callable[[str], Any]) -> Callable[[], float]:
    """Return AWS's word for what time it is: the Date of an answer."""
    from email.utils import parsedate_to_datetime

    def now() -> float:
        said = client("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"].get("date")
        return parsedate_to_datetime(said).timestamp() if said else time.time()

    return now


def policy_of(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(actions: list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}
