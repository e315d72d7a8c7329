"""External resources of a request: objects, images, parameters and secrets.

Plan asks here whether they are there, not what is in them; only a definite answer counts. Update, which has another
role, handles resources that Plan may not read, and reads the values of environment variables.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws import images
from tidegate.aws.clients import parameters_client, secrets_client, storage_client
from tidegate.aws.failures import code_of, is_busy
from tidegate.aws.logger import logger
from tidegate.domain.errors import ReferenceUnresolved
from tidegate.domain.foreign_text import parse_json
from tidegate.domain.media_types import not_run
from tidegate.domain.request.code import bucket_and_key, repository_of
from tidegate.domain.request.configuration import Reference
from tidegate.domain.request.models import TargetRequest
from tidegate.domain.request.problems import shown

AT_ONCE = 2
"""Concurrent calls: about the 40 GetParameter a second that Systems Manager allows (its quotas)."""

Lookup = tuple[Callable[..., str | None], tuple[str, ...]]
"""A check and its arguments: it runs once, even for several targets."""


def absent(targets: Sequence[TargetRequest], *, short: bool) -> list[str]:
    """Return a problem, "path: mistake; example: …", for each missing resource."""
    places: dict[Lookup, list[str]] = {}
    for index, target in enumerate(targets):
        for place, lookup in _named(target):
            places.setdefault(lookup, []).append(f"{'' if short else f'targets[{index}].'}{place}")
    if not places:
        return []
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        answers = dict(zip(places, pool.map(_asked, places), strict=True))
    return [f"{place}: {text}" for lookup, text in answers.items() if text for place in places[lookup]]


def _named(target: TargetRequest) -> Iterator[tuple[str, Lookup]]:
    code = target.code
    if code and code.image_uri:
        yield "code.image_uri", (_image, (code.image_uri,))
    elif code and code.s3_bucket and code.s3_key and code.s3_object_version:
        yield "code.s3_object_version", (_version, (code.s3_bucket, code.s3_key, code.s3_object_version))
    elif code and code.s3_bucket and code.s3_key:
        yield "code.s3_key", (_object, (code.s3_bucket, code.s3_key))
    if target.contract:
        yield "contract.schema", (_schema, bucket_and_key(target.contract.messages))
        if target.contract.before:
            yield "contract.before", (_schema, bucket_and_key(target.contract.before))
    environment = (target.configuration and target.configuration.environment) or {}
    for name, reference in environment.items():
        place = f"configuration.environment.{name}"
        if reference.ssm:
            yield f"{place}.ssm", (_parameter, (reference.ssm,))
        if reference.secret:
            yield f"{place}.secret", (_secret, (reference.secret,))


def _asked(lookup: Lookup) -> str | None:
    look, arguments = lookup
    try:
        return look(*arguments)
    except ClientError as error:
        if is_busy(error):
            raise
        logger.warning("Plan could not check whether %s exists: %s", arguments[-1], code_of(error))
        return None


def _image(uri: str) -> str | None:
    repository, digest = str(repository_of(uri)), uri.partition("@")[2]
    found = images.describe(repository, imageDigest=digest)
    if found is None:
        return f"there is no image {digest} in the repository {repository} of ECR: push it first; example: docker push"
    return not_run(found.kind, found.manifest, found.artifact) if found.kind else None


def _object(bucket: str, key: str) -> str | None:
    """Check for a key by its versions, newest first, without permission to read it.

    S3 API reference, ListObjectVersions.
    """
    found = _versions(bucket, key, most=1)
    if found is None or any(each["Key"] == key and each["IsLatest"] for each in found["Versions"]):
        return _no_bucket(bucket) if found is None else None
    return _no_object(bucket, key, "checkout.zip")


def _schema(bucket: str, key: str) -> str | None:
    """Check for the schema of messages, in the same way."""
    found = _versions(bucket, key, most=1)
    if found is None:
        return f'there is no bucket {bucket}: name another; example: "schema": "s3://builds/orders.schema.json"'
    there = any(each["Key"] == key and each["IsLatest"] for each in found["Versions"])
    return None if there else _no_object(bucket, key, "orders.schema.json")


def _no_object(bucket: str, key: str, file: str) -> str:
    where = f"s3://{bucket}/{shown(key)}"
    return f"there is no object {where}: upload it first; example: aws s3 cp {file} {where}"


def _version(bucket: str, key: str, version: str) -> str | None:
    """Check for a version among the newest 1000 of the key; older versions are not checked."""
    found = _versions(bucket, key, most=1000)
    if found is None:
        return _no_bucket(bucket)
    if found["IsTruncated"] or any((each["Key"], each["VersionId"]) == (key, version) for each in found["Versions"]):
        return None
    what = f"s3://{bucket}/{shown(key)} has no version {shown(version)}"
    return f'{what}; example: "s3_object_version": "3HL4kqtJvjVBH40Nrjfkd"'


def _versions(bucket: str, key: str, *, most: int) -> Any | None:
    try:
        listed = storage_client().list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=most)
    except ClientError as error:
        if code_of(error) != "NoSuchBucket":
            raise
        return None
    return {"Versions": [], "IsTruncated": False, **listed}


def _no_bucket(bucket: str) -> str:
    return f'there is no bucket {bucket}: name the bucket of the zip file; example: "s3_bucket": "builds"'


def _parameter(name: str) -> str | None:
    """Read a parameter without decryption, and drop its value."""
    try:
        parameters_client().get_parameter(Name=name)
    except ClientError as error:
        if code_of(error) not in {"ParameterNotFound", "ParameterVersionNotFound"}:
            raise
        return f'there is no parameter {name} in this account and Region; example: "LEVEL": {{"ssm": "/shop/level"}}'
    return None


def _secret(name: str) -> str | None:
    try:
        deleted = secrets_client().describe_secret(SecretId=name).get("DeletedDate")
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return f'there is no secret {name} in this account and Region; example: "LOGIN": {{"secret": "shop/login"}}'
    if not deleted:
        return None
    return f"the secret {name} is being deleted; example: aws secretsmanager restore-secret --secret-id {name}"


def resolve(references: Mapping[str, Reference]) -> dict[str, str]:
    """Read the value of each variable. The values go only to Lambda.

    Raises
    ------
    ReferenceUnresolved
        Names the variable and the reference, never a value.
    """
    return {name: _value(name, reference) for name, reference in references.items()}


def _value(name: str, reference: Reference) -> str:
    try:
        if reference.ssm is not None:
            answer = parameters_client().get_parameter(Name=reference.ssm, WithDecryption=True)
            return answer["Parameter"]["Value"]
        return _value_of_secret(name, reference)
    except ClientError as error:
        if is_busy(error):
            raise
        raise ReferenceUnresolved(
            f"configuration.environment.{name}: {_place(reference)} could not be read ({code_of(error)}). "
            "Check its name and what the Update function's role may read (parameters of template.yaml)."
        ) from None


def _value_of_secret(name: str, reference: Reference) -> str:
    assert reference.secret is not None
    value = secrets_client().get_secret_value(SecretId=reference.secret).get("SecretString")
    if value is None:
        raise ReferenceUnresolved(f"configuration.environment.{name}: {_place(reference)} is binary, not text.")
    if reference.key is None:
        return value
    fields = _fields_of(value)
    if fields is None:
        raise ReferenceUnresolved(
            f"configuration.environment.{name}: {_place(reference)} is not a JSON object, so it has no field "
            f"{reference.key!r}."
        )
    if reference.key not in fields:
        raise ReferenceUnresolved(
            f"configuration.environment.{name}: {_place(reference)} has no field {reference.key!r}."
        )
    return str(fields[reference.key])


def _fields_of(value: str) -> dict[str, object] | None:
    try:
        fields = parse_json(value)
    except ValueError:  # its sentence would tell where in the secret
        return None
    return fields if isinstance(fields, dict) else None


def _place(reference: Reference) -> str:
    return f"parameter {reference.ssm}" if reference.ssm else f"secret {reference.secret}"
