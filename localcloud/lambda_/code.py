"""Where the code of a function comes from (zip, S3, image) and the folder it is run from."""

import base64
import binascii
import hashlib
import io
import json
import os
import re
import shutil
import stat
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from moto.ecr.models import Image as EcrImage
from moto.ecr.models import ecr_backends
from moto.s3.exceptions import MissingBucket, MissingKey
from moto.s3.models import s3_backends

from localcloud.lambda_ import errors, scratch


@dataclass(frozen=True)
class Code:
    """Code as deployed: never changes, and is the same code exactly if `sha256` is the same."""

    sha256: str  # base64 for a zip, the hexadecimal digest of an image
    size: int
    folder: Path
    image_uri: str | None = None
    image_handler: str | None = None


@dataclass(frozen=True)
class Image:
    folder: Path
    handler: str


_BY_DIGEST = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<repository>[^@:]+)@(?P<digest>sha256:[0-9a-f]{64})"
)
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIGURATION = "application/vnd.oci.image.config.v1+json"

_folders: dict[tuple[str, str], Path] = {}
_images: dict[str, Image] = {}


def register_folder(s3_bucket: str, s3_key: str, folder: Path) -> None:
    """Make (bucket, key) stand for a folder that is run in place, instead of an object in S3."""
    _folders[s3_bucket, s3_key] = folder.resolve()


def register_image(image_uri: str, folder: Path, handler: str = "app.handler") -> None:
    """Make an image's uri known, in ECR as well; its content is `folder`, its command is `handler`."""
    _images[image_uri] = Image(folder.resolve(), handler)
    if found := _BY_DIGEST.fullmatch(image_uri):
        _put_into_ecr(found["account"], found["region"], found["repository"], found["digest"])


def _put_into_ecr(account: str, region: str, repository: str, digest: str) -> None:
    backend = ecr_backends[account][region]
    if repository not in backend.repositories:
        backend.create_repository(repository, None, {}, {}, "MUTABLE", [])
    images, no_tag = backend.repositories[repository].images, cast("str", None)
    if not any(image.image_digest == digest for image in images):
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"mediaType": CONFIGURATION, "digest": digest}}
        images.append(EcrImage(account, no_tag, json.dumps(manifest), repository, MANIFEST, digest))


def load(source: dict[str, Any], account_id: str, partition: str) -> Code:
    """Read the code that CreateFunction or UpdateFunctionCode names. Raises InvalidParameterValueException."""
    if "ZipFile" in source:
        return _from_zip(_decoded(source["ZipFile"]))
    if "ImageUri" in source:
        return _from_image(source["ImageUri"])
    if "S3Bucket" not in source or "S3Key" not in source:
        raise errors.invalid("Please provide a source for function code.")
    folder = _folders.get((source["S3Bucket"], source["S3Key"]))
    if folder is not None:
        digest, size = _digest_of(folder)
        return Code(base64.b64encode(digest).decode(), size, folder)
    return _from_zip(_from_s3(source, account_id, partition))


def _decoded(zip_file: str | bytes) -> bytes:
    try:
        return base64.b64decode(zip_file)
    except binascii.Error as error:
        raise errors.invalid("Could not decode ZipFile.") from error


def _from_s3(source: dict[str, Any], account_id: str, partition: str) -> bytes:
    store = s3_backends[account_id][partition]
    prefix = "Error occurred while GetObject. S3 Error Code: "
    try:
        key = store.get_object(source["S3Bucket"], source["S3Key"], version_id=source.get("S3ObjectVersion"))
    except MissingBucket as error:
        text = f"{prefix}NoSuchBucket. S3 Error Message: The specified bucket does not exist"
        raise errors.invalid(text) from error
    except MissingKey:
        key = None
    if key is None:
        raise errors.invalid(f"{prefix}NoSuchKey. S3 Error Message: The specified key does not exist.")
    content: bytes = key.value
    return content


def _from_zip(content: bytes) -> Code:
    digest = hashlib.sha256(content)
    return Code(base64.b64encode(digest.digest()).decode(), len(content), unpack(content))


def unpack(content: bytes) -> Path:
    """Unzip into a folder named after the content, once."""
    target = scratch.folder("code") / hashlib.sha256(content).hexdigest()
    if target.exists():
        return target
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                path = Path(archive.extract(entry, part))
                if entry.external_attr >> 16 & stat.S_IXUSR and path.is_file():
                    path.chmod(0o755)
    except zipfile.BadZipFile as error:
        text = "Could not unzip uploaded file. Please check your file, then try to upload again."
        raise errors.invalid(text) from error
    try:
        part.rename(target)
    except OSError:  # somebody else unpacked the same content meanwhile
        shutil.rmtree(part, ignore_errors=True)
    return target


def _from_image(uri: str) -> Code:
    image = _images.get(uri)
    if image is None:
        raise errors.invalid(f"Source image {uri} does not exist. Provide a valid source image.")
    digest, size = _digest_of(image.folder)
    # A tag is resolved once, here: moving it later does not update the function.
    sha256 = uri.partition("@sha256:")[2] or digest.hex()
    return Code(sha256, size, image.folder, image_uri=uri, image_handler=image.handler)


def _digest_of(folder: Path) -> tuple[bytes, int]:
    return _digest_of_files(tuple(sorted(_files(str(folder)))), len(str(folder)) + 1)


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    """Yield the path of each file, when it was changed, and its size."""
    for found in os.scandir(folder):
        if found.is_dir():
            if found.name != "__pycache__":
                yield from _files(found.path)
        elif found.is_file():
            status = found.stat()
            yield found.path, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=16)
def _digest_of_files(files: tuple[tuple[str, int, int], ...], start: int) -> tuple[bytes, int]:
    """Read the files, once for the many functions of a template that share a folder; names begin at `start`."""
    digest, size = hashlib.sha256(), 0
    for name, _, _ in files:
        content = Path(name).read_bytes()
        digest.update(f"{name[start:]}\0{len(content)}\0".encode())
        digest.update(content)
        size += len(content)
    return digest.digest(), size
