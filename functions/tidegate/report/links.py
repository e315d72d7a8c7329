"""Links that a report may carry."""

from urllib.parse import quote, urlsplit

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def execution_link(arn: str) -> str | None:
    """Link to an execution in the console of its Region; None where that is not known."""
    parts = arn.split(":")
    if len(parts) != 8 or parts[2] != "states" or parts[1] not in CONSOLES:
        return None
    region = quote(parts[3], safe="-")
    return (
        f"https://{region}.{CONSOLES[parts[1]]}/states/home?region={region}"
        f"#/v2/executions/details/{quote(arn, safe=':')}"
    )


def safe(text: str) -> bool:
    """Whether a label is an address that may be followed: https with a host, nothing that runs."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in {"https", "http"} and bool(address.netloc) and not any(c.isspace() for c in text)
