"""Lambda's control plane, in the place of moto's."""

import threading
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, ClassVar, cast

from moto.awslambda.exceptions import InvalidRoleFormat
from moto.awslambda.models import LambdaBackend, lambda_backends

from localcloud.iam import trust
from localcloud.lambda_ import code, errors
from localcloud.lambda_.backend_aliases import AliasCalls
from localcloud.lambda_.backend_concurrency import ConcurrencyCalls
from localcloud.lambda_.backend_event_configs import EventConfigCalls
from localcloud.lambda_.backend_event_sources import EventSourceCalls
from localcloud.lambda_.backend_invoke import InvokeCalls
from localcloud.lambda_.backend_policies import PolicyCalls
from localcloud.lambda_.backend_urls import UrlCalls
from localcloud.lambda_.definition import Definition, define
from localcloud.lambda_.functions import Function, Functions
from localcloud.lambda_.latest import Latest
from localcloud.lambda_.naming import parse
from localcloud.lambda_.runtime import runtimes
from localcloud.lambda_.versions import FunctionVersion, NumberedVersion


class Backend(  # type: ignore[misc] # moto is untyped
    AliasCalls, ConcurrencyCalls, EventConfigCalls, EventSourceCalls, InvokeCalls, PolicyCalls, UrlCalls, LambdaBackend
):
    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._lambdas = self.functions = Functions(region_name, account_id)
        self.lock = threading.RLock()

    routes: ClassVar[ModuleType]
    """The routes that lead here: set by install, since they know the front, which knows this."""

    @property
    def _url_module(self) -> ModuleType:
        return self.routes

    def create_function(self, spec: dict[str, Any]) -> Latest:
        name = parse(spec["FunctionName"])[0]
        with self.lock:
            if name in self.functions.by_name:
                raise errors.conflict(f"Function already exist: {name}")
            self._check_role(spec["Role"])
            _check_runtime(spec)
            definition = self._checked(define(spec, code.load(spec["Code"], self.account_id, self.partition)))
            latest = Latest(self.account_id, self.region_name, name, definition)
            latest.tags = dict(spec.get("Tags") or {})
            function = self.functions.add(latest)
            function.reserved = spec.get("ReservedConcurrentExecutions")
            if spec.get("Publish"):
                function.publish(None, at_once=False)
            return latest

    def update_function_code(self, function_name: str, qualifier: str | None, body: dict[str, Any]) -> dict[str, Any]:
        """Change the code. With Publish the answer is the version's, which is Pending for a while."""
        with self.lock:
            function = self._changeable(function_name, qualifier, body.get("RevisionId"))
            changed = code.load(body, self.account_id, self.partition)
            definition = function.latest.definition.with_code(changed, body.get("Architectures"))
            if body.get("DryRun"):
                return {**function.latest.get_configuration(), "CodeSha256": changed.sha256, "CodeSize": changed.size}
            function.latest.begin_update(definition)
            if body.get("Publish"):
                return function.publish(None, at_once=False).get_configuration()
            return function.latest.get_configuration()

    def update_function_configuration(
        self, function_name: str, qualifier: str | None, body: dict[str, Any]
    ) -> dict[str, Any]:
        with self.lock:
            function = self._changeable(function_name, qualifier, body.get("RevisionId"))
            if "Role" in body:
                self._check_role(body["Role"])
            _check_runtime(body)
            function.latest.begin_update(self._checked(function.latest.definition.with_settings(body)))
            return function.latest.get_configuration()

    def publish_version(
        self,
        function_name: str,
        description: str | None = "",
        code_sha256: str | None = None,
        revision_id: str | None = None,
    ) -> NumberedVersion:
        """Publish, or give back the existing version: only its number tells."""
        with self.lock:
            function = self._changeable(function_name, None, revision_id)
            current = function.latest.definition.code.sha256
            if code_sha256 and code_sha256 != current:
                raise errors.invalid(
                    f"CodeSHA256 ({code_sha256}) is different from current CodeSHA256 in $LATEST ({current}). "
                    "Please try again with the CodeSHA256 in $LATEST."
                )
            # On Lambda Managed Instances it is Pending while its first environments start.
            managed = "CapacityProviderConfig" in function.latest.definition.settings
            return function.publish(description, at_once=not managed)

    def delete_function(self, function_name: str, qualifier: str | None = None) -> None:
        name, qualifier = parse(function_name, qualifier)
        with self.lock:
            function = self.functions.find(name)
            if qualifier:
                function.delete_version(qualifier)
            else:
                self.functions.remove(name)
        self.retire_environments(function, qualifier)

    def list_functions(self, func_version: str | None = None) -> Iterable[FunctionVersion]:
        found = self.functions.all() if func_version == "ALL" else self.functions.latest()
        return sorted(found, key=lambda version: version.function_name)

    def list_versions_by_function(self, function_name: str) -> Iterable[FunctionVersion]:
        return self.functions.list_versions_by_function(function_name)

    def tag_resource(self, resource_arn: str, tags: dict[str, str]) -> None:
        resource = self._get_resource_by_arn(resource_arn)
        if isinstance(resource, Latest):
            resource.check_no_update()
        super().tag_resource(resource_arn, tags)

    def describe_layers(self, definition: Definition) -> list[dict[str, Any]]:
        return [
            {"Arn": layer.arn, "CodeSize": layer.code_size}
            for layer in map(self.layers_versions_by_arn, definition.settings.get("Layers", []))
            if layer
        ]

    def _changeable(self, function_name: str, qualifier: str | None, revision_id: str | None) -> Function:
        """Give the function, if nothing is under way with it and it is at that revision."""
        name, qualifier = parse(function_name, qualifier)
        if qualifier not in (None, "$LATEST"):
            raise errors.invalid("This operation is permitted on $LATEST only: versions never change.")
        function = self.functions.find(name)
        function.settle_stuck()
        function.latest.check_changeable()
        errors.check_revision(revision_id, function.latest.revision_id)
        return function

    def _checked(self, definition: Definition) -> Definition:
        for arn in definition.settings.get("Layers", []):
            if not self.layers_versions_by_arn(arn):
                raise errors.invalid(f"Layer version {arn} does not exist.")
        return definition

    def _check_role(self, role: str) -> None:
        if not role.startswith("arn:"):
            raise InvalidRoleFormat(role)
        try:
            trust.check(role, "lambda")
        except trust.NotTrustedError as error:
            raise errors.invalid("The role defined for the function cannot be assumed by Lambda.") from error


def _check_runtime(spec: Mapping[str, Any]) -> None:
    """AWS takes more of them; here they would only fail at their first invocation. Images have none."""
    if runtime := spec.get("Runtime"):
        runtimes.family(str(runtime))


def backend_of(account_id: str, region: str) -> Backend:
    """Return our backend where moto hands out its own type."""
    return cast("Backend", lambda_backends[account_id][region])
