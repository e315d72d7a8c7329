"""The call Invoke: from a request to a version, and from an outcome to a response."""

import base64
import re
import uuid
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING

import localcloud.iam
from localcloud.lambda_ import code, errors, routing, service
from localcloud.lambda_.asynchronous import Handling
from localcloud.lambda_.calls import Answer, Call
from localcloud.lambda_.invoke import checked_payload, decoded_context, new_request_id
from localcloud.lambda_.naming import parse
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.versions import LATEST

if TYPE_CHECKING:
    import threading

    from localcloud.lambda_.functions import Function, Functions
    from localcloud.lambda_.versions import FunctionVersion

_ACCESS_KEY = re.compile(r"Credential=([^/]+)/")


class InvokeCalls:
    functions: "Functions"
    lock: "threading.RLock"
    region_name: str
    account_id: str

    def invoke(
        self,
        function_name: str,
        qualifier: str | None,
        body: str | bytes | None,
        headers: Mapping[str, str],
        response_headers: MutableMapping[str, str],
    ) -> bytes:
        """Invoke as the request's headers say, and say in the response's headers how it went."""
        given = {name.lower(): value for name, value in headers.items()}
        call = self._call(function_name, qualifier, body, given)
        kind = given.get("x-amz-invocation-type", "RequestResponse")
        if kind != "RequestResponse":
            self.functions.get_function_by_name_or_arn_with_qualifier(function_name, qualifier).check_invocable()
        request_id = response_headers["x-amzn-requestid"] = new_request_id()
        if kind == "Event":
            service.invoker().queue.submit(call, request_id, self._handling(call))
        if kind != "RequestResponse":
            return b""
        answer = service.invoker().run(call, request_id)
        response_headers.update(_headers(answer, with_log=given.get("x-amz-log-type") == "Tail"))
        return answer.outcome.payload

    def _call(
        self, function_name: str, qualifier: str | None, body: str | bytes | None, given: Mapping[str, str]
    ) -> Call:
        name, qualifier = parse(function_name, qualifier)
        function = self.functions.find(name, qualifier)
        version = function.resolve(qualifier)  # raises ResourceNotFoundException
        tenant = given.get("x-amz-tenant-id")
        _check_tenant(version, tenant)
        return Call(
            function_name=name,
            qualifier=qualifier,
            alias=qualifier if qualifier in function.aliases else None,
            invoked_arn=function.arn(qualifier),
            payload=checked_payload(body),
            client_context=decoded_context(given.get("x-amz-client-context")),
            caller=_caller(given.get("authorization", "")),
            trace_id=given.get("x-amzn-trace-id", f"Root=1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]};Sampled=0"),
            tenant=tenant,
            route=lambda: self._route(name, qualifier, tenant),
        )

    def _route(self, name: str, qualifier: str | None, tenant: str | None) -> tuple[Executable, int | None]:
        """Draw the version that runs now, and give the function's reserved concurrency."""
        with self.lock:
            function = self.functions.find(name, qualifier)
            alias = function.aliases.get(qualifier or "")
            if alias:
                version = function.version(routing.draw(alias.function_version, alias.weights))
            else:
                version = function.resolve(qualifier)
                _check_published(version)
            version.check_invocable()
            executable = self.executable(version)
            return (replace(executable, tenant=tenant) if tenant else executable), function.reserved

    def executable(self, version: "FunctionVersion") -> Executable:
        definition = version.serving
        known = version.executable
        if known and known.definition is definition:
            return known
        layers = (self.layers_versions_by_arn(arn) for arn in definition.settings.get("Layers", []))  # type: ignore[attr-defined] # of LambdaBackend
        folders = tuple(code.unpack(layer.code_bytes) for layer in layers if layer)
        version.executable = Executable(
            self.account_id, self.region_name, version.function_name, str(version.version), definition, folders
        )
        return version.executable

    def retire_environments(self, function: "Function", version: str | None) -> None:
        service.invoker().fleet.retire(function.arn(), version)

    def _handling(self, call: Call) -> Handling:
        """Read the configuration of the qualifier that is called; an alias' version has no say in it."""
        config = self.functions.find(call.function_name).event_configs.get(call.qualifier or LATEST)
        return Handling.of(config.config if config else {})


def _check_published(version: "FunctionVersion") -> None:
    """Refuse $LATEST on Lambda Managed Instances: an unqualified call runs $LATEST.PUBLISHED, which is not in here."""
    if str(version.version) == LATEST and "CapacityProviderConfig" in version.definition.settings:
        text = "The function doesn't have a published version $LATEST.PUBLISHED."
        raise errors.LambdaError("NoPublishedVersionException", 400, text)


def _check_tenant(version: "FunctionVersion", tenant: str | None) -> None:
    """Hold that a tenant is named exactly where the function isolates tenants (Lambda guide, "Tenant isolation")."""
    isolated = "TenancyConfig" in version.definition.settings
    if isolated and not tenant:
        raise errors.invalid(
            "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try "
            "again."
        )
    if tenant and not isolated:
        raise errors.invalid("The invoked function is not enabled with tenancy configuration.")


def _caller(authorization: str) -> str | None:
    match = _ACCESS_KEY.search(authorization)
    return localcloud.iam.caller_of(match[1]).role_arn if match else None


def _headers(answer: Answer, *, with_log: bool) -> dict[str, str]:
    headers = {"X-Amz-Executed-Version": answer.executable.version}
    if answer.outcome.error_type:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if with_log:
        headers["X-Amz-Log-Result"] = base64.b64encode(answer.outcome.tail).decode()
    return headers
