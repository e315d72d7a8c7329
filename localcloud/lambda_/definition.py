"""What an execution environment runs: code and configuration together, frozen."""

import copy
import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from localcloud.lambda_ import errors
from localcloud.lambda_.code import Code

DEFAULTS: Mapping[str, Any] = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "PackageType": "Zip",
    "TracingConfig": {"Mode": "PassThrough"},
    "Architectures": ["x86_64"],
    "EphemeralStorage": {"Size": 512},
    "SnapStart": {"ApplyOn": "None"},
}
# What UpdateFunctionConfiguration may change; each replaces what was there, Environment the whole map.
UPDATABLE = (
    "Role",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "VpcConfig",
    "Environment",
    "Runtime",
    "DeadLetterConfig",
    "KMSKeyArn",
    "TracingConfig",
    "Layers",
    "FileSystemConfigs",
    "ImageConfig",
    "EphemeralStorage",
    "SnapStart",
    "LoggingConfig",
    "CapacityProviderConfig",
    "DurableConfig",
    "RuntimeConfig",
    "AcceleratorConfig",
)
_SETTINGS = [*UPDATABLE, "Architectures", "PackageType", "TenancyConfig"]
_RESERVED_VARIABLES = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
}
_VARIABLES_BYTES = 4096
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Definition:
    """Code and configuration. `number` tells two deployments of the same content apart."""

    code: Code
    settings: Mapping[str, Any]
    number: int = field(default_factory=lambda: next(_numbers), compare=False)

    @cached_property
    def config_sha256(self) -> str:
        text = json.dumps(dict(self.settings), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def same_content(self, other: "Definition") -> bool:
        return (self.code.sha256, self.config_sha256) == (other.code.sha256, other.config_sha256)

    def with_code(self, code: Code, architectures: list[str] | None) -> "Definition":
        settings = dict(self.settings)
        if architectures:
            settings["Architectures"] = list(architectures)
        return Definition(code, settings)

    def with_settings(self, changes: Mapping[str, Any]) -> "Definition":
        settings = {**self.settings, **_accepted(changes, UPDATABLE)}
        return Definition(self.code, _without_blanks(settings))

    @property
    def handler(self) -> str:
        command = self.settings.get("ImageConfig", {}).get("Command")
        return str(command[0] if command else self.settings.get("Handler") or self.code.image_handler)

    @property
    def variables(self) -> dict[str, str]:
        return dict(self.settings.get("Environment", {}).get("Variables", {}))


def define(spec: Mapping[str, Any], code: Code) -> Definition:
    """Make the definition that CreateFunction asks for."""
    defaults = {**DEFAULTS, "PackageType": "Image" if code.image_uri else "Zip"}
    return Definition(code, _without_blanks({**defaults, **_accepted(spec, _SETTINGS)}))


def _accepted(spec: Mapping[str, Any], members: Iterable[str]) -> dict[str, Any]:
    chosen = {name: copy.deepcopy(spec[name]) for name in members if spec.get(name) is not None}
    _check_limits(chosen)
    return chosen


def _check_limits(chosen: Mapping[str, Any]) -> None:
    _within(chosen, "Timeout", "timeout", 1, 900)
    _within(chosen, "MemorySize", "memorySize", 128, 10240)
    variables = chosen.get("Environment", {}).get("Variables") or {}
    names = set(variables) & _RESERVED_VARIABLES
    if names:
        raise _unable(
            "contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(sorted(names))}"
        )
    # What is measured is JSON, and Lambda shows it: the values with it.
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > _VARIABLES_BYTES:
        raise _unable(f"exceeded the 4KB limit. String measured: {measured}")


def _unable(why: str) -> errors.LambdaError:
    return errors.invalid(
        "Lambda was unable to configure your environment variables because the environment variables you have "
        f"provided {why}"
    )


def _within(chosen: Mapping[str, Any], name: str, member: str, low: int, high: int) -> None:
    value = chosen.get(name, low)
    if int(value) < low:
        raise errors.violates(value, member, f"Member must have value greater than or equal to {low}")
    if int(value) > high:
        raise errors.violates(value, member, f"Member must have value less than or equal to {high}")


def _without_blanks(settings: dict[str, Any]) -> dict[str, Any]:
    """Take an empty dead letter target away, as AWS does."""
    if not settings.get("DeadLetterConfig", {}).get("TargetArn"):
        settings.pop("DeadLetterConfig", None)
    return settings
