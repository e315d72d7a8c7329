"""Asking the Decide function: nobody else may write decisions."""

import json
from collections.abc import Mapping
from typing import Any

from tidegate.aws.clients import lambda_client
from tidegate.aws.environment import given
from tidegate.aws.failures import in_our_words
from tidegate.domain.errors import InvalidRequest, TidegateError


def ask_decide(order: Mapping[str, Any]) -> dict[str, Any]:
    """Give what Decide answers: `accepted` and `summary`.

    Raises
    ------
    InvalidRequest, TidegateError
        With Decide's own message, where it could not read the order, or failed.
    AwsBusy, AwsRefused
        Where it could not be asked; it may have decided all the same, and asking again does no harm.
    NotConfigured
        When the function was deployed some other way than by template.yaml.
    """
    function = given("DECIDE_FUNCTION")
    answer = in_our_words(lambda: lambda_client().invoke(FunctionName=function, Payload=json.dumps(order).encode()))
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" not in answer:
        return told
    message = str(told.get("errorMessage", "Decide failed without saying why."))
    raise InvalidRequest([message]) if told.get("errorType") == InvalidRequest.__name__ else TidegateError(message)
