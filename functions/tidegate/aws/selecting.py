"""Finding the functions that a request selects by tags or by a CloudFormation stack."""

from typing import Any

import boto3
from botocore.exceptions import ClientError

from tidegate.aws.clients import CONFIG, making_clients, tagging_client
from tidegate.aws.failures import code_of
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.limits import Settings, matches
from tidegate.domain.request.selection import Selection, selection_of

FUNCTION = "AWS::Lambda::Function"


def functions_of(request: Any, settings: Settings) -> list[str]:
    """Return the names, in order, of the selected functions that may be released here; none if the request names them.

    Raises
    ------
    InvalidRequest
        When it selects functions, and there are none.
    """
    selection = selection_of(request)
    if selection is None:
        return []
    found = set(_with_tag(selection) if selection.tag else _of_stack(selection))
    allowed = [each for each in sorted(found) if _may_be_released(each, settings)]
    if allowed:
        return allowed
    why = f"none of the {len(found)} functions with {selection} may be released here"
    pattern = f"FunctionPattern is {settings.function_pattern}"
    raise InvalidRequest([f'{selection.field}: {why} ({pattern}); example: "tag": {{"app": "shop"}}'])


def _may_be_released(function: str, settings: Settings) -> bool:
    return matches(function, [settings.function_pattern]) and not function.startswith(settings.own_prefix)


def _with_tag(selection: Selection) -> list[str]:
    pages = (
        tagging_client()
        .get_paginator("get_resources")
        .paginate(
            TagFilters=[{"Key": name, "Values": [value]} for name, value in selection.tag.items()],
            ResourceTypeFilters=["lambda:function"],
        )
    )
    return [found["ResourceARN"].split(":")[6] for page in pages for found in page["ResourceTagMappingList"]]


def _of_stack(selection: Selection) -> list[str]:
    with making_clients:
        client = boto3.client("cloudformation", config=CONFIG)
    pages = client.get_paginator("list_stack_resources").paginate(StackName=selection.stack)
    try:
        found = [each for page in pages for each in page["StackResourceSummaries"] if each["ResourceType"] == FUNCTION]
    except ClientError as error:
        if code_of(error) != "ValidationError":
            raise
        problem = f'stack: there is no stack {selection.stack} in this account and Region; example: "stack": "shop"'
        raise InvalidRequest([problem]) from None
    return [each["PhysicalResourceId"] for each in found if "PhysicalResourceId" in each]
