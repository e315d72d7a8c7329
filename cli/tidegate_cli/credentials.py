"""The lifetime of the caller's credentials, if known.

A release may take longer than the credentials of a CI job last.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.planning.plan_builder import foreseen_minutes
from tidegate.domain.request.limits import ANYTHING
from tidegate.domain.request.parse import parse_request
from tidegate.domain.schedule import MINUTE, readable_duration
from tidegate_cli import time_at_aws

ENDING = {"env", "sso", "assume-role-with-web-identity"}
"""botocore's names for credentials that expire and may not be renewed: from variables, a login,
a job's token. It renews all others."""


def end_of_credentials() -> float | None:
    """Return their end in seconds since 1970; None if botocore does not know it, or renews them automatically.

    For credentials in variables it is known if AWS_CREDENTIAL_EXPIRATION is set.
    """
    import boto3

    session = boto3.DEFAULT_SESSION
    credentials = session.get_credentials() if session else None
    if credentials is None or credentials.method not in ENDING:
        return None
    ends = getattr(credentials, "_expiry_time", None)
    return ends.timestamp() if isinstance(ends, datetime) else None


def warning(request: Any, parameters: Mapping[str, str], watch: str, timeout: float | None) -> str | None:
    """Warn if the credentials expire before the planned end of the release; `watch` is the command that follows it.

    None if they do not expire before, if that is unknown, or if watching ends earlier because of `timeout` (seconds).
    """
    ends, minutes = end_of_credentials(), _planned_minutes(request, parameters)
    if ends is None or minutes is None:
        return None
    left = ends - time_at_aws.now()
    if min(minutes * MINUTE, timeout or minutes * MINUTE) <= left:
        return None
    at, within = f"{datetime.fromtimestamp(ends, UTC):%H:%M} UTC", readable_duration(max(0, left // MINUTE) * MINUTE)
    return (
        f"This release is planned to take {readable_duration(minutes * MINUTE)} or more, but these credentials expire "
        f"in {within} ({at}) unless they are renewed. The release then continues, but this "
        "command cannot report its outcome (exit code 5). Start it with --no-wait, and follow it in a second job with "
        f"its own credentials: {watch}"
    )


def _planned_minutes(request: Any, parameters: Mapping[str, str]) -> int | None:
    default = parameters.get("DefaultStrategy") or "guarded"
    try:
        return foreseen_minutes(parse_request(request, limits=ANYTHING, default_strategy=default))
    except InvalidRequest:  # Plan says what is wrong with it
        return None
