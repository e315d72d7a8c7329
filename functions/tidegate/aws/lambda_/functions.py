"""A function's $LATEST and versions: reading them, updating code and configuration."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import lambda_client
from tidegate.aws.failures import code_of
from tidegate.domain import version
from tidegate.domain.errors import LatestChanged, UpdateFailed


@dataclass(frozen=True)
class FunctionState:
    """What GetFunction says of $LATEST or a version.

    `state` and `update_status` are None where Lambda leaves them out (a version has no update status). `tags` are the
    function's where the caller may list them, else none (Lambda API reference, GetFunction). `code` says where the code
    is.
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

    @property
    def settings(self) -> dict[str, Any]:
        """What makes a version of it, beside the code."""
        return version.settings_of(self.configuration, self.code)

    @property
    def config_sha256(self) -> str | None:
        """Lambda's own digest of the configuration, else one of what it shows; None where a setting is unknown."""
        return self.configuration.get("ConfigSha256") or version.digest_of(version.settings_of(self.configuration, {}))

    @property
    def busy(self) -> bool:
        """Whether it is being made or updated, and must not be touched."""
        return self.state == "Pending" or self.update_status == "InProgress"

    @property
    def timeout_seconds(self) -> int:
        return int(self.configuration.get("Timeout", 3))

    @property
    def log_group(self) -> str:
        group = self.configuration.get("LoggingConfig", {}).get("LogGroup")
        return str(group or f"/aws/lambda/{self.function}")

    def same_build(self, other: "FunctionState") -> bool:
        """Whether both are known to run the same code with the same configuration.

        If it is not known, PublishVersion tells: it answers with the version that is there when nothing changed.
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
    )


def _reason(found: Any, field: str) -> str:
    parts = (found.get(f"{field}ReasonCode"), found.get(f"{field}Reason"))
    return ": ".join(part for part in parts if part) or "no reason given"


def update_code(function: str, parameters: dict[str, Any], revision_id: str) -> bool:
    """Start a change of code; False where $LATEST is being updated, or not at `revision_id` any more.

    That may be by an earlier try of this very call, whose answer was lost.

    Raises
    ------
    UpdateFailed
        When Lambda refuses the change as it is.
    """
    return _start(lambda_client().update_function_code, function, parameters, revision_id)


def update_configuration(function: str, parameters: dict[str, Any], revision_id: str) -> bool:
    """Start a change of configuration; answers and raises as `update_code`."""
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
    """Give the CodeSha256 that a change of code leads to: an image's digest, or what a dry run says of a zip file.

    A dry run changes nothing, and answers with the CodeSha256 of the code that it was given (AWS Lambda API reference).
    """
    if "ImageUri" in parameters:
        return str(parameters["ImageUri"]).partition("@sha256:")[2]
    return lambda_client().update_function_code(FunctionName=function, DryRun=True, **parameters)["CodeSha256"]


def latest_changed(function: str) -> LatestChanged:
    return LatestChanged(
        f"$LATEST of {function} was changed by someone else while this release was updating it. "
        "Check its code and configuration, then start a new release."
    )
