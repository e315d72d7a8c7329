"""Functions as CloudFormation resources: all properties, and waiting as it waits."""

import base64
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel

from localcloud.lambda_.backend import backend_of
from localcloud.lambda_.latest import Latest

_OTHER_NAMES = {"KmsKeyArn": "KMSKeyArn"}
_NUMBERS = ("Timeout", "MemorySize", "ReservedConcurrentExecutions")


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


def _specification(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as CreateFunction takes them."""
    spec = {_OTHER_NAMES.get(name, name): value for name, value in properties.items()}
    spec.update({name: int(spec[name]) for name in _NUMBERS if name in spec})
    spec["Tags"] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    if "Environment" in spec:  # a Ref to a Number parameter comes as a number
        variables = spec["Environment"].get("Variables", {})
        spec["Environment"] = {"Variables": {name: str(value) for name, value in variables.items()}}
    if "Layers" in spec:  # moto resolves a Ref to a layer's version as the version itself
        spec["Layers"] = [getattr(each, "arn", each) for each in spec["Layers"]]
    if "ZipFile" in spec["Code"]:  # in a template, this is source
        spec["Code"] = {**spec["Code"], "ZipFile": _zipped(spec["Code"]["ZipFile"])}
    return spec


def _zipped(source: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.py", source)
    return base64.b64encode(content.getvalue())
