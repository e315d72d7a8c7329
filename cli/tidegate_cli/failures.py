"""From an error to an outcome and a sentence: the one place for all commands."""

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
"""Error codes of AWS for credentials that are over, or that it does not know."""


def answer_or_stop(ask: Callable[[], Answer]) -> Answer | Stop:
    """Give the answer, or how a command ends for want of one; a mistake in our own code goes on as it is."""
    try:
        return ask()
    # What AWS and Tidegate raise can be named only where they were imported, and the help imports neither.
    except Exception as error:
        stop = stop_for(error)
        if stop is None:
            raise
        return stop


def show_whole(error: Exception) -> None:
    """Print a mistake in our own code, where something else has to be told all the same."""
    from traceback import format_exception

    from tidegate_cli.terminal import say

    say("".join(format_exception(error)), err=True)


def stop_for(error: Exception) -> Stop | None:
    """Say how the command ends for an error outside of watching a release; None for a mistake in our own code."""
    if isinstance(error, Stop):
        return error
    if is_ended(error):
        return Stop(Outcome.FAILED, "These credentials have ended. Log in again.")
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
        botocore.InvalidRegionError: "An example: --region eu-west-1",
    }.get(type(error))
    if advice:
        return Stop(Outcome.FAILED, f"{str(error).rstrip('.')}. {advice}")
    if isinstance(error, botocore.NoRegionError):
        return Stop(Outcome.FAILED, "No Region is set. Name one: --region eu-west-1, or AWS_REGION")
    if isinstance(error, botocore.ClientError):
        return Stop(Outcome.FAILED, _refusal(error))
    if isinstance(error, botocore.BotoCoreError):
        return Stop(Outcome.FAILED, f"AWS could not be asked: {error}")
    return None


def is_ended(error: Exception) -> bool:
    """Whether botocore has credentials that are known to have ended: it has no error of its own for that."""
    return isinstance(error, RuntimeError) and "credentials are still expired" in str(error)


def _refusal(error: Exception) -> str:
    told = getattr(error, "response", {}).get("Error", {})
    if told.get("Code") in EXPIRED:
        return f"AWS does not take these credentials ({told['Code']}: {told.get('Message', '')}). Log in again."
    return str(error)
