"""Reasons to refuse a release, checked before anything changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.alias import AliasState
from tidegate.domain.own_functions import TAG
from tidegate.domain.request.limits import matches_arn
from tidegate.domain.request.models import TargetRequest
from tidegate.domain.schedule import format_time
from tidegate.domain.untrusted import shortened

NOT_FOR_NOW = ("DurableConfig", "CapacityProviderConfig", "TenancyConfig")
"""Kinds of functions whose versions cannot be released by alias weights yet."""

LONGEST_WHY = 500
"""Characters of the reason for which an earlier release was rolled back: a message may list twenty."""


@dataclass(frozen=True)
class Findings:
    """The state of one target in AWS and the ledger.

    `configuration` is that of $LATEST, None when there is no such function; `timeouts` are those of both
    versions, in seconds; `rolled_back` is the record of an earlier release that rolled back the
    same version.
    """

    configuration: Mapping[str, Any] | None
    alias: AliasState | None = None
    provisioned: bool = False
    version_exists: bool = True
    timeouts: tuple[int, ...] = ()
    rolled_back: Mapping[str, Any] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def obstacles(wanted: TargetRequest, found: Findings, path: str, keys: Sequence[str] = ("*",)) -> Iterator[str]:
    """Return each reason to refuse a target as "path: mistake; example: …". `path` ends in a dot or is empty.

    `keys` are patterns of the customer managed keys (ARNs) that Tidegate may use.
    """
    name = f"{wanted.function}:{wanted.alias}"
    if found.configuration is None:
        yield (
            f"{path}function: there is no function {wanted.function!r} in this account and Region; "
            'example: "function": "checkout"'
        )
        return
    if TAG in found.tags:
        yield (
            f"{path}function: {wanted.function} is part of the Tidegate that was deployed as stack {found.tags[TAG]}, "
            'and is updated by deploying its template; example: "function": "checkout"'
        )
    yield from _function_obstacles(wanted, found.configuration, path)
    yield from _key_obstacles(wanted, found.configuration, path, keys)
    if not found.version_exists:
        yield f'{path}version: {wanted.function} has no version {wanted.version}; example: "version": "42"'
    if wanted.wave != 1:
        yield f'{path}wave: all targets of a release shift together for now; example: "wave": 1'
    if found.rolled_back and not wanted.again:
        yield _rolled_back(wanted, found.rolled_back, path)
    if found.alias is None:
        if not wanted.create_alias:
            yield (
                f"{path}alias: {wanted.function} has no alias {wanted.alias!r}; name one that callers use, or create "
                'it; example: "create_alias": true'
            )
        return
    yield from _alias_obstacles(wanted, found.alias, path)
    if found.provisioned:
        yield (
            f"{path}alias: {name} has provisioned concurrency, for which Lambda changes weights itself; configure "
            "it on versions instead; example: aws lambda put-provisioned-concurrency-config "
            f"--function-name {wanted.function} --qualifier {found.alias.version} …"
        )


def _function_obstacles(wanted: TargetRequest, configuration: Mapping[str, Any], path: str) -> Iterator[str]:
    for setting in NOT_FOR_NOW:
        if configuration.get(setting):
            yield (
                f"{path}function: {wanted.function} has {setting}, and such functions cannot be released yet; release "
                'a function without it; example: "function": "checkout"'
            )
    package = configuration.get("PackageType", "Zip")
    if wanted.code and (wanted.code.image_uri is not None) != (package == "Image"):
        expected = '"image_uri": "…@sha256:…"' if package == "Image" else '"s3_bucket": "builds", "s3_key": "a.zip"'
        yield f'{path}code: {wanted.function} is of package type {package}; example: "code": {{{expected}}}'


def _key_obstacles(
    wanted: TargetRequest, configuration: Mapping[str, Any], path: str, keys: Sequence[str]
) -> Iterator[str]:
    """Lambda replaces all variables at once, so the existing ones must be read (see Update)."""
    key = configuration.get("KMSKeyArn")
    if key and wanted.configuration and wanted.configuration.environment and not matches_arn(key, keys):
        named = ", ".join(filter(None, keys)) or "no key"
        yield (
            f"{path}configuration.environment: the variables of {wanted.function} are encrypted with {key}, but "
            f"Tidegate's stack may use only {named}: set its parameter FunctionKmsKeyArn; example: "
            f"FunctionKmsKeyArn={key}"
        )


def _alias_obstacles(wanted: TargetRequest, alias: AliasState, path: str) -> Iterator[str]:
    name = f"{wanted.function}:{wanted.alias}"
    if alias.version == "$LATEST":
        yield (
            f"{path}alias: {name} points at $LATEST, so there is no version to go back to; example: aws lambda "
            f"update-alias --function-name {wanted.function} --name {wanted.alias} --function-version N, with N from "
            "publish-version"
        )
    if not alias.whole:
        yield (
            f"{path}alias: {name} is split already ({alias}) and no release has locked it; put it on one version "
            f"first; example: aws lambda update-alias --function-name {wanted.function} --name {wanted.alias} "
            f"--function-version {alias.version} --routing-config AdditionalVersionWeights={{}}"
        )


def _rolled_back(wanted: TargetRequest, record: Mapping[str, Any], path: str) -> str:
    what = f"version {wanted.version}" if wanted.version else f"$LATEST still holds version {record['version']}, which"
    return (
        f"{path}version: {what} was rolled back by release {record['release']} at {format_time(record['at'])} "
        f"({shortened(record['why'], LONGEST_WHY)}); deploy the fixed code first, or release it anyway; "
        'example: "again": true'
    )
