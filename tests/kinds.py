"""Settings that make a function one of a special kind."""

from collections.abc import Mapping
from typing import Any

TENANTS: Mapping[str, Any] = {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}
MANAGED: Mapping[str, Any] = {
    "CapacityProviderConfig": {
        "LambdaManagedInstancesCapacityProviderConfig": {
            "CapacityProviderArn": "arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool"
        }
    }
}
