"""Definitions in the form in which the API answers with them."""

import copy
from pathlib import Path
from typing import Any

from localcloud.front.archives import link
from localcloud.lambda_.code import Code
from localcloud.lambda_.definition import Definition
from localcloud.lambda_.runtime.endpoint import url

_AS_THEY_ARE = (
    "Runtime",
    "Role",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "VpcConfig",
    "DeadLetterConfig",
    "Environment",
    "KMSKeyArn",
    "TracingConfig",
    "FileSystemConfigs",
    "PackageType",
    "Architectures",
    "EphemeralStorage",
    "TenancyConfig",
    "CapacityProviderConfig",
    "DurableConfig",
    "RuntimeConfig",
    "AcceleratorConfig",
)


def configuration(definition: Definition, name: str, layers: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the members of FunctionConfiguration that come from the definition."""
    settings = definition.settings
    shown: dict[str, Any] = {key: copy.deepcopy(settings[key]) for key in _AS_THEY_ARE if key in settings}
    shown["FunctionName"] = name
    shown["CodeSha256"] = definition.code.sha256
    shown["ConfigSha256"] = definition.config_sha256
    shown["CodeSize"] = definition.code.size
    shown["LoggingConfig"] = logging_config(definition, name)
    shown["SnapStart"] = {**settings["SnapStart"], "OptimizationStatus": "Off"}
    if layers:
        shown["Layers"] = layers
    if "ImageConfig" in settings:
        shown["ImageConfigResponse"] = {"ImageConfig": copy.deepcopy(settings["ImageConfig"])}
    return shown


def logging_config(definition: Definition, name: str) -> dict[str, Any]:
    defaults = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    return {**defaults, **definition.settings.get("LoggingConfig", {})}


def code_location(code: Code, region: str) -> dict[str, str]:
    if code.image_uri:
        repository = code.image_uri.partition("@")[0]
        last = repository.rpartition("/")[2]
        repository = repository[: -len(last)] + last.partition(":")[0]
        resolved = f"{repository}@sha256:{code.sha256}"
        return {"RepositoryType": "ECR", "ImageUri": code.image_uri, "ResolvedImageUri": resolved}
    return {
        "RepositoryType": "S3",
        "Location": link(url(), f"{region}/{code.folder.name}", lambda: _packed(code.folder)),
    }


def _packed(folder: Path) -> bytes:
    from localcloud.deploy.functions import zipped  # here, since that needs the services

    return zipped(folder)
