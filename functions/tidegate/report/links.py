"""Links that a report may carry."""

from urllib.parse import urlsplit

from tidegate.domain import console
from tidegate.domain.partition import PARTITIONS


def execution_link(arn: str) -> str | None:
    """Link to an execution in the console of its Region; None where that is not known."""
    parts = arn.split(":")
    if len(parts) != 8 or parts[2] != "states" or all(parts[1] != known.name for known in PARTITIONS):
        return None
    return console.execution_link(arn)


def safe(text: str) -> bool:
    """Whether a label is an address that may be followed: https with a host, nothing that runs."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in {"https", "http"} and bool(address.netloc) and text.isprintable() and " " not in text
