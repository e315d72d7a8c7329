"""What a stack says of a function's asynchronous invocations, which moto leaves out."""

from collections.abc import Mapping
from typing import Any, Self

from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import JsonRESTError, ServiceException

from localcloud.lambda_.backend import backend_of

_NUMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")


class EventInvokeConfigResource(CloudFormationModel):
    """Belongs to one qualifier of one function, and cannot move to another."""

    def __init__(self, physical_id: str, function_name: str, qualifier: str) -> None:
        self.physical_resource_id = physical_id
        self._place = (function_name, qualifier)

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::EventInvokeConfig"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        properties = cloudformation_json["Properties"]
        function_name, qualifier = properties["FunctionName"], properties["Qualifier"]
        backend_of(account_id, region_name).put_event_config(function_name, qualifier, _settings(properties))
        return cls(resource_name, function_name, qualifier)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        changed = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
        if changed._place != original_resource._place:
            original_resource.delete(account_id, region_name)
        return changed

    def delete(self, account_id: str, region: str) -> None:
        try:
            backend_of(account_id, region).delete_event_config(*self._place)
        except (JsonRESTError, ServiceException):
            return  # gone with its function already


def _settings(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Give the numbers as numbers: CloudFormation takes text for them."""
    return {name: int(value) if name in _NUMBERS else value for name, value in properties.items()}
