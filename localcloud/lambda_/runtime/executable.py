"""What a pool of execution environments runs."""

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from localcloud.lambda_.definition import Definition
from localcloud.lambda_.naming import function_arn
from localcloud.lambda_.presentation import logging_config
from localcloud.lambda_.runtime import function_clock, runtimes
from localcloud.lambda_.runtime.runtimes import Family

_LAUNCHER = Path(__file__).with_name("launcher.py")
_EXEC_LAUNCHER = Path(__file__).with_name("exec_launcher.py")
_MEASURED = Path(__file__).with_name("measured.py")
MEASURING = "COVERAGE_PROCESS_CONFIG"
"""With this, coverage.py tells a process that its parent is measured, and how."""
PACKAGES = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
"""Where the packages of every execution environment are."""
PYTHON = [sys.executable, "-S", "-s", "-X", "frozen_modules=on"]
"""`site` is left out: no .pth file of this machine reaches a function."""


@dataclass(frozen=True)
class Executable:
    """One version of a function, with everything its processes need. `layers` are unpacked folders.

    Environments of a function with tenant isolation serve one `tenant` each.
    """

    account_id: str
    region: str
    function_name: str
    version: str
    definition: Definition
    layers: tuple[Path, ...]
    tenant: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.function_arn, self.version, self.tenant

    @property
    def function_arn(self) -> str:
        return function_arn(self.region, self.account_id, self.function_name)

    @property
    def role(self) -> str:
        return str(self.definition.settings["Role"])

    @property
    def timeout(self) -> float:
        return float(self.definition.settings["Timeout"])

    @property
    def memory(self) -> int:
        return int(self.definition.settings["MemorySize"])

    @property
    def runtime(self) -> str:
        """The runtime as deployed; images have none of their own, they are Python here."""
        return str(self.definition.settings.get("Runtime", f"python3.{sys.version_info.minor}"))

    @property
    def measured(self) -> bool:
        """Whether coverage.py measures this process and what it starts."""
        return MEASURING in os.environ

    @property
    def family(self) -> Family:
        return runtimes.family(self.runtime)

    @property
    def entry_point(self) -> Path | None:
        """The program that a function brings along; None where it has to and does not.

        Lambda guide, "Building a custom runtime": an executable `bootstrap` in the package, else in a layer.
        """
        folders = [self.definition.code.folder, *self.layers]
        return next((each / "bootstrap" for each in folders if os.access(each / "bootstrap", os.X_OK)), None)

    @property
    def can_start(self) -> bool:
        return self.family is not Family.PROVIDED or self.entry_point is not None

    def command(self, life_line: int) -> list[str]:
        if self.family is Family.PYTHON:
            launcher = _MEASURED if self.measured else _LAUNCHER
            return [*PYTHON, str(launcher), str(life_line), *self.arguments()]
        return [*PYTHON, "-E", str(_EXEC_LAUNCHER), str(life_line), *self._program()]

    def _program(self) -> list[str]:
        if self.family is Family.NODE:
            return [str(runtimes.node()), str(runtimes.NODE_RUNTIME), str(function_clock.path())]
        return [str(self.entry_point)]

    def arguments(self) -> list[str]:
        """Give those of Python's launcher, after the life line."""
        return [str(function_clock.path()), self.definition.handler, *map(str, self._folders()), "--", *PACKAGES]

    def modules(self) -> set[str]:
        """Give the top-level names of the modules that the function and its layers bring along."""
        folders = [folder for folder in self._folders() if folder.is_dir()]
        return {found.name.partition(".")[0] for folder in folders for found in folder.iterdir()}

    def _folders(self) -> list[Path]:
        version = f"python/lib/{self.runtime}/site-packages"
        return [self.definition.code.folder, *(layer / part for layer in self.layers for part in (version, "python"))]

    def _import_path(self) -> dict[str, str]:
        """Give the variable that names folders of modules (Lambda guide, "Defined runtime environment variables")."""
        if self.family is Family.PROVIDED:
            return {}
        if self.family is Family.PYTHON:
            return {"PYTHONPATH": str(self.definition.code.folder)}
        parts = (
            f"nodejs/{self.runtime.removesuffix('.x').replace('nodejs', 'node')}/node_modules",
            "nodejs/node_modules",
        )
        folders = [layer / part for layer in self.layers for part in parts]
        return {"NODE_PATH": os.pathsep.join(map(str, [*folders, self.definition.code.folder]))}

    def environment(self, home: Path, log_stream: str, *, provisioned: bool = False) -> dict[str, str]:
        """Give what AWS sets, less credentials and the runtime's address; nothing of this machine's but PATH."""
        settings = self.definition.settings
        logging = logging_config(self.definition, self.function_name)
        level = {"AWS_LAMBDA_LOG_LEVEL": logging["ApplicationLogLevel"]} if "ApplicationLogLevel" in logging else {}
        measuring = {MEASURING: os.environ[MEASURING]} if self.measured else {}
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            # Without a home of its own a process would read this user's ~/.aws.
            "HOME": str(home),
            "TMPDIR": str(home),
            **self._import_path(),
            "LAMBDA_TASK_ROOT": str(self.definition.code.folder),
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.runtime}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency" if provisioned else "on-demand",
            "AWS_LAMBDA_FUNCTION_NAME": self.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings["MemorySize"]),
            "AWS_LAMBDA_LOG_GROUP_NAME": logging["LogGroup"],
            "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
            "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"],
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "_HANDLER": self.definition.handler,
            **level,
            **measuring,
            **self.definition.variables,
        }
