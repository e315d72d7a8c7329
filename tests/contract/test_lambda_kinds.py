"""Functions that isolate tenants, and functions on Lambda Managed Instances (Lambda guide, under these names)."""

from pathlib import Path
from typing import Any

from localcloud import LocalCloud
from localcloud.lambda_ import lifecycle
from tests.contract.lambda_calls import HEALTHY, answer, configuration, refused, source, until
from tests.kinds import MANAGED, TENANTS

TELLS = """
import os

def handler(event, context):
    return [context.tenant_id, os.getpid()]
"""
INVALID = "InvalidParameterValueException"


def test_each_tenant_has_environments_apart_and_every_call_names_one(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    cloud.create_function("kind-tenants", source(tmp_path, TELLS), alias="live", settings=TENANTS)
    here = {"name": "kind-tenants", "Qualifier": "live"}
    blue, green, again = (answer(client, TenantId=name, **here)["Payload"] for name in ("blue", "green", "blue"))
    assert [blue[0], green[0]] == ["blue", "green"]
    assert blue == again
    assert blue[1] != green[1]
    assert refused(client.invoke, FunctionName="kind-tenants")[:2] == (INVALID, 400)
    provisioned = {"FunctionName": "kind-tenants", "Qualifier": "1", "ProvisionedConcurrentExecutions": 1}
    assert refused(client.put_provisioned_concurrency_config, **provisioned)[0] == INVALID


def test_a_function_without_tenants_refuses_one(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("kind-plain", HEALTHY)
    assert refused(client.invoke, FunctionName="kind-plain", TenantId="blue")[:2] == (INVALID, 400)


def test_a_version_on_managed_instances_is_pending_first_and_unqualified_calls_are_not_of_latest(
    cloud: LocalCloud, client: Any
) -> None:
    cloud.create_function("kind-managed", HEALTHY, settings=MANAGED)
    with lifecycle.settling_in(600):
        assert client.publish_version(FunctionName="kind-managed")["State"] == "Pending"
    until(lambda: configuration(client, "kind-managed", Qualifier="1")["State"], lambda state: state == "Active")
    assert client.invoke(FunctionName="kind-managed", Qualifier="1")["StatusCode"] == 200
    assert refused(client.invoke, FunctionName="kind-managed")[0] == "NoPublishedVersionException"
