"""Checks of functions with provisioned concurrency, and of kinds of functions."""

from botocore.exceptions import ClientError

from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import ALIAS, Ground


@check(
    "provisioned-weights",
    "An alias takes weights while one of its versions has provisioned concurrency, which can be removed from the "
    "version while it is IN_PROGRESS",
    expected="weights taken, environments removed",
    otherwise="a release of such a function would be rolled back at its first step, and its environments left to "
    "Recover: set the parameter CarryProvisioned to false",
    source="lambda/latest/dg/provisioned-concurrency.html",
)
def provisioned_weights(ground: Ground) -> Seen:
    """Give version 1 one provisioned environment, then its alias 10 % of another version, then remove both."""
    client, name = ground.client("lambda"), ground.published("provisioned")
    here, second = {"FunctionName": name, "Qualifier": "1"}, ground.publish(name, Description="second")
    try:
        client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=1, **here)
    except ClientError as error:  # an account whose concurrency is too low for any
        return Seen(None, str(error))
    try:
        client.update_alias(FunctionName=name, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {second: 0.1}})
        client.update_alias(FunctionName=name, Name=ALIAS, RoutingConfig={"AdditionalVersionWeights": {}})
        client.delete_provisioned_concurrency_config(**here)
    except ClientError as error:
        return Seen(False, str(error))
    left = client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"]
    return same("weights taken, environments removed", f"weights taken, environments {'kept' if left else 'removed'}")


@check(
    "tenants",
    "A function with tenant isolation takes an invocation of a version that names a tenant, and refuses one that does "
    "not",
    expected="refused without a tenant, answered with one",
    otherwise="Plan would refuse a probe without a tenant that Lambda would run: name one anyway",
    source="lambda/latest/dg/tenant-isolation-invoke.html",
)
def tenants(ground: Ground) -> Seen:
    """Make a function with TenancyConfig, and invoke its version without and with a tenant."""
    client = ground.client("lambda")
    try:
        name = ground.published("tenants", TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    except ClientError as error:  # a Region or an account without it
        return Seen(None, str(error))
    here = {"FunctionName": name, "Qualifier": "1", "Payload": "{}"}
    try:
        client.invoke(**here)
    except ClientError as error:
        is_refused = error.response["Error"]["Code"] == "InvalidParameterValueException"
        without = "refused" if is_refused else str(error)
    else:
        without = "answered"
    answered = "FunctionError" not in client.invoke(TenantId="verify", **here)
    return same(
        "refused without a tenant, answered with one",
        f"{without} without a tenant, {'answered' if answered else 'failed'} with one",
    )
