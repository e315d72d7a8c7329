"""The pins of what is installed and of what is deployed: all that is needed and nothing else, each file by its hash.

requirements/command.txt and build.txt are for the command, on every platform; functions/requirements.txt is deployed.
"""

import hashlib
import re
import subprocess
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from itertools import product
from pathlib import Path

import boto3
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tests.builders import NOON, SETTINGS
from tests.fakes.small_aws import small_aws
from tests.reading import ROOT
from tidegate.aws import clients
from tidegate.domain.errors import NotConfigured
from tidegate.domain.schedule import format_time
from tidegate.steps import plan

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
WHEELS_OF_A_PYTHON = 5
"""Linux and macOS on two processors, Windows on one: the least that a compiled package has to have for each Python."""

ENVIRONMENTS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": name,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    for python, (system, name) in product(PYTHONS, SYSTEMS.items())
]

WANTED = {
    "command.txt": PROJECT["project"]["dependencies"],
    "build.txt": PROJECT["build-system"]["requires"],
}


def pins(name: str) -> dict[NormalizedName, tuple[str, list[str]]]:
    """Give the version and the hashes of each package of a file."""
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    found = re.findall(r"^([\w.-]+)==(\S+) +(--hash.+)$", text, re.MULTILINE)
    return {
        canonicalize_name(package): (version, re.findall(r"sha256:([0-9a-f]{64})\b", hashes))
        for package, version, hashes in found
    }


def closure(wanted: Iterable[str]) -> set[NormalizedName]:
    """Give the names of all that is needed in any environment; what is not installed here is taken to need nothing."""
    names: set[NormalizedName] = set()
    waiting = [Requirement(text) for text in wanted]
    while waiting:
        each = waiting.pop()
        name = canonicalize_name(each.name)
        if name in names or not needed_somewhere(each):
            continue
        names.add(name)
        try:
            waiting += [Requirement(text) for text in distribution(name).requires or []]
        except PackageNotFoundError:
            continue
    return names


def needed_somewhere(requirement: Requirement) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate(each) for each in ENVIRONMENTS)


def is_compiled(name: str) -> bool:
    return "Root-Is-Purelib: false" in (distribution(name).read_text("WHEEL") or "")


@pytest.mark.parametrize(("name", "wanted"), WANTED.items())
def test_a_file_has_all_that_is_needed_and_nothing_else(name: str, wanted: list[str]) -> None:
    assert pins(name).keys() == closure(wanted)


def test_what_another_platform_needs_would_be_missed() -> None:
    somewhere = "hatchling; sys_platform == 'win32'"
    assert "pluggy" in closure([somewhere])
    assert closure(["pluggy; sys_platform == 'aix'"]) == set()


@pytest.mark.parametrize("name", WANTED)
def test_the_versions_are_those_that_the_tests_run_on(name: str) -> None:
    lines = (ROOT / "requirements/dev.txt").read_text().split()
    tested = {canonicalize_name(package): version for package, _, version in (line.partition("==") for line in lines)}
    assert {package: tested[package] for package in pins(name)} == {
        package: version for package, (version, _) in pins(name).items()
    }


@pytest.mark.parametrize("name", WANTED)
def test_every_file_of_a_package_has_its_hash(name: str) -> None:
    for package, (_, hashes) in pins(name).items():
        assert len(set(hashes)) == len(hashes) >= (WHEELS_OF_A_PYTHON * len(PYTHONS) if is_compiled(package) else 1)


@pytest.mark.parametrize("name", WANTED)
def test_pip_takes_wheels_alone_and_asks_where_it_is_told_to(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    options = {line for line in text.splitlines() if line.startswith("-")}
    assert options == {"--only-binary :all:", "--require-hashes"}
    assert "://" not in text


def test_the_pins_of_a_release_are_these_and_the_wheel_by_its_hash(tmp_path: Path) -> None:
    wheel = tmp_path / "tidegate-1.2.3-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    done = subprocess.run([ROOT / ".ci/pins", wheel], capture_output=True, text=True, check=True)
    added = done.stdout.removeprefix((ROOT / "requirements/command.txt").read_text())
    assert added.split() == ["tidegate==1.2.3", "\\", f"--hash=sha256:{hashlib.sha256(b'wheel').hexdigest()}"]


def installing(path: str) -> list[str]:
    """Give the lines of a file that have pip install something."""
    text = (ROOT / path).read_text().replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if "pip install" in line]


def test_the_action_installs_by_hash_before_it_takes_the_role() -> None:
    packages, ours = installing("action.yml")
    assert re.findall(r"requirements/(\w+\.txt)", packages) == list(WANTED)
    assert {"--no-index", "--no-deps", "--no-build-isolation"} < set(ours.split())
    first, second, _ = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    assert ("pip install" in first["run"], "configure-aws-credentials" in second["uses"]) == (True, True)


@pytest.mark.parametrize("path", ["docs/ci/gitlab.yml", "docs/ci/buildspec.yml"])
def test_a_recipe_installs_the_wheel_and_what_it_needs_by_hash(path: str) -> None:
    (line,) = installing(path)
    assert re.search(r'pip install .*--find-links "\$TIDEGATE_WHEEL" --requirement "\$TIDEGATE_PINS"$', line)


@pytest.mark.parametrize("path", ["docs/ci/github.yml", "docs/ci/github-long.yml"])
def test_a_job_for_github_has_no_credentials_before_the_command_is_installed(path: str) -> None:
    for job in yaml.safe_load((ROOT / path).read_text())["jobs"].values():
        first = job["steps"][0]
        assert first["uses"].startswith("OWNER/tidegate@")
        assert {"role-to-assume", "aws-region"} < first["with"].keys()


DIRECT = {"aws-lambda-powertools", "boto3", "pydantic"}
"""What the code of the functions imports; the rest is needed by these."""

LAMBDA = {"python_version": "3.13", "python_full_version": "3.13.0", "sys_platform": "linux", "os_name": "posix"} | {
    "platform_machine": "aarch64", "platform_system": "Linux", "implementation_name": "cpython", "extra": ""
}  # fmt: skip
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:tidegate-release:release-1"
DEPLOYED = (ROOT / "functions/requirements.txt").read_text()
DEPLOYED_PINS = {
    str(canonicalize_name(name)): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", DEPLOYED, re.MULTILINE)
}

PLATFORMS = 5
"""Lambda's, and those on which `sam build` runs, which fetches wheels for its own machine first: macOS and Linux, two
processors each, and Windows."""


def needed_in_lambda_by(name: str) -> list[Requirement]:
    every = [Requirement(text) for text in distribution(name).requires or []]
    return [each for each in every if each.marker is None or each.marker.evaluate(LAMBDA)]


@pytest.mark.parametrize("name", DEPLOYED_PINS)
def test_whatever_a_pinned_package_needs_is_pinned_as_it_needs_it(name: str) -> None:
    assert distribution(name).version == DEPLOYED_PINS[name], "the tests run on the version that is deployed"
    for needed in needed_in_lambda_by(name):
        assert needed.specifier.contains(DEPLOYED_PINS[canonicalize_name(needed.name)]), f"{name} needs {needed}"


def test_nothing_is_deployed_that_nobody_needs() -> None:
    reached, following = set[str](), set(DIRECT)
    while following:
        reached |= following
        following = {
            str(canonicalize_name(each.name)) for name in following for each in needed_in_lambda_by(name)
        } - reached
    assert reached == set(DEPLOYED_PINS)


@pytest.mark.parametrize("name", DEPLOYED_PINS)
def test_every_wheel_that_is_deployed_has_a_hash(name: str) -> None:
    """A package with code for one platform has a wheel, and so a hash, for each of those that build or run it."""
    of_pin = re.compile(rf"^{name}==\S+((?: \\\n    --hash=sha256:[0-9a-f]{{64}})+)$", re.MULTILINE)
    (found,) = of_pin.findall(DEPLOYED)
    tags = distribution(name).read_text("WHEEL") or ""
    pure = "Root-Is-Purelib: true" in tags
    assert found.count("--hash=") >= (1 if pure else PLATFORMS)


def test_no_registry_is_named_for_what_is_deployed() -> None:
    assert not re.search("://|index-url|find-links", DEPLOYED)


def test_the_command_wants_the_sdk_that_knows_what_the_functions_know() -> None:
    """An older one leaves members of answers out that it does not know: a change of them alone would not be seen."""
    assert f"boto3>={DEPLOYED_PINS['boto3']}" in PROJECT["project"]["dependencies"]


def test_plan_refuses_to_release_with_an_older_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of the two boto3 Lambda imports is not verified."""
    assert ".".join(map(str, clients.TESTED_SDK)) == DEPLOYED_PINS["boto3"]
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
