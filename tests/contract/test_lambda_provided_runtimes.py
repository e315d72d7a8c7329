"""Functions that bring their runtime along, and runtimes that do not run here (Lambda guide, "Custom runtimes")."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.contract.lambda_calls import answer, configuration, create, refused, until

IN_BASH = """#!/bin/bash
set -euo pipefail
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -LD "$headers" "$api/invocation/next")
  request=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
  echo "served $_HANDLER"
  case "$event" in
    '"fail"') curl -sS "$api/invocation/$request/error" -d '{"errorType": "Shop.Closed", "errorMessage": "no"}' ;;
    '"exit"') exit 3 ;;
    *) curl -sS "$api/invocation/$request/response" -d "{\\"event\\": $event, \\"folder\\": \\"$PWD\\"}" ;;
  esac
done
"""
IN_PYTHON = f"""#!{sys.executable}
import os
from http.client import HTTPConnection

runtime = "/2018-06-01/runtime/invocation/"
while True:
    api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    api.request("GET", runtime + "next")
    told = api.getresponse()
    event = told.read()
    api.request("POST", runtime + told.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", event)
    api.getresponse().read()
"""


def provided(cloud: LocalCloud, folder: Path, name: str, bootstrap: str, mode: int = 0o755, **options: Any) -> None:
    (folder / "bootstrap").write_text(bootstrap)
    (folder / "bootstrap").chmod(mode)
    cloud.create_function(name, folder, **{"runtime": "provided.al2023", "handler": "shop.order", **options})


@pytest.mark.skipif(not (shutil.which("curl") and os.access("/bin/bash", os.X_OK)), reason="bash or curl is missing")
def test_a_bootstrap_of_the_package_serves_by_the_runtime_api(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    """Lambda guide, "Tutorial: Building a custom runtime" and "Using the Lambda runtime API for custom runtimes"."""
    provided(cloud, tmp_path, "provided-bash", IN_BASH)
    told = answer(client, "provided-bash", {"order": 7})
    assert told["Payload"]["event"] == {"order": 7}
    assert told["Payload"]["folder"].startswith("/")
    assert told["Log"].startswith("INIT_START Runtime Version: provided:al2023")
    assert "served shop.order\n" in told["Log"]
    told = answer(client, "provided-bash", "fail")
    assert (told["FunctionError"], told["Payload"]["errorType"]) == ("Unhandled", "Shop.Closed")
    assert "Init Duration" not in told["Log"]
    message = answer(client, "provided-bash", "exit")["Payload"]["errorMessage"]
    assert message.endswith(" Error: Runtime exited with error: exit status 3")
    assert "Init Duration" in answer(client, "provided-bash")["Log"]


def test_any_program_may_be_the_bootstrap(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    provided(cloud, tmp_path, "provided-python", IN_PYTHON, runtime="provided.al2")
    assert [answer(client, "provided-python", n)["Payload"] for n in (1, 2)] == [1, 2]


def test_a_bootstrap_that_cannot_be_executed_is_an_invalid_entry_point(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    """Lambda guide, "Building a custom runtime for AWS Lambda": Runtime.InvalidEntrypoint, upon invocation."""
    provided(cloud, tmp_path, "provided-none", IN_PYTHON, mode=0o644)
    told = answer(client, "provided-none")
    assert told["Payload"]["errorType"] == "Runtime.InvalidEntrypoint"
    assert "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]" in told["Payload"]["errorMessage"]
    assert "Phase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint" in told["Log"]


@pytest.mark.parametrize("runtime", ["java21", "ruby3.4", "dotnet8", "nodejs16.x", "python2.7", "provided"])
def test_a_runtime_that_cannot_run_here_is_refused_at_once(cloud: LocalCloud, client: Any, runtime: str) -> None:
    said = (
        "The local cloud runs python3.*, provided.al2 and provided.al2023, and nodejs18.x, nodejs20.x and nodejs22.x "
        f"where node is installed; {runtime} does not run here. On AWS, Tidegate releases functions of every runtime."
    )
    expected = ("InvalidParameterValueException", 400, said)
    assert refused(create, cloud=cloud, name="other-runtime", Runtime=runtime) == expected
    name = f"python-then-{runtime.replace('.', '-')}"
    create(cloud, name)
    until(lambda: configuration(client, name), lambda seen: seen["State"] == "Active")
    assert refused(client.update_function_configuration, FunctionName=name, Runtime=runtime) == expected
