"""What the contract tests of Lambda share: sample functions, calls that wait, and errors as they arrive."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from localcloud.deploy.functions import zipped

HEALTHY = Path(__file__).parent.parent / "functions" / "healthy"
FUNCTIONS = Path(__file__).parent.parent / "functions"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
ROLE_NAME = "contract-lambda"
ROLE = f"arn:aws:iam::123456789012:role/{ROLE_NAME}"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
PATIENCE_SECONDS = 60


def zip_of(sample: str) -> bytes:
    return zipped(FUNCTIONS / sample)


def source(folder: Path, text: str) -> Path:
    """Write a function of one module into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_text(text)
    return folder


def role(cloud: LocalCloud, name: str = ROLE_NAME) -> str:
    """Give the ARN of a role that functions may have."""
    iam = cloud.client("iam")
    try:
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"])


def create(cloud: LocalCloud, name: str, **options: Any) -> dict[str, Any]:
    """Call CreateFunction, and do not wait."""
    arguments: dict[str, Any] = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Role": role(cloud),
        "Handler": "app.handler",
        "Code": {"ZipFile": zip_of("healthy")},
        **options,
    }
    created: dict[str, Any] = cloud.client("lambda").create_function(**arguments)
    return created


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, int, str]:
    """Make a call that must fail: the error's name, HTTP code and message."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return (
        response["Error"]["Code"],
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Message"],
    )


def configuration(client: Any, name: str, **qualified: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_function(FunctionName=name, **qualified)["Configuration"]
    return found


def settled(client: Any, name: str) -> dict[str, Any]:
    """Wait until the function's update is no longer in progress."""
    until(lambda: configuration(client, name), lambda seen: seen.get("LastUpdateStatus") != "InProgress")
    return configuration(client, name)


def until(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not wanted(seen := look()):
        assert time.monotonic() < deadline, f"still {seen}"
        time.sleep(0.01)
    return seen


def configure(client: Any, name: str, **changes: Any) -> dict[str, Any]:
    """Update the configuration and wait until it has settled."""
    client.update_function_configuration(FunctionName=name, **changes)
    return settled(client, name)


def publish(client: Any, name: str, **changes: Any) -> str:
    """Change the configuration, so that there is something to publish, and publish it."""
    if changes:
        configure(client, name, **changes)
    return str(client.publish_version(FunctionName=name)["Version"])


def answer(client: Any, name: str, event: Any = None, **options: Any) -> dict[str, Any]:
    """Invoke, and read the payload and the log's tail."""
    told: dict[str, Any] = client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail", **options)
    told["Payload"] = json.load(told["Payload"])
    told["Log"] = base64.b64decode(told["LogResult"]).decode()
    return told


def report_of(log: str) -> str:
    (line,) = [line for line in log.split("\n") if line.startswith("REPORT ")]
    return line


def provisioned(client: Any, name: str, qualifier: str) -> dict[str, Any]:
    """Wait until provisioned concurrency is no longer in progress, and give its configuration."""
    until(
        lambda: client.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)["Status"],
        lambda status: status != "IN_PROGRESS",
    )
    config: dict[str, Any] = client.get_provisioned_concurrency_config(FunctionName=name, Qualifier=qualifier)
    return config
