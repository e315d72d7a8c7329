"""How long `tidegate --help` takes, over a Click program that does nothing."""

import subprocess
import sys
from statistics import median
from time import perf_counter

from bench.figure import Figure

ROUNDS = 25
OURS = "from tidegate_cli.main import main; main()"
EMPTY = "import click; click.command()(lambda: None)()"


def seconds(program: str) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-c", program, "--help"], check=True, capture_output=True)  # noqa: S603 - the two above
    return perf_counter() - began


def measure() -> Figure:
    seconds(OURS)  # the first import writes bytecode
    pairs = [(seconds(EMPTY), seconds(OURS)) for _ in range(ROUNDS)]
    empty, ours = median(alone for alone, _ in pairs), median(ours for _, ours in pairs)
    return Figure(
        "time of tidegate --help, over an empty Click program",
        round(ours / empty, 2),
        "ratio",
        1.5,
        f"{ours * 1000:.0f} ms over {empty * 1000:.0f} ms, medians of {ROUNDS} fresh interpreters each",
    )
