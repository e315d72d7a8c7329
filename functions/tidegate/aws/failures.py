"""What a failed AWS call means: refused, uncertain, or only busy."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed

from tidegate.aws.logger import logger
from tidegate.domain.errors import AwsBusy, AwsRefused, TidegateError

FAILED_CALL = (ClientError, BotoCoreError)
"""What a call of AWS that failed raises."""

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

Lambda takes from a function that is idle for weeks what it needs to run; the first call fails and brings it back
(Lambda developer guide, "Lambda function states"). The codes are those of Invoke whose description in botocore's model
says to wait.
"""


def code_of(error: Exception) -> str:
    """Give the code of an error that AWS answered with; "" where it did not answer."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


def is_busy(error: Exception) -> bool:
    """Whether the call may have been carried out or not, and may succeed when it is made again."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in BUSY or status >= 500
    return isinstance(error, (ConnectionFailed, HTTPClientError))


def is_waking(error: Exception) -> bool:
    """Whether Invoke ran nothing, since the function is waking up: the same call succeeds in a few minutes."""
    return code_of(error) in WAKING


def is_refused(error: Exception) -> bool:
    """Whether AWS will refuse the call again, until a person changes something: a permission, say."""
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
        For any other error of AWS: trying again would not help.
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
