"""moto's Lambda front, with the answers and calls that moto lacks."""

import json
from typing import Any
from urllib.parse import unquote

from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult

from localcloud.iam import caller_of
from localcloud.iam.authorise import decide
from localcloud.iam.demands.lambda_ import list_tags
from localcloud.lambda_ import errors, requests, throttle
from localcloud.lambda_.backend import Backend
from localcloud.lambda_.concurrency import Provisioned
from localcloud.lambda_.front_account import AccountAnswers
from localcloud.lambda_.front_layers import LayerAnswers
from localcloud.lambda_.front_runtimes import RuntimeAnswers
from localcloud.lambda_.front_urls import UrlAnswers
from localcloud.lambda_.naming import parse
from localcloud.lambda_.requests import Request
from localcloud.lambda_.versions import LATEST, FunctionVersion

Reply = tuple[int, dict[str, Any], str | bytes]
PAGE = 50


class LambdaFront(AccountAnswers, LayerAnswers, RuntimeAnswers, UrlAnswers, LambdaResponse):  # type: ignore[misc] # moto answers with a text
    backend: Backend

    def setup_class(
        self,
        request: Any,
        full_url: str | None = None,
        headers: Any = None,
        use_raw_body: bool | None = True,  # noqa: ARG002 - moto's signature
    ) -> None:
        """Leave the body as it came: it need not be text."""
        super().setup_class(request, full_url, headers, use_raw_body=True)

    @property
    def json_body(self) -> dict[str, Any]:
        content: dict[str, Any] = requests.parsed(self.body or b"{}")
        return content

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        """Come before every action of this service: the place to count calls."""
        super()._authenticate_and_authorize_normal_action(resource)
        try:
            throttle.check(self._get_action())
            requests.check(self._get_action(), Request(self.path, self.querystring, self.headers, self.body))
        except errors.LambdaError as error:
            self.response_headers.update(dict(error.get_headers()))  # moto keeps no headers of an error from here
            raise

    @staticmethod
    def _enrich_response(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        """Keep the request id of an invocation, which its log has too."""
        own = {name: value for name, value in headers.items() if name == "x-amzn-requestid"}
        headers, body = LambdaResponse._enrich_response(headers, body)
        return {**headers, **own}, body

    @property
    def _function_name(self) -> str:
        parts = self.path.split("/")
        return unquote(parts[parts.index("functions") + 1])

    @property
    def _alias_name(self) -> str:
        parts = self.path.split("/")
        return unquote(parts[parts.index("aliases") + 1])

    def _query(self, name: str) -> str | None:
        values = self.querystring.get(name)
        return str(values[0]) if values else None

    def create_function(self) -> Reply:
        latest = self.backend.create_function(self.json_body)
        configuration = latest.get_configuration()
        if self.json_body.get("Publish"):
            published = self.backend.functions.find(latest.function_name).newest()
            configuration["Version"] = published
        return _reply(201, configuration)

    def get_function(self) -> str:
        version, arn = self._qualified()
        shown = version.get_code()
        shown["Configuration"]["FunctionArn"] = arn
        function = self.backend.functions.find(self._function_name)
        if function.latest.tags and self._may_list_tags(function.arn()):
            shown["Tags"] = function.latest.tags
        if function.reserved is not None:
            shown["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
        return json.dumps(shown)

    def _may_list_tags(self, arn: str) -> bool:
        return decide(caller_of(self.access_key), self.region, list_tags(arn)).allowed

    def get_function_configuration(self) -> str:
        version, arn = self._qualified()
        return json.dumps({**version.get_configuration(), "FunctionArn": arn})

    def _qualified(self) -> tuple[FunctionVersion, str]:
        """Give the version asked for, and its ARN with the qualifier as asked."""
        name, qualifier = parse(self._function_name, self._query("Qualifier"))
        function = self.backend.functions.find(name, qualifier)
        return function.resolve(qualifier), function.arn(qualifier)

    def publish_version(self) -> Reply:
        wanted = self.json_body if self.body else {}
        version = self.backend.publish_version(
            self._function_name, wanted.get("Description"), wanted.get("CodeSha256"), wanted.get("RevisionId")
        )
        return _reply(201, version.get_configuration())

    def list_functions(self) -> str:
        version = self._query("FunctionVersion")
        shown = [_listed(function, qualified=version == "ALL") for function in self.backend.list_functions(version)]
        return self._page("Functions", shown)

    def list_versions_by_function(self) -> str:
        versions = self.backend.list_versions_by_function(self._function_name)
        return self._page("Versions", [_listed(version, qualified=True) for version in versions])

    def delete_function(self) -> Reply:
        self.backend.delete_function(self._function_name, self._query("Qualifier"))
        return 204, {"status": 204}, ""

    def create_alias(self) -> Reply:
        wanted = self.json_body
        alias = self.backend.create_alias(
            wanted["Name"],
            self._function_name,
            wanted["FunctionVersion"],
            wanted.get("Description"),
            wanted.get("RoutingConfig"),
        )
        return _reply(201, alias.to_json())

    def update_alias(self) -> Reply:
        wanted = self.json_body
        alias = self.backend.update_alias(
            self._alias_name,
            self._function_name,
            wanted.get("FunctionVersion"),
            wanted.get("Description"),
            wanted.get("RoutingConfig"),
            wanted.get("RevisionId"),
        )
        return _reply(200, alias.to_json())

    def get_alias(self) -> Reply:
        return _reply(200, self.backend.get_alias(self._alias_name, self._function_name).to_json())

    def list_aliases(self) -> Reply:
        aliases = self.backend.list_aliases(self._function_name, self._query("FunctionVersion"))
        return 200, {}, self._page("Aliases", [alias.to_json() for alias in aliases])

    def delete_alias(self) -> Reply:
        self.backend.delete_alias(self._alias_name, self._function_name)
        return 204, {"status": 204}, ""

    def put_provisioned_concurrency_config(self) -> Reply:
        requested = int(self.json_body["ProvisionedConcurrentExecutions"])
        config = self.backend.put_provisioned_concurrency(self._function_name, self._qualifier, requested)
        return _reply(202, config.to_json())

    def get_provisioned_concurrency_config(self) -> Reply:
        config = self.backend.get_provisioned_concurrency(self._function_name, self._qualifier)
        return _reply(200, config.to_json())

    def delete_provisioned_concurrency_config(self) -> Reply:
        self.backend.delete_provisioned_concurrency(self._function_name, self._qualifier)
        return 204, {"status": 204}, ""

    def list_provisioned_concurrency_configs(self) -> str:
        def shown(arn: str, config: Provisioned) -> dict[str, Any]:
            return {"FunctionArn": arn, **config.to_json()}

        configs = self.backend.list_provisioned_concurrency(self._function_name)
        return self._page("ProvisionedConcurrencyConfigs", [shown(*config) for config in configs])

    @property
    def _qualifier(self) -> str:
        return self._query("Qualifier") or LATEST

    def put_function_concurrency(self) -> Reply:
        wanted = self.json_body["ReservedConcurrentExecutions"]
        reserved = self.backend.put_function_concurrency(self._function_name, wanted)
        return _reply(200, {"ReservedConcurrentExecutions": reserved})

    def get_function_concurrency(self) -> Reply:
        reserved = self.backend.get_function_concurrency(self._function_name)
        return _reply(200, {} if reserved is None else {"ReservedConcurrentExecutions": reserved})

    def put_function_event_invoke_config(self) -> ActionResult:
        wanted = self.json_body
        return ActionResult(self.backend.put_event_config(self._function_name, self._query("Qualifier"), wanted))

    def update_function_event_invoke_config(self) -> str:
        wanted = self.json_body
        return json.dumps(self.backend.update_event_config(self._function_name, self._query("Qualifier"), wanted))

    def get_function_event_invoke_config(self) -> ActionResult:
        return ActionResult(self.backend.get_event_config(self._function_name, self._query("Qualifier")))

    def delete_function_event_invoke_config(self) -> Reply:
        self.backend.delete_event_config(self._function_name, self._query("Qualifier"))
        return 204, {"status": 204}, ""

    def list_function_event_invoke_configs(self) -> str:
        return self._page("FunctionEventInvokeConfigs", self.backend.list_event_configs(self._function_name))

    def create_event_source_mapping(self) -> Reply:
        return _reply(202, self.backend.create_event_source_mapping(self.json_body).get_configuration())

    def get_event_source_mapping(self) -> Reply:
        return _reply(200, self.backend.get_event_source_mapping(self._mapping).get_configuration())

    def list_event_source_mappings(self) -> str:
        found = self.backend.list_event_source_mappings(self._query("EventSourceArn"), self._query("FunctionName"))
        return self._page("EventSourceMappings", [mapping.get_configuration() for mapping in found])

    def update_event_source_mapping(self) -> Reply:
        return _reply(202, self.backend.update_event_source_mapping(self._mapping, self.json_body).get_configuration())

    def delete_event_source_mapping(self) -> Reply:
        return _reply(202, self.backend.delete_event_source_mapping(self._mapping).get_configuration())

    @property
    def _mapping(self) -> str:
        return unquote(self.path.rstrip("/").rsplit("/", 1)[-1])

    def remove_permission(self) -> Reply:
        statement = unquote(self.path.rsplit("/", 1)[-1])
        revision = self._query("RevisionId") or ""
        self.backend.remove_permission(self._function_name, statement, revision, self._query("Qualifier"))
        return 204, {"status": 204}, ""

    def invoke(self) -> Reply:
        headers: dict[str, Any] = {"content-type": "application/json"}
        payload = self.backend.invoke(self._function_name, self._query("Qualifier"), self.body, self.headers, headers)
        status = {"Event": 202, "DryRun": 204}.get(self.headers.get("X-Amz-Invocation-Type"), 200)
        return status, {**headers, "status": status}, payload

    def _page(self, member: str, shown: list[dict[str, Any]]) -> str:
        """One page; the marker is where the next one begins."""
        marker = self._query("Marker") or "0"
        if not marker.isdecimal():
            raise errors.invalid("Invalid Marker")
        start = int(marker)
        size = min(int(self._query("MaxItems") or PAGE), PAGE)
        answer: dict[str, Any] = {member: shown[start : start + size]}
        if start + size < len(shown):
            answer["NextMarker"] = str(start + size)
        return json.dumps(answer)


def _listed(version: FunctionVersion, *, qualified: bool) -> dict[str, Any]:
    summary = version.summary()
    if qualified and version.version == LATEST:
        summary["FunctionArn"] += f":{LATEST}"
    return summary


def _reply(status: int, answer: dict[str, Any]) -> Reply:
    return status, {"status": status, "content-type": "application/json"}, json.dumps(answer)
