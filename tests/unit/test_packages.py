"""What is published: the template in the Serverless Application Repository, the wheel, and the one version of both."""

import hashlib
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud.deploy.template import transformed
from tests.reading import ROOT, TEMPLATE, template

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION = PROJECT["version"]

SUPPORTED = set((ROOT / "tests/unit/serverless_repository_types.txt").read_text().splitlines())
"""Types that the repository takes (Serverless Application Repository Developer Guide, List of Supported AWS Resources).

As of commit 5e8664b of awsdocs/aws-serverlessrepo-developer-guide (2021), the last that AWS published as text. The page
has grown since: a type that is missing here may be there.
"""

LIMITS = {
    "Name": (140, r"[a-zA-Z0-9\-]+"),
    "Description": (256, r".+"),
    "Author": (127, r"[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?"),
    "SemanticVersion": (256, r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?"),
}
"""Most characters, and pattern (AWS SAM Developer Guide, Metadata section properties)."""


def metadata() -> dict[str, Any]:
    found: dict[str, Any] = template()["Metadata"]["AWS::ServerlessRepo::Application"]
    return found


def test_the_template_has_only_what_the_serverless_application_repository_takes() -> None:
    assert "AWS::StepFunctions::StateMachineAlias" not in SUPPORTED
    made = transformed(TEMPLATE, {"FunctionPattern": "shop-*"}, "us-east-1")["Resources"]
    resources = [*template()["Resources"].values(), *made.values()]
    assert {each["Type"] for each in resources} - SUPPORTED == set()


@pytest.mark.parametrize("name", LIMITS)
def test_what_the_repository_shows_is_as_it_wants_it(name: str) -> None:
    most, pattern = LIMITS[name]
    assert len(metadata()[name]) <= most
    assert re.fullmatch(pattern, metadata()[name])


def test_the_labels_are_as_the_repository_wants_them() -> None:
    labels = metadata()["Labels"]
    assert len(labels) == len(set(labels)) <= 10
    assert all(re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label) for label in labels)


def test_licence_and_readme_are_files_that_are_there() -> None:
    assert metadata()["SpdxLicenseId"] == PROJECT["license"]
    assert (ROOT / metadata()["LicenseUrl"]).read_text().lstrip().startswith("Apache License")
    assert (ROOT / metadata()["ReadmeUrl"]).stat().st_size < 5_000_000


def test_the_application_that_is_packed_has_every_file_that_the_template_names() -> None:
    (copied,) = re.findall(r"^cp -R (.+) out/application$", (ROOT / ".ci/package").read_text(), re.MULTILINE)
    packed = {*copied.split(), "functions", "routing"}  # which are built
    paths = re.findall(r"(?:CodeUri|ContentUri|DefinitionUri|LicenseUrl|ReadmeUrl): ([\w./-]+)", TEMPLATE.read_text())
    assert len(set(paths)) >= 4
    assert [path for path in paths if path.rstrip("/").split("/")[0] not in packed] == []


RELEASE = """#!/bin/sh
printf '%s\n' "$@" >told
"""


def publishing() -> list[dict[str, Any]]:
    """Give the steps of the job that publishes."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    steps: list[dict[str, Any]] = workflow["jobs"]["publish"]["steps"]
    return steps


def test_what_is_published_is_attested_first_with_what_is_in_it() -> None:
    """All files by where they were built; wheel and application also by the lists of parts that .ci/package makes."""
    uses = [re.sub("@.+", "", step.get("uses", "gh")) for step in publishing()]
    assert uses[-4:] == ["actions/attest-build-provenance", "actions/attest-sbom", "actions/attest-sbom", "gh"]
    *_, built, command, application, _ = (step.get("with", {}) for step in publishing())
    assert built == {"subject-path": "package/*"}
    assert command == {"subject-path": "package/tidegate-*.whl", "sbom-path": "package/command.cdx.json"}
    assert application == {
        "subject-path": "package/tidegate-application-*.zip",
        "sbom-path": "package/application.cdx.json",
    }
    made = re.findall(
        r'cyclonedx-py" requirements (\S+) .*\n?.*-o "out/(package/\S+)"', (ROOT / ".ci/package").read_text()
    )
    assert made == [
        ("requirements/command.txt", command["sbom-path"]),
        ("functions/requirements.txt", application["sbom-path"]),
    ]


def test_what_is_published_is_what_was_built_or_nothing(tmp_path: Path) -> None:
    """The script of the job that publishes, with a `gh` of ours."""
    script = "\n".join(step["run"] for step in publishing() if "run" in step)
    (tmp_path / "gh").write_text(RELEASE)
    (tmp_path / "gh").chmod(0o755)
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "tidegate.whl").write_bytes(b"wheel")
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(b'wheel').hexdigest()}  tidegate.whl\n")

    def publish() -> int:
        called = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_REF_NAME": "v1.2.3"}
        return subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=called, check=False).returncode

    assert publish() == 0
    told = (tmp_path / "told").read_text().split()
    assert (told[:3], told[-2:]) == (["release", "create", "v1.2.3"], ["package/SHA256SUMS", "package/tidegate.whl"])
    (tmp_path / "told").unlink()
    (folder / "tidegate.whl").write_bytes(b"another")
    assert publish() != 0
    assert not (tmp_path / "told").exists()


def test_there_is_one_version() -> None:
    """The one in pyproject.toml, which the command reads from its installation."""
    assert metadata()["SemanticVersion"] == VERSION
    written = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "tests/command/golden").iterdir(), ROOT / "README.md"]
    named = {found for path in written for found in re.findall(r"tidegate[ -](\d+\.\d+\.\d+)", path.read_text())}
    assert named == {VERSION}


def test_the_changelog_says_what_the_version_brings() -> None:
    """Until it is released, under Unreleased."""
    (newest, *_) = re.findall(
        r"^## (?:\[?(\d[\w.-]*)\]?|Unreleased)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert newest in {"", VERSION}


def test_the_local_cloud_of_the_wheel_is_the_one_that_is_tested() -> None:
    """The extra names moto exactly; the tests run on the pins."""
    pins = dict(line.split("==") for line in (ROOT / "requirements/dev.txt").read_text().split())
    (moto,) = (each for each in PROJECT["optional-dependencies"]["local"] if each.startswith("moto["))
    assert moto.partition("==")[2] == pins["moto"]


CHANGES = """# Changelog

## Unreleased

## 1.2.10 - 2026-12-01

### Added

- Tens.

## 1.2.1

- One.
"""


@pytest.mark.parametrize(
    ("built", "tag", "code", "said"),
    [
        ("1.2.1", "v1.2.1", 0, "- One."),
        ("1.2.10", "v1.2.10", 0, "### Added\n\n- Tens."),
        ("1.2.1", "v1.2.10", 1, "the tag names 1.2.10, pyproject.toml 1.2.1"),
        ("1.2", "v1.2", 1, "CHANGELOG.md has no heading '## 1.2'"),
    ],
)
def test_the_notes_of_a_version_are_its_part_of_the_changelog(
    built: str, tag: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/notes").write_text((ROOT / ".ci/notes").read_text())
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    (tmp_path / "pyproject.toml").write_text(f'[project]\nversion = "{built}"\n')
    done = subprocess.run(["bash", tmp_path / ".ci/notes", tag], capture_output=True, text=True, check=False)
    assert (done.returncode, (done.stdout + done.stderr).strip()) == (code, said)


def test_the_version_is_where_the_notes_look_for_it() -> None:
    assert re.findall(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE) == [VERSION]
