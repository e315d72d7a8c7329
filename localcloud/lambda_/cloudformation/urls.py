"""Function URLs as CloudFormation resources, which moto does not support."""

from typing import Any, Self

from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import JsonRESTError, ServiceException

from localcloud.lambda_.backend import backend_of


class UrlResource(CloudFormationModel):
    """The URL of an alias or of the unqualified function; `Ref` is the function's ARN."""

    def __init__(self, config: dict[str, Any], function_name: str, qualifier: str | None) -> None:
        self._config = config
        self._place = (function_name, qualifier)

    @property
    def physical_resource_id(self) -> str:
        return str(self._config["FunctionArn"])

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Url"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in {"FunctionArn", "FunctionUrl"}

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return str(self._config[attribute_name])

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> Self:
        properties = cloudformation_json["Properties"]
        place = (properties["TargetFunctionArn"], properties.get("Qualifier"))
        return cls(backend_of(account_id, region_name).create_url(*place, properties), *place)

    def delete(self, account_id: str, region: str) -> None:
        try:
            backend_of(account_id, region).delete_url(*self._place)
        except (JsonRESTError, ServiceException):
            return  # gone with its function already
