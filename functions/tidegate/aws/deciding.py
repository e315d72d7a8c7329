"""Asking the Decide function: nobody else may write decisions."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import given, lambda_client
from tidegate.aws.failures import in_our_words, is_waking
from tidegate.domain.errors import InvalidRequest, TidegateError

WAKING_UP = "Nothing was decided: Decide was idle and is waking up. Try again in a minute or two."


def ask_decide(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return Decide's answer: `accepted` and `summary`.

    Raises
    ------
    InvalidRequest, TidegateError
        With Decide's own message, if it could not read the order, failed, or is waking up.
    AwsBusy, AwsRefused
        If the call failed; Decide may still have decided, and a retry is safe.
    NotConfigured
        When the function was not deployed by template.yaml.
    """
    answer = in_our_words(lambda: _invoke(given("DECIDE_FUNCTION"), json.dumps(order).encode()))
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" not in answer:
        return told
    message = str(told.get("errorMessage", "Decide failed without saying why."))
    raise InvalidRequest([message]) if told.get("errorType") == InvalidRequest.__name__ else TidegateError(message)


def _invoke(function: str, payload: bytes) -> Any:
    try:
        return lambda_client().invoke(FunctionName=function, Payload=payload)
    except ClientError as error:
        if is_waking(error):
            raise TidegateError(WAKING_UP) from error
        raise
