"""APIs in front of functions, as stacks describe them: by their OpenAPI document, with stages.

moto makes a REST API of its name alone, and has neither stages of them nor HTTP APIs as resources. CloudFormation
template reference, AWS::ApiGateway::RestApi and Stage, AWS::ApiGatewayV2::Api and Stage.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from moto.apigateway.models import Deployment, RestAPI, apigateway_backends
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.common_models import CloudFormationModel

ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
DEFAULT_ROUTE = "$default"

Properties = Mapping[str, Any]


def install() -> None:
    rest: Any = RestAPI
    rest.create_from_cloudformation_json = _create_rest_api
    rest.update_from_cloudformation_json = _update_rest_api
    rest.delete_from_cloudformation_json = _delete_rest_api
    deployment: Any = Deployment
    deployment.physical_resource_id = property(lambda made: made.id)
    deployment.delete_from_cloudformation_json = lambda *_: None


def _routes(body: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give path, method and integration of each operation."""
    for path, methods in sorted(((body or {}).get("paths") or {}).items()):
        for method, operation in methods.items():
            if isinstance(operation, dict) and INTEGRATION in operation:
                yield path, "ANY" if method == ANY_METHOD else method.upper(), operation[INTEGRATION]


def _title(properties: Properties, resource_name: str) -> str:
    document = properties.get("Body") or {}
    return str(properties.get("Name") or (document.get("info") or {}).get("title") or resource_name)


def _create_rest_api(resource_name: str, template: Properties, account_id: str, region_name: str, **_: Any) -> Any:
    properties = template["Properties"]
    backend: Any = apigateway_backends[account_id][region_name]
    api = backend.create_rest_api(name=_title(properties, resource_name), description=properties.get("Description", ""))
    _add_methods(backend, api, properties.get("Body"))
    return api


def _update_rest_api(
    original_resource: Any, new_resource_name: str, cloudformation_json: Properties, account_id: str, region_name: str
) -> Any:
    """Replace what the document describes; the API stays the same one."""
    properties, backend = cloudformation_json["Properties"], apigateway_backends[account_id][region_name]
    original_resource.name = _title(properties, new_resource_name)
    original_resource.resources = {}
    original_resource.default = original_resource.add_child("/")
    _add_methods(backend, original_resource, properties.get("Body"))
    return original_resource


def _delete_rest_api(resource_name: str, _template: Properties, account_id: str, region_name: str) -> None:
    apigateway_backends[account_id][region_name].apis.pop(resource_name, None)


def _add_methods(backend: Any, api: Any, body: Any) -> None:
    for path, method, integration in _routes(body):
        resource = api.default
        for depth, part in enumerate(parts := path.strip("/").split("/"), start=1):
            resource = api.get_resource_for_path("/" + "/".join(parts[:depth])) or backend.create_resource(
                api.id, resource.id, part
            )
        backend.put_method(api.id, resource.id, method, "NONE")
        kind, uri = str(integration.get("type", "mock")).upper(), integration.get("uri", "")
        backend.put_integration(api.id, resource.id, method, kind, uri, integration.get("httpMethod", "POST"))


class _Named:
    """What the three below share: no property is their name, and `Ref` is their id."""

    def __init__(self, physical_id: str, *place: str) -> None:
        self.physical_resource_id = physical_id
        self._place = place

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""


class _Stage(_Named):
    """A stage, which is updated by creating it again."""

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,  # noqa: ARG003 - moto's signature
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Any:
        made: Any = cls
        return made.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)


class StageResource(_Stage, CloudFormationModel):
    """A stage of a REST API."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGateway::Stage"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> Self:
        properties = cloudformation_json["Properties"]
        api, name = properties["RestApiId"], properties.get("StageName", resource_name)
        stages: Any = apigateway_backends[account_id][region_name].get_rest_api(api).stages
        stages.pop(name, None)
        backend: Any = apigateway_backends[account_id][region_name]
        backend.create_stage(api, name, properties["DeploymentId"], properties.get("Variables"))
        return cls(name, api)

    def delete(self, account_id: str, region: str) -> None:
        api: Any = apigateway_backends[account_id][region].apis.get(self._place[0])
        if api:
            api.stages.pop(self.physical_resource_id, None)


class HttpApiResource(_Named, CloudFormationModel):
    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in ("ApiEndpoint", "ApiId")

    def get_cfn_attribute(self, attribute_name: str) -> str:
        region = self._place[0]
        if attribute_name == "ApiId":
            return self.physical_resource_id
        return f"https://{self.physical_resource_id}.execute-api.{region}.amazonaws.com"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> Self:
        properties, backend = cloudformation_json["Properties"], apigatewayv2_backends[account_id][region_name]
        api: Any = backend.create_api(
            api_key_selection_expression=properties.get("ApiKeySelectionExpression"),
            cors_configuration=properties.get("CorsConfiguration"),
            description=properties.get("Description", ""),
            disable_schema_validation=properties.get("DisableSchemaValidation"),
            disable_execute_api_endpoint=properties.get("DisableExecuteApiEndpoint"),
            name=_title(properties, resource_name),
            protocol_type=properties.get("ProtocolType", "HTTP"),
            route_selection_expression=properties.get("RouteSelectionExpression"),
            tags=properties.get("Tags") or {},
            version=properties.get("Version", ""),
        )
        _add_routes(api, properties.get("Body"))
        return cls(api.api_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Self:
        api: Any = apigatewayv2_backends[account_id][region_name].get_api(original_resource.physical_resource_id)
        properties = cloudformation_json["Properties"]
        api.clear()
        api.name = _title(properties, new_resource_name)
        _add_routes(api, properties.get("Body"))
        return original_resource

    def delete(self, account_id: str, region: str) -> None:
        apigatewayv2_backends[account_id][region].delete_api(self.physical_resource_id)


def _add_routes(api: Any, body: Any) -> None:
    for path, method, integration in _routes(body):
        made = api.create_integration(
            connection_type="INTERNET",
            description="",
            integration_method=integration.get("httpMethod"),
            integration_type=str(integration.get("type", "")).upper(),
            integration_uri=integration.get("uri"),
            payload_format_version=integration.get("payloadFormatVersion"),
        )
        route = path if path == DEFAULT_ROUTE else f"{method} {path}"
        api.create_route(False, [], route, f"integrations/{made.id}")


class HttpStageResource(_Stage, CloudFormationModel):
    """A stage of an HTTP API."""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::ApiGatewayV2::Stage"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> Self:
        properties = cloudformation_json["Properties"]
        name = properties.get("StageName", resource_name)
        config = {"stageName": name, "autoDeploy": properties.get("AutoDeploy")}
        apigatewayv2_backends[account_id][region_name].create_stage(properties["ApiId"], config)
        return cls(name, properties["ApiId"])

    def delete(self, account_id: str, region: str) -> None:
        api: Any = apigatewayv2_backends[account_id][region].apis.get(self._place[0])
        if api:
            api.delete_stage(self.physical_resource_id)
