"""Versions and aliases as CloudFormation resources."""

import contextlib
from collections.abc import Mapping
from typing import Any, Self

from moto.awslambda.exceptions import UnknownFunctionException
from moto.core.common_models import CloudFormationModel

from localcloud.lambda_.backend import backend_of
from localcloud.lambda_.naming import parse


class _Qualified:
    """What both are: no property is their name, and `Ref` is their ARN."""

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""


class VersionResource(_Qualified, CloudFormationModel):
    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Version"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in ("Version", "FunctionArn")

    def get_cfn_attribute(self, attribute_name: str) -> str:
        if attribute_name == "Version":
            return self.physical_resource_id.rpartition(":")[2]
        return self.physical_resource_id

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
        backend = backend_of(account_id, region_name)
        version = backend.publish_version(properties["FunctionName"], properties.get("Description"))
        return cls(version.function_arn)

    def delete(self, account_id: str, region: str) -> None:
        """Keep the version: SAM gives it DeletionPolicy Retain, which moto does not read."""


class AliasResource(_Qualified, CloudFormationModel):
    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Alias"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "AliasArn"

    def get_cfn_attribute(self, attribute_name: str) -> str:  # noqa: ARG002 - there is one attribute
        return self.physical_resource_id

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
        alias = backend_of(account_id, region_name).create_alias(
            properties["Name"],
            properties["FunctionName"],
            str(properties["FunctionVersion"]),
            properties.get("Description"),
            _weights(properties),
        )
        return cls(alias.arn)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        properties = cloudformation_json["Properties"]
        backend_of(account_id, region_name).update_alias(
            properties["Name"],
            properties["FunctionName"],
            str(properties["FunctionVersion"]),
            properties.get("Description"),
            _weights(properties) or {},
        )
        return original_resource

    def delete(self, account_id: str, region: str) -> None:
        name, alias = parse(self.physical_resource_id)
        with contextlib.suppress(UnknownFunctionException):  # gone with its function already
            backend_of(account_id, region).delete_alias(alias or "", name)


def _weights(properties: Mapping[str, Any]) -> dict[str, Any] | None:
    entries = properties.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    if entries is None:
        return None
    return {"AdditionalVersionWeights": {str(e["FunctionVersion"]): float(e["FunctionWeight"]) for e in entries}}
