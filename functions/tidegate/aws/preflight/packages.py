"""Facts about what is released: compatibility and architectures of its package and layers, schemas of its messages."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from tidegate.aws.ledger import history
from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.archives import Part, binaries, from_link
from tidegate.aws.preflight.pace import client
from tidegate.domain.foreign_text import short_line, undotted
from tidegate.domain.media_types import IMAGES
from tidegate.domain.planning.preflight.contract import LARGEST_SCHEMA, read_schema
from tidegate.domain.request.code import bucket_and_key, registry_of, repository_of

LONGEST = 200

LARGEST = 1024 * 1024
"""Most bytes of an image's configuration, which has a few KB."""

OF_IMAGES = {"amd64": "x86_64"}
"""Lambda's names of architectures, by those in images (OCI image specification, "Image Configuration")."""


def layers(aim: Aim, _now: int) -> list[dict[str, Any]]:
    """Read each layer; one of another account may not be readable, which costs nothing else (`unread` says why)."""
    return [_layer(arn) for arn in aim.layers]


def _layer(arn: str) -> dict[str, Any]:
    layer, _, number = arn.rpartition(":")
    read: dict[str, Any] = {"architectures": [], "runtimes": [], "binaries": {}, "unread": ""}
    try:
        found = client("lambda").get_layer_version(LayerName=layer, VersionNumber=int(number))
        read["architectures"] = list(found.get("CompatibleArchitectures", ()))
        read["runtimes"] = list(found.get("CompatibleRuntimes", ()))
        read["binaries"] = binaries(from_link(found["Content"]["Location"]))
    except Exception as error:  # whatever is wrong with an archive of others, only this layer is not read
        read["unread"] = undotted(short_line(str(error) or repr(error), LONGEST))
    return {"name": ":".join(arn.split(":")[6:]), **read}


def package(aim: Aim, _now: int) -> dict[str, str]:
    """Return the binaries in the zip archive to release; none for an image."""
    if "S3Key" in aim.code:
        return binaries(partial(_part_of_object, aim.code))
    return binaries(from_link(aim.code["Location"])) if "Location" in aim.code and not _image_of(aim) else {}


def _part_of_object(code: Mapping[str, Any], start: int, end: int) -> Part:
    named = {"Bucket": code["S3Bucket"], "Key": code["S3Key"]}
    if "S3ObjectVersion" in code:
        named["VersionId"] = code["S3ObjectVersion"]
    found = client("s3").get_object(Range=f"bytes={start}-{end - 1}", **named)
    return found["Body"].read(end - start), found["ContentRange"]


def image(aim: Aim, _now: int) -> dict[str, str]:
    """Return the architecture of the image to release, from its configuration, which its manifest names.

    The configuration is a blob like a layer (OCI image specification). An index has none: Lambda runs images of one
    platform only.
    """
    uri = _image_of(aim)
    if not uri or (registry := registry_of(uri)) is None:
        return {}
    account, _ = registry
    place = {"registryId": account, "repositoryName": repository_of(uri)}
    named = [{"imageDigest": uri.partition("@")[2]}]
    (found,) = client("ecr").batch_get_image(imageIds=named, acceptedMediaTypes=sorted(IMAGES), **place)["images"]
    digest = json.loads(found["imageManifest"])["config"]["digest"]
    link = client("ecr").get_download_url_for_layer(layerDigest=digest, **place)["downloadUrl"]
    content, _ = from_link(link)(0, LARGEST)
    built = json.loads(content)["architecture"]
    return {f"image {named[0]['imageDigest'][:19]}": OF_IMAGES.get(built, built)}


def _image_of(aim: Aim) -> str:
    return str(aim.code.get("ResolvedImageUri") or aim.code.get("ImageUri") or "")


def messages(aim: Aim, _now: int) -> dict[str, dict[str, str]]:
    """Return the schemas of messages (see `read_schema`): `schema` of what is released, and `before` if another serves.

    Without an object for the version that serves, it is the text that was recorded with that version, or empty.
    """
    if aim.contract is None:
        return {}
    found = {"schema": _schema(aim.contract.messages)}
    if not aim.serves or aim.serves == aim.version:
        return found
    if aim.contract.before:
        return {**found, "before": _schema(aim.contract.before)}
    return {**found, "before": {"text": history.contract_of(f"{aim.function}:{aim.alias}", aim.serves)}}


def _schema(uri: str) -> dict[str, str]:
    bucket, key = bucket_and_key(uri)
    return read_schema(uri, client("s3").get_object(Bucket=bucket, Key=key)["Body"].read(LARGEST_SCHEMA + 1))
