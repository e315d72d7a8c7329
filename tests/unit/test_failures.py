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

from tests.failing import refused
from tidegate.aws.failures import code_of, is_busy


@pytest.mark.parametrize(
    "error",
    [
        refused("TooManyRequestsException", 429),
        refused("ThrottlingException"),
        refused("ProvisionedThroughputExceededException"),
        refused("ServiceException", 500),
        refused("SomethingNew", 503),
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
        refused("AccessDeniedException", 403),
        refused("PreconditionFailedException", 412),
        refused("ResourceNotFoundException", 404),
        refused("ConditionalCheckFailedException"),
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
