"""Calling the linters, which live in an environment of their own."""

import subprocess
from pathlib import Path

from tests.reading import ROOT

TOOLS = ROOT / ".venv-tools/bin"


def run(tool: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    assert (TOOLS / tool).exists(), f"{tool} is not installed: make .venv-tools/ready"
    path = f"{TOOLS}:/usr/bin:/bin"  # jactionlint calls shellcheck
    return subprocess.run(
        [TOOLS / tool, *arguments], cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False
    )
