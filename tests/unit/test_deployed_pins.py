"""What the functions are deployed with: every package that is needed, each at one version, each wheel by its hash."""

import re
import tomllib
from importlib.metadata import distribution
from typing import Any

import boto3
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.builders import NOON, SETTINGS
from tests.fakes.small_aws import small_aws
from tests.reading import ROOT
from tidegate.aws import clients
from tidegate.domain.errors import NotConfigured
from tidegate.domain.schedule import format_time
from tidegate.steps import plan

DIRECT = {"aws-lambda-powertools", "boto3", "pydantic"}
"""What the code of the functions imports; the rest is needed by these."""

LAMBDA = {"python_version": "3.13", "python_full_version": "3.13.0", "sys_platform": "linux", "os_name": "posix"} | {
    "platform_machine": "aarch64", "platform_system": "Linux", "implementation_name": "cpython", "extra": ""
}  # fmt: skip
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:release-1"
DEPLOYED = (ROOT / "functions/requirements.txt").read_text()
PINS = {
    str(canonicalize_name(name)): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", DEPLOYED, re.MULTILINE)
}


PLATFORMS = 5
"""Lambda's, and those on which `sam build` runs, which fetches wheels for its own machine first: macOS and Linux, two
processors each, and Windows."""


def needed_by(name: str) -> list[Requirement]:
    every = [Requirement(text) for text in distribution(name).requires or []]
    return [each for each in every if each.marker is None or each.marker.evaluate(LAMBDA)]


@pytest.mark.parametrize("name", PINS)
def test_whatever_a_pinned_package_needs_is_pinned_as_it_needs_it(name: str) -> None:
    assert distribution(name).version == PINS[name], "the tests run on the version that is deployed"
    for needed in needed_by(name):
        assert needed.specifier.contains(PINS[canonicalize_name(needed.name)]), f"{name} needs {needed}"


def test_nothing_is_deployed_that_nobody_needs() -> None:
    reached, following = set[str](), set(DIRECT)
    while following:
        reached |= following
        following = {str(canonicalize_name(each.name)) for name in following for each in needed_by(name)} - reached
    assert reached == set(PINS)


@pytest.mark.parametrize("name", PINS)
def test_every_wheel_has_a_hash(name: str) -> None:
    """A package with code for one platform has a wheel, and so a hash, for each of those that build or run it."""
    of_pin = re.compile(rf"^{name}==\S+((?: \\\n    --hash=sha256:[0-9a-f]{{64}})+)$", re.MULTILINE)
    (found,) = of_pin.findall(DEPLOYED)
    tags = distribution(name).read_text("WHEEL") or ""
    pure = "Root-Is-Purelib: true" in tags
    assert found.count("--hash=") >= (1 if pure else PLATFORMS)


def test_no_registry_is_named() -> None:
    assert not re.search("://|index-url|find-links", DEPLOYED)


def test_the_command_wants_the_sdk_that_knows_what_the_functions_know() -> None:
    """An older one leaves members of answers out that it does not know: a change of them alone would not be seen."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"boto3>={PINS['boto3']}" in project["dependencies"]


def test_plan_refuses_to_release_with_an_older_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the two boto3 Lambda imports is not verified."""
    assert ".".join(map(str, clients.TESTED_SDK)) == PINS["boto3"]
    clients.refuse_older_sdk()
    monkeypatch.setattr(boto3, "__version__", "1.44.10")
    clients.refuse_older_sdk()
    monkeypatch.setattr(boto3, "__version__", "1.40.4")
    event = {
        "release": "release-1",
        "now": format_time(NOON),
        "execution": EXECUTION,
        "settings": SETTINGS,
        "attempt": 0,
    }
    with small_aws(), pytest.raises(NotConfigured, match=r"boto3 1\.40\.4 is installed, which is older than 1\.44\.5"):
        plan.handler({**event, "request": {"function": "checkout"}}, None)
