"""The meaning of a failed AWS call: refused, uncertain, or only busy."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError, ReadTimeoutError
from botocore.exceptions import ConnectionError as ConnectionFailed

from tidegate.aws.logger import logger
from tidegate.domain.errors import AwsBusy, AwsRefused, TidegateError

FAILED_CALL = (ClientError, BotoCoreError)
"""Exceptions of a failed AWS call."""

UNANSWERED = (HTTPClientError, IncompleteReadError)
"""Exceptions of a call that was sent, or may have been: what it started may still be running."""

BUSY = {
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServiceError",
    "InternalServiceFault",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ResourceConflictException",  # another operation on the same function is in progress
    "ServiceException",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
"""Error codes after which the same call may succeed (botocore's own list of transient and throttling errors)."""

WAKING = {
    "CodeArtifactUserDeletedException",
    "CodeArtifactUserPendingException",
    "ENINotReadyException",
    "ResourceConflictException",
    "ResourceNotReadyException",
    "SnapStartNotReadyException",
    "SnapStartRegenerationFailureException",
}
"""Error codes by which Invoke says that a function is not ready yet, and that waiting is enough.

Lambda releases the resources of a function that is idle for weeks; the first call fails and restores them (Lambda
developer guide, "Lambda function states"). The codes are the errors of Invoke whose description in botocore's model
says to wait.
"""


def code_of(error: Exception) -> str:
    """Return the code of an error in AWS's response; "" without a response."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


def is_busy(error: Exception) -> bool:
    """Return whether it is unknown if the call took effect, and a retry may succeed."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in BUSY or status >= 500
    return isinstance(error, (ConnectionFailed, HTTPClientError))


def is_waking(error: Exception) -> bool:
    """Return whether Invoke ran nothing because the function is waking up: the same call succeeds in a few minutes."""
    return code_of(error) in WAKING


def how_unanswered(error: Exception, seconds: int) -> str:
    """Return how a call that is `UNANSWERED` ended, to follow "did not answer"; it waited `seconds` at most."""
    return f" within {seconds} s" if isinstance(error, ReadTimeoutError) else f": the connection was lost ({error})"


def is_refused(error: Exception) -> bool:
    """Return whether AWS will refuse the call until a person changes something, for example a permission."""
    overtaken = code_of(error) == "PreconditionFailedException"
    return isinstance(error, ClientError) and not overtaken and not is_busy(error)


Result = TypeVar("Result")


def in_our_words(action: Callable[[], Result]) -> Result:
    """Run `action`; an error of AWS becomes one of ours, whose name the state machine knows.

    Raises
    ------
    AwsBusy
        For throttling, 5xx and lost connections: the state machine tries again.
    AwsRefused
        For any other error of AWS: a retry would not help.
    """
    try:
        return action()
    except TidegateError as error:
        logger.warning("%s: %s", type(error).__name__, error)
        raise
    except FAILED_CALL as error:
        ours = AwsBusy if is_busy(error) else AwsRefused
        logger.warning("%s: %s", ours.__name__, error)
        raise ours(str(error)) from error
