"""Environments that provisioned concurrency starts ahead (Lambda guide, "Configuring provisioned concurrency")."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.lambda_.runtime import environment
from tests.contract.lambda_calls import answer, provisioned, publish, source

STARTS = """
import os, time
kind, began = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], time.monotonic()

def handler(event, context):
    time.sleep(event["seconds"])
    return [kind, os.getpid(), began]
"""


def started(client: Any, name: str, qualifier: str, seconds: float = 0.0) -> tuple[str, int, float]:
    """Tell how the environment that serves was initialised, its process, and when (of time.monotonic)."""
    kind, process, began = answer(client, name, {"seconds": seconds}, Qualifier=qualifier)["Payload"]
    return kind, process, began


def test_provisioned_environments_are_initialised_ahead_and_used_first(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    """Lambda guide, "Defined runtime environment variables" (AWS_LAMBDA_INITIALIZATION_TYPE); what exceeds them is
    on demand ("Understanding function scaling", "Understanding provisioned concurrency").
    """
    cloud.create_function("conc-ahead", source(tmp_path, STARTS), alias="live")
    assert started(client, "conc-ahead", "live")[0] == "on-demand"
    client.put_provisioned_concurrency_config(
        FunctionName="conc-ahead", Qualifier="live", ProvisionedConcurrentExecutions=2
    )
    assert provisioned(client, "conc-ahead", "live")["Status"] == "READY"
    invoked = time.monotonic()
    seen = [started(client, "conc-ahead", "live") for _ in range(3)]
    assert {kind for kind, _, _ in seen} == {"provisioned-concurrency"}
    assert all(began < invoked for _, _, began in seen)
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda _: started(client, "conc-ahead", "live", 0.5), range(4)))
    assert sorted(kind for kind, _, _ in at_once) == ["on-demand"] * 2 + ["provisioned-concurrency"] * 2
    assert len({process for _, process, _ in at_once}) == 4
    client.delete_provisioned_concurrency_config(FunctionName="conc-ahead", Qualifier="live")
    assert started(client, "conc-ahead", "live")[0] == "on-demand"


def test_provisioned_environments_follow_their_alias(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    """Lambda guide, "Configuring provisioned concurrency": it is allocated for the version that the alias points to."""
    cloud.create_function("conc-follow", source(tmp_path, STARTS), alias="live")
    here = {"FunctionName": "conc-follow", "Qualifier": "live"}
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=1, **here)
    assert provisioned(client, "conc-follow", "live")["Status"] == "READY"
    second = publish(client, "conc-follow", Description="another")
    client.update_alias(FunctionName="conc-follow", Name="live", FunctionVersion=second)
    assert provisioned(client, "conc-follow", "live")["Status"] == "READY"
    assert started(client, "conc-follow", second)[0] == "provisioned-concurrency"
    assert started(client, "conc-follow", "1")[0] == "on-demand"


def test_an_init_ahead_may_take_longer_and_is_not_run_again(
    cloud: LocalCloud, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda guide, "Understanding the Lambda execution environment lifecycle": 130 s, or the time-out if longer."""
    monkeypatch.setattr(environment, "INIT_LIMIT_SECONDS", 0.2)
    cloud.create_function("conc-late", source(tmp_path, f"import time\ntime.sleep(0.6)\n{STARTS}"))
    version = publish(client, "conc-late")
    client.put_provisioned_concurrency_config(
        FunctionName="conc-late", Qualifier=version, ProvisionedConcurrentExecutions=1
    )
    assert provisioned(client, "conc-late", version)["Status"] == "READY"
    assert started(client, "conc-late", version)[0] == "provisioned-concurrency"
