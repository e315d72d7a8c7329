"""A function's $LATEST and versions: reading them, updating code and configuration."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import lambda_client
from tidegate.aws.failures import code_of
from tidegate.domain import version
from tidegate.domain.errors import LatestChanged, UpdateFailed
from tidegate.domain.version import Content


@dataclass(frozen=True)
class FunctionState:
    """$LATEST or a version, from GetFunction.

    `state` and `update_status` are None if Lambda omits them (a version has no update status). `tags` are the
    function's if the caller may list them, otherwise empty (Lambda API reference, GetFunction). `code` is the location
    of the code. `reserved` is the reserved concurrency of the function, None for none.
    """

    function: str
    version: str
    state: str | None
    state_reason: str
    update_status: str | None
    update_reason: str
    revision_id: str
    code_sha256: str
    configuration: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    code: dict[str, Any] = field(default_factory=dict)
    reserved: int | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that make a version, except the code."""
        return version.settings_of(self.configuration, self.code)

    @property
    def content(self) -> Content:
        return Content(self.code_sha256, self.settings)

    @property
    def config_sha256(self) -> str | None:
        """Lambda's own digest of the configuration, otherwise a digest of the visible settings.

        None if a setting is unknown.
        """
        return self.configuration.get("ConfigSha256") or version.digest_of(version.settings_of(self.configuration, {}))

    @property
    def busy(self) -> bool:
        """Return whether it is being created or updated, and must not be changed."""
        return self.state == "Pending" or self.update_status == "InProgress"

    @property
    def arn(self) -> str:
        """Return its ARN, which ends in the version's number."""
        return str(self.configuration["FunctionArn"])

    @property
    def runtime(self) -> str:
        """Return the ARN of the runtime version, empty if Lambda shows none, as for images."""
        return str((self.configuration.get("RuntimeVersionConfig") or {}).get("RuntimeVersionArn") or "")

    @property
    def timeout_seconds(self) -> int:
        return int(self.configuration.get("Timeout", 3))

    @property
    def log_group(self) -> str:
        group = self.configuration.get("LoggingConfig", {}).get("LogGroup")
        return str(group or f"/aws/lambda/{self.function}")

    def same_build(self, other: "FunctionState") -> bool:
        """Return whether both certainly have the same code and configuration.

        If this is unknown, PublishVersion decides: it returns the existing version if nothing changed.
        """
        digests = (self.configuration.get("ConfigSha256"), other.configuration.get("ConfigSha256"))
        return self.code_sha256 == other.code_sha256 and version.same(self.settings, other.settings, digests=digests)


def read(function: str, qualifier: str | None = None) -> FunctionState | None:
    """Read $LATEST or a version with GetFunction, whose quota is 100 a second; None when there is none."""
    target: Any = {"FunctionName": function} | ({"Qualifier": qualifier} if qualifier else {})
    try:
        found = lambda_client().get_function(**target)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            return None
        raise
    return _state(function, found)


def _state(function: str, answer: Any) -> FunctionState:
    found = answer["Configuration"]
    return FunctionState(
        function=function,
        version=found["Version"],
        state=found.get("State"),
        state_reason=_reason(found, "State"),
        update_status=found.get("LastUpdateStatus"),
        update_reason=_reason(found, "LastUpdateStatus"),
        revision_id=found["RevisionId"],
        code_sha256=found["CodeSha256"],
        configuration=dict(found),
        tags=dict(answer.get("Tags", {})),
        code=dict(answer.get("Code", {})),
        reserved=answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
    )


def _reason(found: Any, field: str) -> str:
    parts = (found.get(f"{field}ReasonCode"), found.get(f"{field}Reason"))
    return ": ".join(part for part in parts if part) or "no reason given"


def update_code(function: str, parameters: dict[str, Any], revision_id: str) -> bool:
    """Start a change of code; False if $LATEST is being updated, or is no longer at `revision_id`.

    The cause may be an earlier try of this call whose response was lost.

    Raises
    ------
    UpdateFailed
        When Lambda rejects the change.
    """
    return _start(lambda_client().update_function_code, function, parameters, revision_id)


def update_configuration(function: str, parameters: dict[str, Any], revision_id: str) -> bool:
    """Start a change of configuration; returns and raises like `update_code`."""
    return _start(lambda_client().update_function_configuration, function, parameters, revision_id)


def _start(update: Callable[..., object], function: str, parameters: dict[str, Any], revision_id: str) -> bool:
    try:
        update(FunctionName=function, RevisionId=revision_id, **parameters)
    except ClientError as error:
        if code_of(error) in {"ResourceConflictException", "PreconditionFailedException"}:
            return False
        if code_of(error) in {"InvalidParameterValueException", "ValidationException"}:
            # Lambda's sentence may quote all variables ("String measured: {…}", "Value '{…}'"): none may be shown.
            said = error.response["Error"].get("Message", "").partition("{")[0]
            raise UpdateFailed(f"Lambda rejected the update of {function}: {said}") from None
        raise
    return True


def code_sha256(function: str, parameters: dict[str, Any]) -> str:
    """Return the CodeSha256 after a change of code: an image's digest, or the result of a dry run for a zip file.

    A dry run changes nothing, and returns the CodeSha256 of the given code (AWS Lambda API reference).
    """
    if "ImageUri" in parameters:
        return str(parameters["ImageUri"]).partition("@sha256:")[2]
    return lambda_client().update_function_code(FunctionName=function, DryRun=True, **parameters)["CodeSha256"]


def latest_changed(function: str) -> LatestChanged:
    return LatestChanged(
        f"$LATEST of {function} was changed by someone else while this release was updating it. "
        "Check its code and configuration, then start a new release."
    )
