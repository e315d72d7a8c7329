"""Versions of functions, as moto's front sees functions."""

import threading
import uuid
from typing import Any

from moto.awslambda.models import LambdaFunction

from localcloud.clock import current
from localcloud.lambda_ import errors, lifecycle
from localcloud.lambda_.backends import calls_of
from localcloud.lambda_.definition import Definition
from localcloud.lambda_.naming import function_arn
from localcloud.lambda_.presentation import code_location, configuration
from localcloud.lambda_.runtime.executable import Executable

LATEST = "$LATEST"
CREATING = {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}
IDLE = {"StateReason": "The function is idle.", "StateReasonCode": "Idle"}
RESTORING = {"StateReason": "The function is being restored.", "StateReasonCode": "Restoring"}


def new_revision() -> str:
    return str(uuid.uuid4())


class FunctionVersion(LambdaFunction):
    """One version: a definition, its state, and what else belongs to a qualifier (policy, revision)."""

    def __init__(self, account_id: str, region: str, name: str, version: str, definition: Definition) -> None:
        # moto parses and loads a specification of its own here; ours is in `definition`.
        nothing = {"Code": {}, "FunctionName": name, "Role": definition.settings["Role"]}
        super().__init__(account_id, nothing, region, version)
        self.definition = definition
        self.revision_id = new_revision()
        self.last_modified = timestamp()
        self.state = "Pending"
        self.state_reason: dict[str, str] = CREATING
        self.creating: lifecycle.Settling | None = None
        self._sleep: lifecycle.Sleep | None = None
        self.runtime_management = {"UpdateRuntimeOn": "Auto"}
        self.executable: Executable | None = None  # made at the first invocation
        self._lock = threading.RLock()

    def settle(self) -> None:
        """Bring the state up to the emulated time."""
        with self._lock:
            if self.creating and self.creating.done:
                self.creating = self._sleep = None
                self.state, self.state_reason = "Active", {}
            if self.state == "Active" and (sleep := lifecycle.sleep_of(self.function_name, str(self.version))):
                self._sleep = sleep
                self.state, self.state_reason = "Inactive", IDLE

    def give_up_if_stuck(self) -> bool:
        """Touching what is Pending for too long cancels it.

        Lambda developer guide, "Troubleshoot invocation issues".
        """
        if self.creating is None or not self.creating.stuck:
            return False
        self.creating = None
        self.state = "Failed"
        self.state_reason = {
            "StateReasonCode": "InternalError",
            "StateReason": "The pending operation was cancelled.",
        }
        return True

    def touch(self) -> None:
        self.revision_id = new_revision()

    def status(self) -> dict[str, str]:
        """State and LastUpdateStatus members; a version that is Pending has no LastUpdateStatus at all."""
        status = {"State": self.state, **self.state_reason}
        return {**status, "LastUpdateStatus": "Successful"} if self.state == "Active" else status

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:  # noqa: ARG002 - moto's signature
        self.settle()
        return {**self.summary(), **self.status(), **self._runtime_version()}

    def summary(self) -> dict[str, Any]:
        """Give what list calls show: everything but states."""
        layers = calls_of(self.account_id, self.region).describe_layers(self.definition)
        return {
            **configuration(self.definition, self.function_name, layers),
            "FunctionArn": self.function_arn,
            "LastModified": self.last_modified,
            "RevisionId": self.revision_id,
            "Version": str(self.version),
        }

    def _runtime_version(self) -> dict[str, Any]:
        if "Runtime" not in self.definition.settings:
            return {}
        arn = f"arn:aws:lambda:{self.region}::runtime:{self.definition.settings['Runtime']}"
        return {"RuntimeVersionConfig": {"RuntimeVersionArn": arn}}

    def get_code(self) -> dict[str, Any]:
        return {"Configuration": self.get_configuration(), "Code": code_location(self.definition.code, self.region)}

    def invoke(self, body: str, request_headers: Any, response_headers: Any) -> bytes:
        """Run this function or version for another of moto's services."""
        backend = calls_of(self.account_id, self.region)
        return backend.invoke(self.function_arn, None, body, request_headers, response_headers)

    def is_created(self) -> bool:
        """Tell CloudFormation that there is nothing to wait for."""
        return True

    @classmethod
    def delete_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],  # noqa: ARG003 - moto's signature
        account_id: str,
        region_name: str,
    ) -> None:
        calls_of(account_id, region_name).delete_function(resource_name)

    def check_invocable(self) -> None:
        """Raise what Lambda answers where it cannot run this now; one that is idle begins to wake up."""
        self.settle()
        if self.state == "Active":
            return
        refused = errors.not_ready(self._sleep.code if self._sleep else "ResourceConflictException", self.state)
        if self._sleep and self.state == "Inactive":
            self.state, self.state_reason = "Pending", RESTORING
            self.creating = lifecycle.waking(self._sleep)
        raise refused

    @property
    def serving(self) -> Definition:
        """What an invocation that starts now runs."""
        return self.definition


class NumberedVersion(FunctionVersion):
    """A published version: its definition never changes."""

    def __init__(self, latest: FunctionVersion, number: int, definition: Definition, *, at_once: bool) -> None:
        super().__init__(latest.account_id, latest.region, latest.function_name, str(number), definition)
        self.function_arn = function_arn(self.region, self.account_id, self.function_name, str(number))
        self.runtime_management = latest.runtime_management
        self.creating = lifecycle.publication(self.function_name, at_once=at_once)
        if self.creating is None:
            self.state, self.state_reason = "Active", {}


def timestamp() -> str:
    return current().now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
