"""What time it is at AWS: the clock of the machine that the command runs on may be wrong."""

import time
from typing import Any

_ahead = 0.0


def listen(session: Any) -> None:
    """Read the time from each answer that clients of this boto3 session get; before one came, it is the machine's."""
    session.events.register("response-received", _answered)


def now() -> float:
    """Return seconds since 1970, as exact as the Date of an answer: to the second, and the way that it took."""
    return time.time() + _ahead


def _answered(response_dict: dict[str, Any] | None = None, **_: Any) -> None:
    global _ahead  # noqa: PLW0603 - there is one time
    from email.utils import parsedate_to_datetime  # takes longer than all else that --help imports

    try:
        told = parsedate_to_datetime((response_dict or {})["headers"]["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return  # no answer, or one without a date that can be read
    ahead = told - time.time()
    # The Date is cut to a second: within that the machine's clock is the better one.
    _ahead = ahead if abs(ahead) > 1 else 0.0
