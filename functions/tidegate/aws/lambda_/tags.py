"""Functions by their tags."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import lambda_client, tagging_client
from tidegate.aws.failures import code_of
from tidegate.domain.starting import Tagged


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
    """Read the tags of one function; none where it has been deleted since."""
    name = arn.split(":")[6]
    try:
        return Tagged(name, lambda_client().list_tags(Resource=arn)["Tags"])
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return Tagged(name, {})
