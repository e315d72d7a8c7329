"""The runtimes that run here, and the program of each."""

import re
import shutil
from enum import Enum
from pathlib import Path

from localcloud.lambda_ import errors


class Family(Enum):
    """Runtimes that are run alike; the value is a pattern of their names."""

    PYTHON = r"python3\.[0-9]+"
    NODE = r"nodejs(18|20|22)\.x"
    PROVIDED = r"provided\.al2(023)?"


NODE_RUNTIME = Path(__file__).with_name("node_runtime.mjs")
_RUN_HERE = (
    "The local cloud runs python3.*, provided.al2 and provided.al2023, and nodejs18.x, nodejs20.x and nodejs22.x where "
    "node is installed"
)
_ELSEWHERE = "On AWS, Tidegate releases functions of every runtime."


def family(runtime: str) -> Family:
    """Return the family of a runtime. Raises InvalidParameterValueException for one that cannot run here."""
    found = next((each for each in Family if re.fullmatch(each.value, runtime)), None)
    if found is None:
        raise errors.invalid(f"{_RUN_HERE}; {runtime} does not run here. {_ELSEWHERE}")
    if found is Family.NODE and node() is None:
        raise errors.invalid(f"{_RUN_HERE}; {runtime} does not run here: there is no node on PATH. {_ELSEWHERE}")
    return found


def node() -> str | None:
    """Return the path of Node.js, whichever version is installed."""
    return shutil.which("node")


def full_name(runtime: str) -> str:
    """Return a runtime's name as INIT_START has it: "python:3.13", "nodejs:20", "provided:al2023"."""
    name, version = re.fullmatch(r"([a-z]+)\.?(.*)", runtime.removesuffix(".x")).groups()  # type: ignore[union-attr] # all do
    return f"{name}:{version}"
