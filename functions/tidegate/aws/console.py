"""Links into the AWS console, in the Region that this runs in."""

import os

from tidegate.domain import console


def log_link(log_group: str, request_id: str) -> str:
    """Link to a function's log, filtered for one request."""
    return console.log_link(os.environ.get("AWS_REGION", "us-east-1"), log_group, request_id)
