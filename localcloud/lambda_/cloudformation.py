"""Functions, versions and aliases as CloudFormation resources: all properties, and waiting as it waits."""

import base64
import contextlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any, Self

from moto.awslambda.exceptions import UnknownFunctionException
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel

from localcloud.lambda_.backends import backend_of
from localcloud.lambda_.naming import parse
from localcloud.lambda_.versions import Latest

_OTHER_NAMES = {"KmsKeyArn": "KMSKeyArn"}
_NUMBERS = ("Timeout", "MemorySize", "ReservedConcurrentExecutions")


def install() -> None:
    """Have moto look its resource classes up again, these among them."""
    parsing.get_model_list.cache_clear()
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()


class FunctionResource(CloudFormationModel):
    """Makes and changes functions; the resource itself is the function's $LATEST."""

    @staticmethod
    def cloudformation_name_type() -> str:
        return "FunctionName"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Lambda::Function"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Latest:
        spec = {**_specification(cloudformation_json["Properties"]), "FunctionName": resource_name}
        latest = backend_of(account_id, region_name).create_function(spec)
        latest.settle_now()
        return latest

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Latest,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Latest:
        backend = backend_of(account_id, region_name)
        spec = _specification(cloudformation_json["Properties"])
        name = original_resource.function_name
        backend.update_function_code(name, None, spec["Code"])
        original_resource.settle_now()
        backend.update_function_configuration(name, None, spec)
        original_resource.settle_now()
        return original_resource


class VersionResource(CloudFormationModel):
    """`Ref` is the version's ARN."""

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

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


class AliasResource(CloudFormationModel):
    """`Ref` is the alias' ARN."""

    def __init__(self, arn: str) -> None:
        self.physical_resource_id = arn

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

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


def _specification(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as CreateFunction takes them."""
    spec = {_OTHER_NAMES.get(name, name): value for name, value in properties.items()}
    spec.update({name: int(spec[name]) for name in _NUMBERS if name in spec})
    spec["Tags"] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    if "Environment" in spec:  # a Ref to a Number parameter comes as a number
        variables = spec["Environment"].get("Variables", {})
        spec["Environment"] = {"Variables": {name: str(value) for name, value in variables.items()}}
    if "ZipFile" in spec["Code"]:  # in a template, this is source
        spec["Code"] = {**spec["Code"], "ZipFile": _zipped(spec["Code"]["ZipFile"])}
    return spec


def _zipped(source: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", source)
    return base64.b64encode(content.getvalue())


def _weights(properties: Mapping[str, Any]) -> dict[str, Any] | None:
    entries = properties.get("RoutingConfig", {}).get("AdditionalVersionWeights")
    if entries is None:
        return None
    return {"AdditionalVersionWeights": {str(e["FunctionVersion"]): float(e["FunctionWeight"]) for e in entries}}
