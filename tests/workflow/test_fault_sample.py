"""A few of the faulted releases of `make faults`, in a cloud of their own; a busy machine may take its time."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ("--count", "3", "--clouds", "1")
LONGEST_SECONDS = 240


def test_a_few_releases_with_random_faults_are_left_as_they_must_be() -> None:
    command = [sys.executable, "-m", "tests.faults", *SAMPLE]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
    assert "invariants held in 3 of 3 faulted releases" in ran.stdout, ran.stdout + ran.stderr
    assert ran.returncode == 0
