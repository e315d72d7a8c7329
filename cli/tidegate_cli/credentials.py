"""How long the caller's credentials last, where that is known: a release may take longer than those of a CI job."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.domain.errors import InvalidRequest
from tidegate.domain.planning.plan_builder import foreseen_minutes
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.parse import parse_request
from tidegate.domain.schedule import MINUTE
from tidegate_cli import time_at_aws

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
    left = ends - time_at_aws.now()
    if min(minutes * MINUTE, timeout or minutes * MINUTE) <= left:
        return None
    at = f"{datetime.fromtimestamp(ends, UTC):%H:%M} UTC"
    return (
        f"This release takes {minutes} minutes or more as it is planned, but these credentials end in "
        f"{max(0, int(left / MINUTE))} minutes ({at}) unless something renews them. The release then goes on, but its "
        "outcome is unknown here (exit code 5). Start it with --no-wait, and follow it in a second job with "
        f"credentials of its own: {watch}"
    )


def _planned_minutes(request: Any, parameters: Mapping[str, str]) -> int | None:
    default = parameters.get("DefaultStrategy") or "guarded"
    try:
        return foreseen_minutes(parse_request(request, limits=ANYTHING, default_strategy=default))
    except InvalidRequest:  # Plan says what is wrong with it
        return None
