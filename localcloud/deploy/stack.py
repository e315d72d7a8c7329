"""Deploying a template: through SAM's transform into moto's CloudFormation."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.deploy.errors import TemplateError
from localcloud.deploy.template import transformed

STACK_NAME = "[a-zA-Z][-a-zA-Z0-9]{0,127}"

# It asks for metrics of its use to be published.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Deployment:
    """The result of a stack: its outputs, and the physical id of each resource by logical id."""

    stack_name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]


def deploy(
    client: Callable[[str], Any], template: Path, parameters: Mapping[str, str], stack_name: str, region: str
) -> Deployment:
    """Create a stack. Raises TemplateError, also for a name that is taken: updates are not supported."""
    if not re.fullmatch(STACK_NAME, stack_name):
        raise TemplateError(
            f"{stack_name!r} is not a stack name: use up to 128 letters, digits and -, beginning with a letter"
        )
    body = transformed(template, parameters, region)
    cloudformation = client("cloudformation")
    if stack_name in _stack_names(cloudformation):
        raise TemplateError(f"the stack {stack_name} already exists; the local cloud does not update stacks")
    cloudformation.create_stack(
        StackName=stack_name,
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    return described(cloudformation, stack_name)


def described(cloudformation: Any, stack_name: str) -> Deployment:
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise TemplateError(f"{stack_name} is {stack['StackStatus']}: {stack.get('StackStatusReason')}")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return Deployment(
        stack_name,
        {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in resources},
    )


def _stack_names(cloudformation: Any) -> set[str]:
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    return {stack["StackName"] for page in pages for stack in page["Stacks"]}
