"""Checks whether a target requires more than the stack's parameters allow.

What it names has to lie within their patterns: code, roles, layers, values, keys. IAM denies all other names to Update
(template.yaml); Plan refuses them before anything changes.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tidegate.domain.request.as_written import Target, inner
from tidegate.domain.request.code import bucket_and_key, registry_of, repository_of
from tidegate.domain.request.fields import NAME
from tidegate.domain.request.limits import Limits, matches, matches_arn
from tidegate.domain.request.problems import SMALLEST, Location, Problem, shown


def beyond_limits(target: Target, limits: Limits) -> Iterator[Problem]:
    yield from _reach(target, limits)
    yield from _changes(target, limits)
    yield from _beyond_patterns(target, limits)
    yield from _keeping(target, limits)


def _reach(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    function = fields.get("function")
    if not isinstance(function, str) or not NAME.fullmatch(function):
        return
    if limits.owns(function):
        text = f'"{function}" is part of Tidegate itself; update it by deploying its template'
        yield Problem((*location, "function"), text)
    elif not limits.covers(function):
        text = (
            f'"{function}" is not among the functions that Tidegate may release, "{limits.function_pattern}": '
            "see the parameter FunctionPattern of Tidegate's stack"
        )
        yield Problem((*location, "function"), text)


def _changes(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    for name, allowed in (("code", limits.allow_code), ("configuration", limits.allow_configuration)):
        if fields.get(name) is not None and not allowed:
            text = (
                f"requests must not contain {name}, because Tidegate was deployed without "
                "it: update $LATEST first, then release it without changes"
            )
            yield Problem((*location, name), text, SMALLEST)


def _keeping(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    if fields.get("keep") is not None and not limits.allow_keep:
        text = (
            "this Tidegate deletes no versions: omit keep_versions, or set the parameter KeepVersions "
            "of Tidegate's stack"
        )
        yield Problem((*location, "keep"), text, SMALLEST)


LONGEST = 2048
"""Characters; the field refuses a longer text."""

SUFFIX = "-______"
"""The ARN of a secret ends with a hyphen and six random characters (Secrets Manager guide, "What's in a secret")."""

Found = Iterator[tuple[Location, str]]
"""Locations in a target, and their problems."""


def _beyond_patterns(target: Target, limits: Limits) -> Iterator[Problem]:
    location, fields = target
    if limits.allow_code:
        yield from (Problem((*location, "code", *place), text) for place, text in _code(fields, limits))
    if limits.allow_configuration:
        found = _configuration(fields, limits)
        yield from (Problem((*location, "configuration", *place), text) for place, text in found)
    for name in ("schema", "before"):
        uri = _text(inner(fields, "contract", name))
        if uri is not None and not matches(bucket_and_key(uri)[0], limits.code_buckets):
            text = not_among("buckets", limits.code_buckets, "CodeBucketPattern")
            yield Problem((*location, "contract", name), text)


def _code(fields: dict[str, Any], limits: Limits) -> Found:
    bucket, image = _text(inner(fields, "code", "s3_bucket")), _text(inner(fields, "code", "image_uri"))
    if bucket is not None and not matches(bucket, limits.code_buckets):
        yield ("s3_bucket",), not_among("buckets", limits.code_buckets, "CodeBucketPattern")
    if image is None:
        return
    repository, registry = repository_of(image), registry_of(image)
    if limits.account and registry is None:
        text = "is not an image in Amazon ECR; use ACCOUNT.dkr.ecr.REGION.DOMAIN/REPOSITORY@sha256:…"
        yield ("image_uri",), text
    elif registry and (foreign := _elsewhere(registry, limits)):
        yield ("image_uri",), foreign
    elif repository is not None and not matches(repository, limits.image_repositories):
        yield ("image_uri",), not_among("repositories", limits.image_repositories, "ImageRepositoryPattern")


def _configuration(fields: dict[str, Any], limits: Limits) -> Found:
    role, key = (_text(inner(fields, "configuration", name)) for name in ("role", "kms_key_arn"))
    if role is not None and not matches_arn(role, limits.roles):
        yield ("role",), not_among("roles", limits.roles, "PassRolePattern")
    if key and not matches_arn(key, limits.keys):
        yield ("kms_key_arn",), not_among("keys", limits.keys, "FunctionKmsKeyArn")
    for index, layer in enumerate(_listed(inner(fields, "configuration", "layers"))):
        yield from ((("layers", index), text) for text in _layer(layer, limits))
    for index, system in enumerate(_listed(inner(fields, "configuration", "file_system_configs"))):
        arn = _text(system.get("arn")) if isinstance(system, dict) else None
        if arn and (text := _elsewhere(_home(arn), limits)):
            yield ("file_system_configs", index, "arn"), text
    environment = inner(fields, "configuration", "environment")
    for name, reference in environment.items() if isinstance(environment, dict) else ():
        yield from ((("environment", name, kind), text) for kind, text in _reference(reference, limits))


def _layer(layer: Any, limits: Limits) -> Iterator[str]:
    arn = _text(layer)
    if arn is None or not arn.startswith("arn:"):
        return
    _, region = _home(arn)
    if limits.region and region != limits.region:
        yield f"is a layer in Region {shown(region)}, but functions in {limits.region} need layers in that Region"
    elif not matches_arn(arn, limits.layers):
        yield not_among("layers", limits.layers, "LayerArnPattern")


def _reference(reference: Any, limits: Limits) -> Iterator[tuple[str, str]]:
    given = reference if isinstance(reference, dict) else {}
    parameter, secret = _text(given.get("ssm")), _text(given.get("secret"))
    if parameter is not None:
        if text := _elsewhere(_home(parameter), limits):
            yield "ssm", text
        elif not matches(parameter_of(parameter).lstrip("/"), limits.parameters):
            yield "ssm", not_among("parameters", limits.parameters, "ParameterPattern")
    if secret is not None:
        if text := _elsewhere(_home(secret), limits):
            yield "secret", text
        elif not _is_within(secret, limits.secrets):
            yield "secret", not_among("secrets", limits.secrets, "SecretPattern")


def parameter_of(reference: str) -> str:
    """Return the name of a parameter in Systems Manager, without ARN, version or label; as GetParameter takes it."""
    if not reference.startswith("arn:"):
        return reference.partition(":")[0]
    return reference.split(":", 5)[-1].removeprefix("parameter").partition(":")[0]


def _is_within(secret: str, patterns: Sequence[str]) -> bool:
    """Return whether IAM can allow a secret, given by name or by ARN; the suffix of the ARN may be missing."""
    name = secret.split(":", 6)[-1] if secret.startswith("arn:") else secret
    exact = [pattern[: -len(SUFFIX)] for pattern in patterns if pattern[-len(SUFFIX) :][:1] == "-"]
    return matches(f"{name}{SUFFIX}", patterns) or matches(name, exact) or (name != secret and matches(name, patterns))


def _home(arn: str) -> tuple[str, str]:
    """Return the account and the Region of an ARN, each empty if it has none."""
    parts = arn.split(":", 5)
    return (parts[4], parts[3]) if parts[0] == "arn" and len(parts) == 6 else ("", "")


def _elsewhere(home: tuple[str, str], limits: Limits) -> str | None:
    for what, there, here in (("account", home[0], limits.account), ("Region", home[1], limits.region)):
        if there and here and there != here:
            return f"is in {what} {shown(there)}, but Tidegate's stack may use only its own {what}, {here}"
    return None


def not_among(what: str, patterns: Sequence[str], parameter: str) -> str:
    """Explain that the stack's parameter does not allow a name."""
    named = ", ".join(filter(None, patterns)) or "none"
    return (
        f"is not among the {what} that requests may name ({named}): set the parameter {parameter} of Tidegate's stack, "
        "or name another"
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= LONGEST else None


def _listed(value: Any) -> list[Any]:
    return value[:10] if isinstance(value, list) else []
