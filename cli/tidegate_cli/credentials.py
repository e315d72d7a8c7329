"""How long the caller's credentials last, where that is known: a release may take longer than those of a CI job."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.planning.plan_builder import foreseen_minutes
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.parse import parse_request

ENDING = {"env", "sso", "assume-role-with-web-identity"}
"""How botocore calls what ends and may not be renewed: those in variables, of a login, of a job's token. All others are
renewed as long as the machine or the profile lasts."""

ANYTHING = Limits("*", "-", allow_code=True, allow_configuration=True, allow_keep=True, roles=("*",))
"""What a request may not say, Plan knows."""


def end_of_credentials() -> float | None:
    """Give when they end, in seconds since 1970; None where botocore does not know, or renews them by itself.

    It knows of variables where AWS_CREDENTIAL_EXPIRATION is one of them.
    """
    import boto3

    session = boto3.DEFAULT_SESSION
    credentials = session.get_credentials() if session else None
    if credentials is None or credentials.method not in ENDING:
        return None
    ends = getattr(credentials, "_expiry_time", None)
    return ends.timestamp() if isinstance(ends, datetime) else None


def warning(request: Any, parameters: Mapping[str, str], watch: str, timeout: float | None) -> str | None:
    """Say so where the credentials end before the release as it is planned; `watch` is the command that follows it.

    None where they do not, where that is not known, and where watching ends before by its `timeout` in seconds.
    """
    ends, minutes = end_of_credentials(), _planned_minutes(request, parameters)
    if ends is None or minutes is None:
        return None
    left = ends - time.time()
    if min(60 * minutes, timeout or 60 * minutes) <= left:
        return None
    at = f"{datetime.fromtimestamp(ends, UTC):%H:%M} UTC"
    return (
        f"This release is planned to take {minutes} minutes or more, but these credentials expire in "
        f"{max(0, int(left / 60))} minutes ({at}) unless they are renewed. The release then continues, but this "
        "command cannot report its outcome (exit code 5). Start it with --no-wait, and follow it in a second job with "
        f"its own credentials: {watch}"
    )


def _planned_minutes(request: Any, parameters: Mapping[str, str]) -> int | None:
    default = parameters.get("DefaultStrategy") or "guarded"
    try:
        return foreseen_minutes(parse_request(request, limits=ANYTHING, default_strategy=default))
    except InvalidRequest:  # Plan says what is wrong with it
        return None
