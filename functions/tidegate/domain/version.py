"""The settings that Lambda publishes with the code of a version, and their comparison."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Content:
    """The digest of the code, and the settings, of $LATEST or a version (`settings_of`)."""

    code_sha256: str
    settings: Settings


MAKES_A_VERSION = frozenset({
    "AcceleratorConfig", "Architectures", "CapacityProviderConfig", "DeadLetterConfig", "DurableConfig", "Environment",
    "EphemeralStorage", "FileSystemConfigs", "Handler", "ImageConfigResponse", "KMSKeyArn", "Layers", "LoggingConfig",
    "MemorySize", "PackageType", "Role", "Runtime", "RuntimeConfig", "SnapStart", "TenancyConfig", "Timeout",
    "TracingConfig", "VpcConfig",
})  # fmt: skip
"""Members of FunctionConfiguration that each version has (AWS Lambda guide, "Manage Lambda function versions").

Members that are in botocore's model but not on that page (RuntimeConfig, AcceleratorConfig, DurableConfig,
CapacityProviderConfig, TenancyConfig) are included: a false difference only leads to a call of PublishVersion,
which returns the existing version.
"""

MAKES_NO_VERSION = frozenset({
    # Compared by themselves: the digests of the code and of the configuration.
    "CodeSha256", "ConfigSha256",
    # That of a version says which release published it.
    "Description",
    # What the code has of its own.
    "CodeSize", "SigningJobArn", "SigningProfileVersionArn",
    # What it is, and how it is at the moment.
    "FunctionArn", "FunctionName", "LastModified", "LastUpdateStatus", "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode", "MasterArn", "RevisionId", "State", "StateReason", "StateReasonCode", "Version",
    # AWS patches the runtime under a published version ("Runtime version updates").
    "RuntimeVersionConfig",
})  # fmt: skip

CODE_MAKES_A_VERSION = frozenset({"ResolvedS3Object", "SourceKMSKeyArn"})
"""Members of GetFunction's Code: where Lambda reads the code from, when it does not copy it (S3ObjectStorageMode)."""

CODE_MAKES_NO_VERSION = frozenset({"Error", "ImageUri", "Location", "RepositoryType", "ResolvedImageUri"})
"""Links that change every hour, and data that CodeSha256 covers."""

SHOWN_OF_LAYER = "Arn"
"""The other fields of a layer in GetFunction follow from its version."""

SHOWN_OF_SNAPSTART = "ApplyOn"
"""OptimizationStatus is always Off for $LATEST (recorded on AWS, January 2026)."""


def settings_of(configuration: Settings, code: Settings) -> dict[str, Any]:
    """Return the settings that make a version, from GetFunction's Configuration and Code, without empty ones."""
    shown = {name: _plain(name, configuration.get(name)) for name in MAKES_A_VERSION}
    stored = {f"Code.{name}": _filled(code.get(name)) for name in CODE_MAKES_A_VERSION}
    return {name: value for name, value in sorted({**shown, **stored}.items()) if value is not None}


def _plain(name: str, value: Any) -> Any:
    if name == "Environment":
        # The value of a variable may be empty, and that is not no variable.
        return value if value and any(value.values()) else None
    if name == "Layers":
        value = [layer.get(SHOWN_OF_LAYER) for layer in value or []]
    elif name == "SnapStart" and value:
        value = None if value.get(SHOWN_OF_SNAPSTART) == "None" else value.get(SHOWN_OF_SNAPSTART)
    return _filled(value)


def _filled(value: Any) -> Any:
    """Return the value without empty parts: Lambda shows or omits an empty setting."""
    if isinstance(value, Mapping):
        value = {name: filled for name, each in value.items() if (filled := _filled(each)) is not None}
    elif isinstance(value, (list, tuple)):
        value = [_filled(each) for each in value]
    return None if value in ("", {}, []) else value


def unknown_in(settings: Settings) -> Iterator[str]:
    """Name the settings for which Lambda shows an error, for example an environment with a key that we may not use."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and "Error" in value:
            yield name


def digest_of(settings: Settings) -> str | None:
    """Return a digest of the settings; None if one of them is unknown, because two unknown settings are not equal."""
    if next(unknown_in(settings), None):
        return None
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()


def same(one: Settings, other: Settings, *, digests: tuple[str | None, str | None] = (None, None)) -> bool:
    """Return whether both settings are known to be the same; `digests` are Lambda's own, if present.

    A setting that both sides show decides. If a setting is unknown, equal digests prove that it is the same. Unequal
    digests prove nothing: only the description may differ.
    """
    unknown = {*unknown_in(one), *unknown_in(other)}
    if any(one.get(name) != other.get(name) for name in {*one, *other} - unknown):
        return False
    return not unknown or (digests[0] is not None and digests[0] == digests[1])
