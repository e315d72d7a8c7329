"""Reasons to refuse a release because of its function: kind, package, key, an earlier roll back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.foreign_text import shortened
from tidegate.domain.function_name import OWN_TAG
from tidegate.domain.planning.preflight.inspected import Inspected
from tidegate.domain.planning.preflight.kinds import kind_obstacles
from tidegate.domain.request.limits import matches_arn
from tidegate.domain.request.models import TargetRequest
from tidegate.domain.schedule import format_time

LONGEST_WHY = 500
"""Characters of the reason for which an earlier release was rolled back: a message may list twenty."""


def function_obstacles(wanted: TargetRequest, found: Inspected, path: str, keys: Sequence[str]) -> Iterator[str]:
    configuration = found.configuration
    if configuration is None:
        yield (
            f"{path}function: there is no function {wanted.function!r} in this account and Region; "
            'example: "function": "checkout"'
        )
        return
    if OWN_TAG in found.tags:
        stack = found.tags[OWN_TAG]
        yield (
            f"{path}function: {wanted.function} is part of the Tidegate that was deployed as stack {stack}, "
            'and is updated by deploying its template; example: "function": "checkout"'
        )
    yield from _kind(wanted, configuration, path)
    yield from _key(wanted, configuration, path, keys)
    yield from _probe(wanted, found, path)
    if not found.version_exists:
        yield f'{path}version: {wanted.function} has no version {wanted.version}; example: "version": "42"'


def _kind(wanted: TargetRequest, configuration: Mapping[str, Any], path: str) -> Iterator[str]:
    yield from kind_obstacles(wanted, configuration, path)
    package = configuration.get("PackageType", "Zip")
    if wanted.code and (wanted.code.image_uri is not None) != (package == "Image"):
        expected = '"image_uri": "…@sha256:…"' if package == "Image" else '"s3_bucket": "builds", "s3_key": "a.zip"'
        yield f'{path}code: {wanted.function} is of package type {package}; example: "code": {{{expected}}}'


def _key(wanted: TargetRequest, configuration: Mapping[str, Any], path: str, keys: Sequence[str]) -> Iterator[str]:
    """Lambda replaces all variables at once, so the existing ones must be read (see Update)."""
    key = configuration.get("KMSKeyArn")
    if key and wanted.configuration and wanted.configuration.environment and not matches_arn(key, keys):
        named = ", ".join(filter(None, keys)) or "no key"
        yield (
            f"{path}configuration.environment: the variables of {wanted.function} are encrypted with {key}, but "
            f"Tidegate's stack may use only {named}: set its parameter FunctionKmsKeyArn; example: "
            f"FunctionKmsKeyArn={key}"
        )


def _probe(wanted: TargetRequest, found: Inspected, path: str) -> Iterator[str]:
    """Refuse a probe that cannot be made, before a version is published for it."""
    probe, calls = wanted.probe, len(wanted.probe.invocations)
    if probe.kind == "provision" and found.snap_starts(wanted.configuration):
        yield (
            f"{path}probe.kind: Lambda runs the init of {wanted.function} when it publishes the version (SnapStart), "
            'and allows no provisioned concurrency then; example: "kind": "none"'
        )
    if probe.kind == "invoke" and found.reserved and calls > found.reserved:
        yield (
            f"{path}probe.calls: {wanted.function} has a reserved concurrency of {found.reserved}, so {calls} "
            f"concurrent calls cannot run; make {found.reserved} at most, or reserve more; example: "
            f"aws lambda put-function-concurrency --function-name {wanted.function} --reserved-concurrent-executions "
            f"{calls}"
        )


def rolled_back_before(wanted: TargetRequest, found: Inspected, path: str) -> Iterator[str]:
    record = found.rolled_back
    if record is None or wanted.again:
        return
    what = (
        f"version {wanted.version}" if wanted.version else f"$LATEST still contains version {record['version']}, which"
    )
    yield (
        f"{path}version: {what} was rolled back by release {record['release']} at {format_time(record['at'])} "
        f"({shortened(record['why'], LONGEST_WHY)}); deploy the fixed code first, or release it anyway; "
        'example: "again": true'
    )
