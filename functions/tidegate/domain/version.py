"""What makes a version of a function: the settings that Lambda publishes with the code, and when two are the same."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

Settings = Mapping[str, Any]

MAKES_A_VERSION = frozenset({
    "AcceleratorConfig", "Architectures", "CapacityProviderConfig", "DeadLetterConfig", "DurableConfig", "Environment",
    "EphemeralStorage", "FileSystemConfigs", "Handler", "ImageConfigResponse", "KMSKeyArn", "Layers", "LoggingConfig",
    "MemorySize", "PackageType", "Role", "Runtime", "RuntimeConfig", "SnapStart", "TenancyConfig", "Timeout",
    "TracingConfig", "VpcConfig",
})  # fmt: skip
"""Members of FunctionConfiguration that a version has of its own (AWS Lambda guide, "Manage Lambda function versions").

What botocore's model has and that page does not name yet (RuntimeConfig, AcceleratorConfig, DurableConfig,
CapacityProviderConfig, TenancyConfig) is here too: a difference that is none leads to a call of PublishVersion, which
answers with the version that is there.
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
"""Links that change by the hour, and what CodeSha256 tells."""

SHOWN_OF_LAYER = "Arn"
"""The rest of what GetFunction shows of a layer follows from its version."""

SHOWN_OF_SNAPSTART = "ApplyOn"
"""OptimizationStatus is Off for $LATEST whatever its versions have (recorded on AWS, January 2026)."""


def settings_of(configuration: Settings, code: Settings) -> dict[str, Any]:
    """Give what makes a version, of GetFunction's Configuration and Code; what is empty is left out."""
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
    """Give the value without what is empty in it: Lambda shows an empty setting, or leaves it out."""
    if isinstance(value, Mapping):
        value = {name: filled for name, each in value.items() if (filled := _filled(each)) is not None}
    elif isinstance(value, (list, tuple)):
        value = [_filled(each) for each in value]
    return None if value in ("", {}, []) else value


def unknown_in(settings: Settings) -> Iterator[str]:
    """Name the settings in whose place Lambda shows an error: an environment under a key that we may not use, say."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and "Error" in value:
            yield name


def digest_of(settings: Settings) -> str | None:
    """Give a digest of the settings; None where one of them is unknown, since two unknown ones are not the same."""
    if next(unknown_in(settings), None):
        return None
    return hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()


def same(one: Settings, other: Settings, *, digests: tuple[str | None, str | None] = (None, None)) -> bool:
    """Whether both settings are known to be the same; `digests` are Lambda's own, where its answers have them.

    A setting that is shown on both sides decides. Where one is unknown, equal digests say that it is the same. Unequal
    ones say nothing by themselves: they may differ by the description alone.
    """
    unknown = {*unknown_in(one), *unknown_in(other)}
    if any(one.get(name) != other.get(name) for name in {*one, *other} - unknown):
        return False
    return not unknown or (digests[0] is not None and digests[0] == digests[1])
