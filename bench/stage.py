"""Tidegate on the local cloud, for the figures of whole releases."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from localcloud import LocalCloud

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
CODE = "def handler(event, context):\n    return {number}\n"
FACTOR = 60.0
PATIENCE = 300.0
"""Real seconds after which a release is given up."""

Events = list[dict[str, Any]]


class Stage:
    """A cloud with Tidegate deployed, functions to release, and releases of them."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self._folder = folder
        self._numbers = count(1)
        self._machine = cloud.deploy(TEMPLATE, {"FunctionPattern": "shop-*"}).outputs["StateMachineArn"]

    def function(self) -> str:
        """Create a function with an alias, and give `$LATEST` code that is yet to be released."""
        name = f"shop-{next(self._numbers)}"
        self.cloud.create_function(name, self._code(), alias="live")
        self.change(name)
        return name

    def change(self, name: str) -> None:
        self.cloud.update_code(name, self._code())

    def _code(self) -> Path:
        number = next(self._numbers)
        folder = self._folder / str(number)
        folder.mkdir()
        (folder / "app.py").write_text(CODE.format(number=number))
        return folder

    def release(self, *functions: str, **request: Any) -> Events:
        """Release, wait for the end, and give the history of the execution."""
        client = self.cloud.client("stepfunctions")
        wanted = {"targets": [{"function": name} for name in functions], **request}
        arn = client.start_execution(
            stateMachineArn=self._machine, name=f"bench-{next(self._numbers)}", input=json.dumps(wanted)
        )["executionArn"]
        gives_up = time.monotonic() + PATIENCE
        while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            if time.monotonic() > gives_up:
                raise TimeoutError(f"{arn} still runs after {PATIENCE:g} s")
            time.sleep(0.1)
        if found["status"] != "SUCCEEDED":
            raise RuntimeError(f"{arn} is {found['status']}: {found.get('error')}: {found.get('cause')}")
        pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]


@contextmanager
def stage() -> Iterator[Stage]:
    """Start a cloud whose functions are warm: a first release has been through every step."""
    with TemporaryDirectory() as folder, LocalCloud(factor=FACTOR) as cloud:
        ready = Stage(cloud, Path(folder))
        ready.release(ready.function(), strategy="canary-10-1m")
        yield ready


def entered(events: Events) -> list[str]:
    """Give the names of the states that were entered, in order."""
    return [event["stateEnteredEventDetails"]["name"] for event in events if event["type"].endswith("StateEntered")]
