"""Queue policies as CloudFormation resources, which moto does not support."""

import json
from collections.abc import Iterable
from typing import Any, Self

from moto.core.common_models import CloudFormationModel
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends


class QueuePolicyResource(CloudFormationModel):
    """Gives its policy to each of its queues, named by their URLs."""

    def __init__(self, physical_id: str, queues: list[str]) -> None:
        self.physical_resource_id = physical_id
        self._queues = queues

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        properties = cloudformation_json["Properties"]
        _set_policy(properties["Queues"], json.dumps(properties["PolicyDocument"]), account_id, region_name)
        return cls(resource_name, properties["Queues"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        physical_id = original_resource.physical_resource_id
        changed = cls.create_from_cloudformation_json(physical_id, cloudformation_json, account_id, region_name)
        _set_policy(set(original_resource._queues) - set(changed._queues), "", account_id, region_name)
        return changed

    def delete(self, account_id: str, region: str) -> None:
        try:
            _set_policy(self._queues, "", account_id, region)
        except QueueDoesNotExist:
            return  # gone before its policy


def _set_policy(queue_urls: Iterable[str], policy: str, account_id: str, region: str) -> None:
    for url in queue_urls:
        sqs_backends[account_id][region].set_queue_attributes(url.rpartition("/")[2], {"Policy": policy})
