"""New code for a function, and the schemas of its messages."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.domain.request.fields import Document, api_parameters, form

_REPOSITORY = re.compile(r"[^/\s]+/(?P<name>[^@:\s]+)")
_REGISTRY = re.compile(r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+/", re.ASCII)
"""Hosts of Amazon ECR: ACCOUNT.dkr.ecr.REGION.DOMAIN; by IPv6, ACCOUNT.dkr-ecr.REGION.on.aws (ECR guide)."""
_BY_DIGEST = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")


def _image_uri(uri: str) -> str:
    if not _BY_DIGEST.fullmatch(uri):
        raise ValueError("has no digest, and tags can move: end it with @sha256: and the 64 digits of the digest")
    return uri


def repository_of(image_uri: object) -> str | None:
    """Find the name of the repository in ECR: the part between the registry's host and a tag or digest."""
    found = _REPOSITORY.match(image_uri) if isinstance(image_uri, str) else None
    return found["name"] if found else None


def registry_of(image_uri: str) -> tuple[str, str] | None:
    """Return the account and the Region of an image in ECR; None for an image of another registry."""
    found = _REGISTRY.match(image_uri)
    return (found["account"], found["region"]) if found else None


class Code(Document):
    """New code: an object in S3, or an image by its digest."""

    s3_bucket: Annotated[str, form(r"[0-9A-Za-z._-]{2,62}[0-9A-Za-z_-]")] | None = Field(
        default=None, description="Bucket of the zip file, in the function's region.", examples=["builds"]
    )
    s3_key: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None, description="Key of the zip file.", examples=["checkout.zip"]
    )
    s3_object_version: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None,
        description="Version of the object, if the bucket has versioning.",
        examples=["3HL4kqtJvjVBH40Nrjfkd"],
    )
    image_uri: Annotated[str, Field(max_length=2048), AfterValidator(_image_uri)] | None = Field(
        default=None,
        description="Image in ECR, by digest: a tag can move between the check and the release, a digest cannot.",
        json_schema_extra={"pattern": "^[^\\s@]+@sha256:[0-9a-f]{64}$"},
        examples=["123456789012.dkr.ecr.eu-west-1.amazonaws.com/checkout@sha256:" + "4f" * 32],
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        zipped = [self.s3_bucket, self.s3_key, self.s3_object_version]
        if self.image_uri is not None:
            if zipped != [None] * 3:
                raise ValueError('must be either a zip file in S3 or an image: omit all other fields with "image_uri"')
        elif self.s3_bucket is None or self.s3_key is None:
            raise ValueError('needs "s3_bucket" and "s3_key", or "image_uri"')
        return self

    def api_parameters(self) -> dict[str, Any]:
        """Return the parameters of UpdateFunctionCode."""
        return api_parameters(self)


SchemaUri = Annotated[str, form(r"s3://[0-9A-Za-z._-]{2,62}[0-9A-Za-z_-]/.{1,1024}")]


class Contract(Document):
    """Where the JSON Schemas of a target's messages are."""

    messages: SchemaUri = Field(
        alias="schema",
        description="Object in S3 with the JSON Schema of the messages of the version that is released.",
        examples=["s3://builds/orders.schema.json"],
    )
    before: SchemaUri | None = Field(
        default=None,
        description="The same for the version that serves now. Default: what was recorded when it was released.",
        examples=["s3://builds/orders.schema.old.json"],
    )


def bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
