"""Invoking functions: a version, to check whether it starts, and Decide, which alone may write decisions."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tidegate.aws.clients import given, lambda_client, probe_client
from tidegate.aws.failures import UNANSWERED, code_of, how_unanswered, in_our_words, is_waking
from tidegate.domain.errors import CannotProbe, InvalidRequest, ProbeUnanswered, TidegateError, VersionWakingUp
from tidegate.domain.foreign_text import parse_json, undotted
from tidegate.domain.probe_answer import ProbeAnswer

ADVICE = {
    "TooManyRequestsException": "Check its reserved concurrency, and how much of the account's concurrency is in use.",
    "AccessDeniedException": "Check what the Probe function's role may invoke.",
}
"""Advice for an error code; other errors explain themselves."""

LONGEST_WAIT, AFTER_THE_TIMEOUT = 840, 30
"""Most seconds that a version may run, and for which a probe waits longer than that: the Probe function itself may run
for 900 (Lambda's limit)."""


def probe(
    function: str, version: str, release: str, payload: Any, timeout_seconds: int, *, tenant: str | None = None
) -> tuple[ProbeAnswer, str]:
    """Invoke a version directly, for a tenant if the function isolates tenants; return its answer and the request id.

    The function can recognise a probe by `context.client_context.custom["tidegate"]`. Such calls count under
    the version, not under the alias, so they never appear in the evidence.

    Raises
    ------
    VersionWakingUp
        When the version was idle, and Lambda makes it ready again: the state machine retries for longer.
    CannotProbe
        When the invocation was throttled or refused: that says nothing about the version, and the
        state machine retries.
    ProbeUnanswered
        When there was no answer for longer than the function may run, or the connection was lost; it is not invoked
        again.
    """
    marker = {"custom": {"tidegate": json.dumps({"probe": True, "release": release})}}
    wait = min(timeout_seconds, LONGEST_WAIT) + AFTER_THE_TIMEOUT
    more: Any = {"TenantId": tenant} if tenant else {}
    try:
        answer = probe_client(wait).invoke(
            FunctionName=function,
            Qualifier=version,
            ClientContext=base64.b64encode(json.dumps(marker).encode()).decode(),
            Payload=json.dumps(payload).encode(),
            LogType="Tail",
            **more,
        )
        return answered(answer), answer["ResponseMetadata"]["RequestId"]
    except ClientError as error:
        raise _not_invoked(function, version, error) from None
    except UNANSWERED as error:
        raise ProbeUnanswered(
            f"Version {version} of {function} did not answer the probe{how_unanswered(error, wait)}; it is not "
            "retried, because it may still be running. It received no traffic."
        ) from None


def answered(answer: Any) -> ProbeAnswer:
    """Read the response of Invoke; raises an exception of `UNANSWERED` while it reads the body."""
    body = answer["Payload"].read()
    return ProbeAnswer(
        payload=_parse(body),
        function_error=answer.get("FunctionError"),
        log_tail=base64.b64decode(answer.get("LogResult", "")).decode(errors="replace"),
    )


def _not_invoked(function: str, version: str, error: ClientError) -> CannotProbe | VersionWakingUp:
    if is_waking(error):
        return VersionWakingUp(
            f"Version {version} of {function} is waking up: it was idle, and Lambda is making it ready again "
            f"({undotted(error)}). The probe is retried for five minutes. If that is not enough, check its State and "
            "StateReason, then start a new release."
        )
    sentence = f"Version {version} of {function} could not be probed: {undotted(error)}."
    return CannotProbe(f"{sentence} {ADVICE.get(code_of(error), '')}".rstrip())


def _parse(body: bytes) -> Any:
    try:
        return parse_json(body) if body else None
    except ValueError:
        return body.decode(errors="replace")


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
    answer = in_our_words(lambda: _ask(given("DECIDE_FUNCTION"), json.dumps(order).encode()))
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" not in answer:
        return told
    message = str(told.get("errorMessage", "Decide failed without a reason."))
    raise InvalidRequest([message]) if told.get("errorType") == InvalidRequest.__name__ else TidegateError(message)


def _ask(function: str, payload: bytes) -> Any:
    try:
        return lambda_client().invoke(FunctionName=function, Payload=payload)
    except ClientError as error:
        if is_waking(error):
            raise TidegateError(WAKING_UP) from error
        raise
