"""Tidegate's stack in another Region or account, reached through a role of that account.

A Task of Step Functions reaches its own Region only (Step Functions guide, "Accessing resources in other AWS
accounts"): so these calls are a function's.
"""

import json
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.failures import code_of
from tidegate.aws.ledger import region_items
from tidegate.aws.ledger.table import decode, key
from tidegate.aws.regions import sessions
from tidegate.domain.errors import AwsBusy, AwsRefused, KeyUsedBefore
from tidegate.domain.ledger_items import LIVE, RECORD, Item, alias_partition, release_partition
from tidegate.domain.region_releases import STOPPED, RegionRelease
from tidegate.domain.region_sights import RegionSight
from tidegate.domain.schedule import MINUTE

MISSING = {"ExecutionDoesNotExist", "StateMachineDoesNotExist"}

SKEW = 5 * MINUTE
"""Seconds by which the clocks of Regions may differ."""


class Reach:
    """The stack of one Region; raises what boto3 raises, and AwsRefused if the role cannot be assumed."""

    def __init__(self, one: RegionRelease, role: str, since: int) -> None:
        """`since` is the start of the release: records of earlier releases with the same name do not count."""
        self._one = one
        self._role = role
        self._since = since

    def _of(self, service: str) -> Any:
        return sessions.client(service, self._role, self._one.region)

    def find(self) -> tuple[str, str]:
        """Return the ARN of the stack's state machine, and the name of its ledger.

        Raises
        ------
        AwsRefused
            When there is no such stack, or it is not Tidegate's.
        """
        where = f"{self._one.region} of account {self._one.account}"
        try:
            stack = self._of("cloudformation").describe_stacks(StackName=self._one.stack)["Stacks"][0]
        except ClientError as error:
            if code_of(error) != "ValidationError":
                raise
            raise AwsRefused(f"There is no stack {self._one.stack} in {where}: deploy Tidegate there.") from None
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
        machine, ledger = outputs.get("StateMachineArn"), outputs.get("LedgerTable")
        if not machine or not ledger:
            raise AwsRefused(
                f"The stack {self._one.stack} in {where} is not Tidegate, or is not deployed yet: "
                "name Tidegate's stack there, or wait until it is deployed."
            )
        return machine, ledger

    def start(self, name: str, request: Any) -> None:
        """Start an execution; the same one twice is one.

        Raises
        ------
        KeyUsedBefore
            When there is another one with this name.
        """
        client, text = self._of("stepfunctions"), json.dumps(request, sort_keys=True)
        try:
            client.start_execution(stateMachineArn=self._one.machine, name=name, input=text)
        except ClientError as error:
            if code_of(error) != "ExecutionAlreadyExists":
                raise
            execution = f"{self._one.machine.replace(':stateMachine:', ':execution:')}:{name}"
            if json.loads(client.describe_execution(executionArn=execution)["input"]) != request:
                raise KeyUsedBefore(
                    f"There is a release {name} with a different request in {self._one.region}; use another name."
                ) from None

    def stop(self) -> None:
        """Stop the release that is under way there; Recover, of that stack, restores its aliases."""
        why = "The release that started it ended, or failed in another Region."
        try:
            self._of("stepfunctions").stop_execution(executionArn=self._one.execution, error=STOPPED, cause=why)
        except ClientError as error:
            if code_of(error) not in MISSING:
                raise

    def look(self) -> RegionSight:
        """Return the state of the last release there."""
        found = self._described()
        record = self.record(self._one.execution.rpartition(":")[2]) or {}
        return RegionSight(
            status=found["status"] if found else None,
            error=(record.get("blame") or {}).get("error") or found.get("error", ""),
            cause=found.get("cause", ""),
            stopped=int(found["stopDate"].timestamp()) if "stopDate" in found else 0,
            recorded=bool(record),
            promoted=record.get("status") == "promoted",
            ended=record.get("ended", ""),
            outcome=record.get("outcome", ""),
            proof=record.get("proof", ""),
        )

    def _described(self) -> Any:
        try:
            return self._of("stepfunctions").describe_execution(executionArn=self._one.execution)
        except ClientError as error:
            if code_of(error) not in MISSING:
                raise
            return {}

    def released_by(self, targets: Sequence[Item], since: int) -> dict[str, str]:
        """Return the last release of each target that was released after `since`, by its name."""
        names = [f"{each['function']}:{each['alias']}" for each in targets]
        keys = [key(alias_partition(name), LIVE) for name in names]
        if not keys:
            return {}
        wanted = {self._one.table: {"Keys": keys, "ConsistentRead": True}}
        found = self._of("dynamodb").batch_get_item(RequestItems=wanted)
        if found.get("UnprocessedKeys"):
            raise AwsBusy("DynamoDB did not return all requested items.")
        items = map(decode, found["Responses"].get(self._one.table, []))
        return region_items.released_by(items, since)

    def record(self, name: str) -> dict[str, Any] | None:
        """Return the record of a release in the ledger there; None if there is none of this release."""
        wanted = {"TableName": self._one.table, "Key": key(release_partition(name), RECORD), "ConsistentRead": True}
        found = self._of("dynamodb").get_item(**wanted)
        record = decode(found["Item"]) if "Item" in found else None
        return record if record and record["started"] >= self._since - SKEW else None
