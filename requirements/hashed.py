"""Write a file of pins anew with the hashes of their wheels: `python requirements/hashed.py FILE`, or `make hashes`.

Pip's own report of what it would install says which wheel each platform gets. Pip then refuses any other file
(pip's documentation, "Secure installs"); the file names no registry. Lines of comment at the top stay as they are.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

PLATFORMS = ("manylinux2014_aarch64", "manylinux2014_x86_64", "macosx_11_0_arm64", "macosx_11_0_x86_64", "win_amd64")
"""Lambda's (arm64), and those on which `sam build` runs: it fetches wheels for its own machine first."""

RUNTIME = "3.13"
"""Python of the functions, which `sam build` needs too."""

PIN = re.compile(r"^([A-Za-z0-9._-]+==[^\s\\]+)", re.MULTILINE)


def pins_in(text: str) -> list[str]:
    return PIN.findall(text)


def hashes_of(pins: list[str], platform: str) -> dict[str, str]:
    """Give the SHA-256 of the wheel of each pin on this platform; nothing is installed."""
    options = ["--dry-run", "--ignore-installed", "--no-deps", "--only-binary=:all:", "--quiet", "--report=-"]
    target = ["--target=out/none", "--platform", platform, "--python-version", RUNTIME, "--implementation", "cp"]
    command = [sys.executable, "-m", "pip", "install", *options, *target, *pins]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - pins of our own file
    report = json.loads(found.stdout)["install"]
    return {
        f"{plain(each['metadata']['name'])}=={each['metadata']['version']}": each["download_info"]["archive_info"][
            "hashes"
        ]["sha256"]
        for each in report
    }


def plain(name: str) -> str:
    """Give a name as the registry compares it (Python packaging guide, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()


def written(text: str, hashes: dict[str, set[str]]) -> str:
    """Give the file's text with the hashes of each pin below it."""
    comment = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    lines = []
    for pin in pins_in(text):
        name, _, version = pin.partition("==")
        of_pin = sorted(hashes[f"{plain(name)}=={version}"])
        lines.append(" \\\n".join([pin, *(f"    --hash=sha256:{each}" for each in of_pin)]))
    return comment + "\n".join(lines) + "\n"


def main(path: Path) -> None:
    text = path.read_text()
    hashes: dict[str, set[str]] = defaultdict(set)
    for platform in PLATFORMS:
        for pin, each in hashes_of(pins_in(text), platform).items():
            hashes[pin].add(each)
    path.write_text(written(text, hashes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
