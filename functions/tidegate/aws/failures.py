"""What a failed AWS call means: refused, uncertain, or only busy."""

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed

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
    "TransactionInProgressException",
}
"""Error codes after which the same call may succeed (botocore's own list of transient and throttling errors)."""


def code_of(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def is_busy(error: Exception) -> bool:
    """Whether the call may have been carried out or not, and may succeed when it is made again."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return code_of(error) in BUSY or status >= 500
    return isinstance(error, (ConnectionFailed, HTTPClientError))
