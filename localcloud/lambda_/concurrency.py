"""Reserved and provisioned concurrency (errors as LocalStack's snapshot tests recorded them on AWS)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.clock import current
from localcloud.lambda_ import errors, lifecycle

ACCOUNT_LIMIT = 1000
MINIMUM_UNRESERVED = 100


@dataclass
class Provisioned:
    """A provisioned concurrency configuration of one version or alias."""

    requested: int
    since: float
    failed: bool = False
    initialised: bool = False  # as many environments as are started ahead here

    @property
    def ready(self) -> bool:
        return self.initialised and not self.failed and current().time() >= self.since + lifecycle.settle_seconds

    def to_json(self) -> dict[str, Any]:
        available = self.requested if self.ready else 0
        shown: dict[str, Any] = {
            "RequestedProvisionedConcurrentExecutions": self.requested,
            "AvailableProvisionedConcurrentExecutions": available,
            "AllocatedProvisionedConcurrentExecutions": available,
            "Status": "FAILED" if self.failed else "READY" if self.ready else "IN_PROGRESS",
            "LastModified": current().now().strftime("%Y-%m-%dT%H:%M:%S+0000"),
        }
        if self.failed:
            shown["StatusReason"] = "FUNCTION_ERROR_INIT_FAILURE"
        return shown


def check_kind(settings: Mapping[str, Any]) -> None:
    """Refuse functions that have none (Lambda guide, "Tenant isolation" and "Lambda Managed Instances")."""
    for setting in ("TenancyConfig", "CapacityProviderConfig"):
        if setting in settings:
            raise errors.invalid(f"Provisioned Concurrency is not supported for functions with {setting}.")


def check_provisioned(requested: int, unreserved: int) -> None:
    """Hold the account's limits; `unreserved` is what other functions leave."""
    if requested < 1:
        constraint = "Member must have value greater than or equal to 1"
        raise errors.violates(requested, "provisionedConcurrentExecutions", constraint)
    if requested > unreserved:
        raise errors.invalid(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency "
            f"[{unreserved}]."
        )
    if unreserved - requested < MINIMUM_UNRESERVED:
        raise errors.invalid(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{MINIMUM_UNRESERVED}]."
        )


def check_reserved(requested: int, unreserved: int, provisioned: int) -> None:
    if unreserved - requested < MINIMUM_UNRESERVED:
        raise errors.invalid(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{MINIMUM_UNRESERVED}]."
        )
    if requested < provisioned:
        raise errors.invalid(  # the blanks are AWS's
            f" ReservedConcurrentExecutions  {requested} should not be lower than function's total "
            f"provisioned concurrency [{provisioned}]."
        )
