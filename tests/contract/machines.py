"""Helpers for tests that run state machines."""

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localcloud import LocalCloud

FUNCTIONS = Path(__file__).parent / "functions"
PATIENCE_SECONDS = 60.0

_numbers = itertools.count(1)


def eventually(check: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Give the first truthy answer; fail when none comes in time."""
    deadline = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {check}"
        time.sleep(0.02)
    return answer


def allow_everything(cloud: LocalCloud, service: str) -> str:
    """Create a role which that service may take and which may do everything."""
    iam = cloud.client("iam")
    name = f"role-{next(_numbers)}"
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=policy(everything))
    return str(role["Role"]["Arn"])


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Machines:
    """Creates state machines from states and runs them."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.client = cloud.client("stepfunctions")
        self.role = allow_everything(cloud, "states.amazonaws.com")

    def create(self, states: dict[str, Any], **fields: Any) -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields}
        created = self.client.create_state_machine(
            name=f"machine-{next(_numbers)}", definition=json.dumps(definition), roleArn=self.role
        )
        return str(created["stateMachineArn"])

    def start(self, states: dict[str, Any], state_input: Any = None, **fields: Any) -> str:
        started = self.client.start_execution(
            stateMachineArn=self.create(states, **fields), input=json.dumps(state_input or {})
        )
        return str(started["executionArn"])

    def run(self, states: dict[str, Any], state_input: Any = None, **fields: Any) -> dict[str, Any]:
        return self.ended(self.start(states, state_input, **fields))

    def output(self, states: dict[str, Any], state_input: Any = None) -> Any:
        ended = self.run(states, state_input)
        assert ended["status"] == "SUCCEEDED", ended
        return json.loads(ended["output"])

    def ended(self, execution: str) -> dict[str, Any]:
        def described() -> dict[str, Any] | None:
            found: dict[str, Any] = self.client.describe_execution(executionArn=execution)
            return found if found["status"] != "RUNNING" else None

        result: dict[str, Any] = eventually(described)
        return result

    def history(self, execution: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.client.get_execution_history(executionArn=execution)["events"]
        return events

    def reached(self, execution: str, state: str) -> None:
        """Wait until the execution has entered the state."""
        eventually(lambda: state in self.entered(execution))

    def entered(self, execution: str) -> list[str]:
        details = [event.get("stateEnteredEventDetails") for event in self.history(execution)]
        return [detail["name"] for detail in details if detail]
