"""What a failed call of AWS means: it may work when made again, or never will."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from tidegate.aws.failures import code_of, is_busy


def answered(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest of the metadata does not matter
        "UpdateAlias",
    )


@pytest.mark.parametrize(
    "error",
    [
        answered("TooManyRequestsException", 429),
        answered("ThrottlingException"),
        answered("ProvisionedThroughputExceededException"),
        answered("ServiceException", 500),
        answered("SomethingNew", 503),
        ConnectTimeoutError(endpoint_url="lambda"),
        ReadTimeoutError(endpoint_url="lambda"),
        EndpointConnectionError(endpoint_url="lambda"),
    ],
    ids=str,
)
def test_throttles_server_errors_and_lost_connections_are_worth_another_try(error: Exception) -> None:
    assert is_busy(error)


@pytest.mark.parametrize(
    "error",
    [
        answered("AccessDeniedException", 403),
        answered("PreconditionFailedException", 412),
        answered("ResourceNotFoundException", 404),
        answered("ConditionalCheckFailedException"),
        NoCredentialsError(),
        ParamValidationError(report="a name is missing"),
        ValueError("ours"),
    ],
    ids=str,
)
def test_refusals_are_final(error: Exception) -> None:
    assert not is_busy(error)


def test_an_error_without_a_code_has_an_empty_one() -> None:
    assert code_of(ClientError({}, "UpdateAlias")) == ""
