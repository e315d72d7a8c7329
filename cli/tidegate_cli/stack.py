"""Tidegate's stack: its outputs and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tidegate.domain.partition import execution_link
from tidegate_cli.outcome import Outcome, Stop

OUTPUTS = ("StateMachineArn", "LedgerTable")


@dataclass(frozen=True)
class Stack:
    name: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    @property
    def state_machine(self) -> str:
        """The ARN of the state machine."""
        return self.outputs["StateMachineArn"]

    @property
    def ledger_table(self) -> str:
        return self.outputs["LedgerTable"]

    @cached_property
    def region(self) -> str:
        return self.state_machine.split(":")[3]

    @cached_property
    def account(self) -> str:
        return self.state_machine.split(":")[4]

    def alias(self, named: str | None) -> str:
        """Return the given alias, or the default alias of requests."""
        return named or self.parameters.get("DefaultAlias") or "live"

    def execution(self, release: str) -> str:
        """Return the ARN of a release's execution, even if it does not exist."""
        return f"{self.state_machine.replace(':stateMachine:', ':execution:')}:{release}"

    def console_link(self, release: str) -> str:
        """Link to the execution in the Step Functions console."""
        return execution_link(self.execution(release))


def find_stack(name: str) -> Stack:
    """Read the stack with DescribeStacks.

    Raises
    ------
    Stop
        When there is no such stack, or it lacks Tidegate's outputs.
    """
    import boto3
    from botocore.exceptions import ClientError

    session: Any = boto3  # there are no stubs for this service
    client = session.client("cloudformation")
    try:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        region = client.meta.region_name
        raise Stop(
            Outcome.FAILED,
            f"There is no stack {name!r} in {region}. Name Tidegate's stack with --stack or TIDEGATE_STACK "
            "(and --region), or deploy it: sam build && sam deploy --guided",
        ) from None
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    missing = [each for each in OUTPUTS if each not in outputs]
    if missing:
        raise Stop(
            Outcome.FAILED,
            f"Stack {name!r} is not Tidegate's, or is not fully deployed ({found['StackStatus']}): "
            f"it has no output {' and '.join(missing)}",
        )
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])}
    return Stack(name, outputs, parameters)
