"""The errors that Lambda answers with: names, HTTP codes and messages as recorded against AWS."""

import json

from moto.core.exceptions import JsonRESTError

REVISION_MISMATCH = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)

WAKING = {
    "CodeArtifactUserPendingException": (
        409,
        "Lambda is initializing your function. It will be ready to invoke shortly.",
    ),
    "ResourceConflictException": (
        409,
        "The operation cannot be performed at this time. The function is currently in the following state: {state}",
    ),
    "ResourceNotReadyException": (502, "The function is not ready to be invoked: its network is being made."),
    "SnapStartNotReadyException": (409, "The function is not ready to be invoked: its snapshot is being made."),
}
"""What Invoke answers of a function that was idle: status and message, by code (botocore's model of Lambda).

Seen in the open: the first one after weeks without a call, keithrozario/Klayers issue 210, and
aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws issue 801, where it passed after 40 to
106 seconds; the second one of a function that is Pending, remotion-dev/remotion issue 1186.
"""


class LambdaError(JsonRESTError):
    """One answer that is no success. `members` go into the body beside the message."""

    def __init__(
        self, name: str, code: int, message: str, *, headers: dict[str, str] | None = None, **members: str
    ) -> None:
        super().__init__(name, message)
        self.code = code
        self.extra_headers = headers or {}
        self.description = json.dumps({"Type": "User", "message": message, "__type": name, **members})

    def get_headers(self, *args: object, **kwargs: object) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **kwargs), *self.extra_headers.items()]


def conflict(message: str) -> LambdaError:
    return LambdaError("ResourceConflictException", 409, message)


def not_ready(code: str, state: str) -> LambdaError:
    status, message = WAKING[code]
    return LambdaError(code, status, message.format(state=state))


def invalid(message: str) -> LambdaError:
    return LambdaError("InvalidParameterValueException", 400, message)


def not_found(message: str) -> LambdaError:
    return LambdaError("ResourceNotFoundException", 404, message)


def violates(value: object, member: str, constraint: str) -> LambdaError:
    message = f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    return LambdaError("ValidationException", 400, message)


def violates_null(member: str) -> LambdaError:
    message = f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: "
    return LambdaError("ValidationException", 400, f"{message}Member must not be null")


def revision_mismatch() -> LambdaError:
    return LambdaError("PreconditionFailedException", 412, REVISION_MISMATCH)


def too_many_requests(message: str, reason: str, retry_after: int = 1) -> LambdaError:
    headers = {"Retry-After": str(retry_after)}
    return LambdaError("TooManyRequestsException", 429, message, headers=headers, Reason=reason)


def stopping() -> LambdaError:
    return LambdaError("ServiceException", 500, "The local cloud is stopping.")


def check_revision(wanted: str | None, current: str) -> None:
    """Hold an optional RevisionId precondition."""
    if wanted and wanted != current:
        raise revision_mismatch()
