"""From an error to an outcome and a sentence: the one place for all commands."""

import re
import sys
from collections.abc import Callable
from typing import TypeVar

from tidegate_cli.outcome import Outcome, Stop

Answer = TypeVar("Answer")

EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
"""Error codes of AWS for expired or unknown credentials."""


UNSIGNED = {"IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException", "SignatureDoesNotMatch"}
"""Error codes whose messages quote the headers that were signed, a session's token among them."""

UNSENT = (
    "a request could not be built. Check Region, endpoint, proxy and credentials for invalid "
    "characters, and AWS_CA_BUNDLE for a missing file"
)
CLIENT = {"botocore", "encodings", "http", "socket", "ssl", "urllib", "urllib3"}
"""Packages that build and send requests; their errors may quote the invalid value."""

PASSWORD = re.compile(r"//[^/\s@]+@")
"""Name and password in an address."""


def answer_or_stop(ask: Callable[[], Answer]) -> Answer | Stop:
    """Return the answer, or how a command ends without one; a bug in our own code is raised unchanged."""
    try:
        return ask()
    # What AWS and Tidegate raise can be named only where they were imported, and the help imports neither.
    except Exception as error:
        stop = stop_for(error)
        if stop is None:
            raise
        return stop


def show_whole(error: Exception) -> None:
    """Print a bug in our own code, if the outcome must still be reported."""
    from traceback import format_exception

    from tidegate_cli.terminal import say

    say("".join(format_exception(error)), err=True)


def stop_for(error: Exception) -> Stop | None:
    """Describe how the command ends for an error outside of watching a release; None for a bug in our own code."""
    if isinstance(error, Stop):
        return error
    if is_ended(error):
        return Stop(Outcome.FAILED, "These credentials have expired. Log in again.")
    return _of_tidegate(error) or _of_aws(error)


def _of_tidegate(error: Exception) -> Stop | None:
    # Where neither was imported, the error cannot be one of theirs.
    errors = sys.modules.get("tidegate.domain.errors")
    if errors is None or not isinstance(error, errors.TidegateError):
        return None
    refused = isinstance(error, (errors.Frozen, errors.InvalidRequest, errors.LockHeld, errors.RolledBackBefore))
    return Stop(Outcome.REFUSED if refused else Outcome.FAILED, str(error))


def _of_aws(error: Exception) -> Stop | None:
    botocore = sys.modules.get("botocore.exceptions")
    if botocore is None:
        return None
    log_in = "Log in, or name a profile: --profile NAME"
    advice = {
        botocore.NoCredentialsError: log_in,
        botocore.PartialCredentialsError: log_in,
        botocore.ProfileNotFound: "See: aws configure list-profiles",
        botocore.InvalidRegionError: "Example: --region eu-west-1",
    }.get(type(error))
    if advice:
        return Stop(Outcome.FAILED, f"{told(error)}. {advice}")
    if isinstance(error, botocore.NoRegionError):
        return Stop(Outcome.FAILED, "No Region is set. Name one: --region eu-west-1, or AWS_REGION")
    if isinstance(error, botocore.ClientError):
        return Stop(Outcome.FAILED, _refusal(error))
    if isinstance(error, botocore.BotoCoreError):
        return Stop(Outcome.FAILED, f"The call to AWS failed: {told(error)}.")
    return Stop(Outcome.FAILED, f"The call to AWS failed: {UNSENT}.") if _of_the_client(error) else None


def _of_the_client(error: Exception) -> bool:
    """Return whether an error was raised while building a request: an invalid endpoint, a missing file."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "") if trace else ""
    return isinstance(error, ValueError | OSError) and module.partition(".")[0] in CLIENT


def told(error: Exception) -> str:
    """Return the message of AWS or botocore without a final dot, headers, signatures and passwords."""
    botocore = sys.modules["botocore.exceptions"]
    if type(error) is botocore.HTTPClientError:  # of an error that botocore does not know, and quotes
        return UNSENT
    # Of an error of the connection, the response is None.
    code = (getattr(error, "response", None) or {}).get("Error", {}).get("Code", "")
    if code in UNSIGNED:
        return f"AWS does not accept the signature ({code}): the secret key does not match, or the clock is wrong"
    from tidegate.domain.foreign_text import undotted

    return undotted(PASSWORD.sub("//", str(error)))


def is_ended(error: Exception) -> bool:
    """Return whether botocore's credentials have expired: it has no separate error for that."""
    return isinstance(error, RuntimeError) and "credentials are still expired" in str(error)


def _refusal(error: Exception) -> str:
    said = getattr(error, "response", {}).get("Error", {})
    if said.get("Code") in EXPIRED:
        return f"AWS does not accept these credentials ({said['Code']}: {said.get('Message', '')}). Log in again."
    return f"{told(error)}."
