"""Function names as callers may write them: name, partial ARN or ARN, with or without qualifier."""

import re

from localcloud.lambda_ import errors

_ARN = re.compile(
    r"^(arn:(aws[a-zA-Z-]*)?:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:"
    r"|(?P<owner>\d{12}):(function:)?|function:)?"
    r"(?P<name>[a-zA-Z0-9-_]{1,64})(:(?P<qualifier>\$LATEST|[a-zA-Z0-9-_]+))?$"
)


def parse(written: str, qualifier: str | None = None) -> tuple[str, str | None]:
    """Split into (name, qualifier). A qualifier given twice must be the same."""
    match = _ARN.match(written)
    if match is None:
        pattern = _ARN.pattern
        raise errors.violates(written, "functionName", f"Member must satisfy regular expression pattern: {pattern}")
    inside = match["qualifier"]
    if inside and qualifier and inside != qualifier:
        raise errors.invalid("The derived qualifier from the function name does not match the specified qualifier.")
    return match["name"], inside or qualifier


def function_arn(region: str, account_id: str, name: str, qualifier: str | None = None) -> str:
    arn = f"arn:aws:lambda:{region}:{account_id}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


def is_version(qualifier: str) -> bool:
    return qualifier.isdigit()
