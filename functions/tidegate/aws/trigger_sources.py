"""The current state of event sources: tags of functions, an image in ECR, an object in S3."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws import images
from tidegate.aws.clients import lambda_client, storage_client, tagging_client
from tidegate.aws.failures import code_of
from tidegate.domain.triggers import Brought, Image, StoredObject, Tagged


def functions_with(name: str, values: Sequence[str]) -> list[Tagged]:
    """Find the functions of this account and Region that have a tag with one of these values.

    The tagging API is eventually consistent: a tag that was just set may be missing for a while.
    """
    pages = (
        tagging_client()
        .get_paginator("get_resources")
        .paginate(TagFilters=[{"Key": name, "Values": list(values)}], ResourceTypeFilters=["lambda:function"])
    )
    return [_tagged(found) for page in pages for found in page["ResourceTagMappingList"]]


def _tagged(found: Any) -> Tagged:
    return Tagged(found["ResourceARN"].split(":")[6], {tag["Key"]: tag["Value"] for tag in found["Tags"]})


def of_function(arn: str) -> Tagged:
    """Read the tags of one function; empty if it has been deleted."""
    name = arn.split(":")[6]
    try:
        return Tagged(name, lambda_client().list_tags(Resource=arn)["Tags"])
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return Tagged(name, {})


def newest(brought: Brought) -> str | None:
    """Return the digest or the version with this name now; None if there is none any more.

    After an event, both services return the latest write.
    """
    return _of_tag(brought) if isinstance(brought, Image) else _of_key(brought)


def _of_tag(image: Image) -> str | None:
    found = images.describe(image.repository, imageTag=image.tag)
    return found.digest if found else None


def _of_key(stored: StoredObject) -> str | None:
    """Versions are listed by key, the newest of each first: the first whose key begins so is that of the key itself."""
    listed = storage_client().list_object_versions(Bucket=stored.bucket, Prefix=stored.key, MaxKeys=1)
    found = [each for each in listed.get("Versions", []) if each["Key"] == stored.key and each["IsLatest"]]
    return str(found[0]["VersionId"]) if found else None
