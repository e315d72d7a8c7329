"""How long a cold start spends on importing the slowest step, over importing boto3, which every step needs."""

import subprocess
import sys
from pathlib import Path
from statistics import median

from bench.figure import Figure

FUNCTIONS = Path(__file__).parents[1] / "functions"
ROUNDS = 7
TIMED = "from time import perf_counter as now; began = now(); import {module}; print(now() - began)"


def modules() -> list[str]:
    """Give every module that Lambda imports as a handler."""
    handlers = [path for path in sorted(FUNCTIONS.rglob("*.py")) if "\ndef handler(" in path.read_text()]
    return [".".join(path.relative_to(FUNCTIONS).with_suffix("").parts) for path in handlers]


def seconds(module: str) -> float:
    """Import it in a fresh interpreter; starting that is not counted."""
    command = [sys.executable, "-c", TIMED.format(module=module)]
    return float(subprocess.run(command, cwd=FUNCTIONS, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - names of our own modules


def ratio(module: str) -> float:
    """Take both in turns, so that a busy moment slows both."""
    seconds(module)  # the first import writes bytecode
    pairs = [(seconds("boto3"), seconds(module)) for _ in range(ROUNDS)]
    return median(ours for _, ours in pairs) / median(alone for alone, _ in pairs)


def measure() -> Figure:
    ratios = {module: round(ratio(module), 2) for module in modules()}
    each = ", ".join(f"{module.removeprefix('tidegate.')} {value}" for module, value in ratios.items())
    return Figure(
        "import time of the slowest step, over importing boto3 alone",
        max(ratios.values()),
        "ratio",
        2.0,
        f"medians of {ROUNDS} fresh interpreters each: {each}",
    )
