"""Retrying calls to AWS for two minutes; then the outcome of a release is unknown."""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from tidegate.aws.failures import code_of, is_busy
from tidegate_cli.error_sentences import EXPIRED, is_ended, told

GIVES_UP = 120.0
"""Seconds for which a call is retried."""
LONGEST_PAUSE = 15.0

Answer = TypeVar("Answer")


class SightLost(Exception):
    """AWS did not answer about a running release; the message says why."""


def patiently(ask: Callable[[], Answer], rest: Callable[[float, str], None]) -> Answer:
    """Retry until AWS answers; `rest` waits for the given seconds, and may show the reason.

    Raises
    ------
    SightLost
        When it has not answered after two minutes, or refuses permanently.
    """
    began, pause = time.monotonic(), 1.0
    while True:
        try:
            return ask()
        except (ClientError, BotoCoreError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not is_ended(error):
                raise
            over = time.monotonic() + pause - began > GIVES_UP
            if over or not _may_pass(error):
                raise SightLost(told(error)) from error
            why = f"AWS did not answer; retrying: {told(error)}"
        rest(pause, why)
        pause = min(2 * pause, LONGEST_PAUSE)


def _may_pass(error: Exception) -> bool:
    """Return whether a retry may succeed; credentials may be renewed in the meantime."""
    if isinstance(error, ClientError):
        return is_busy(error) or code_of(error) in EXPIRED
    return True
