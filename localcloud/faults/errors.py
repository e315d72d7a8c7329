"""The errors of each service for throttling and failures."""

from localcloud.api.refusal import Refusal

RATE = "Rate exceeded"
BROKEN = "A fault was injected: the local cloud was told to fail this call."

THROTTLED: dict[str, Refusal] = {
    "lambda": Refusal(
        "TooManyRequestsException",
        RATE,
        429,
        members={"Reason": "CallerRateLimitExceeded", "Type": "User"},
        headers={"Retry-After": "1"},
    ),
    "dynamodb": Refusal(
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded.",
    ),
    "cloudwatch": Refusal("Throttling", RATE),
    "cloudformation": Refusal("Throttling", RATE),
    "iam": Refusal("Throttling", RATE),
    "sts": Refusal("Throttling", RATE),
    "sns": Refusal("Throttled", RATE, 429),
    "s3": Refusal("SlowDown", "Please reduce your request rate.", 503),
    "xray": Refusal("ThrottledException", RATE, 429),
}
FAILED: dict[str, Refusal] = {
    "lambda": Refusal("ServiceException", BROKEN, 500, members={"Type": "Service"}),
    "dynamodb": Refusal("InternalServerError", BROKEN, 500),
    "cloudwatch": Refusal("InternalServiceError", BROKEN, 500),
    "events": Refusal("InternalException", BROKEN, 500),
    "logs": Refusal("ServiceUnavailableException", BROKEN, 503),
    "ssm": Refusal("InternalServerError", BROKEN, 500),
    "secretsmanager": Refusal("InternalServiceError", BROKEN, 500),
    "kms": Refusal("KMSInternalException", BROKEN, 500),
    "s3": Refusal("InternalError", BROKEN, 500),
    "iam": Refusal("ServiceFailure", BROKEN, 500),
}


GONE: dict[str, Refusal] = {
    "dynamodb": Refusal("ResourceNotFoundException", "Requested resource not found"),
    "lambda": Refusal("ResourceNotFoundException", "The resource was not found.", 404, members={"Type": "User"}),
}


def gone(service: str) -> Refusal:
    return GONE.get(service, Refusal("ResourceNotFoundException", "The resource was not found."))


def throttled(service: str) -> Refusal:
    return THROTTLED.get(service, Refusal("ThrottlingException", RATE))


def failed(service: str) -> Refusal:
    return FAILED.get(service, Refusal("InternalFailure", BROKEN, 500))
