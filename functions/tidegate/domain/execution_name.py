"""What an execution may be named: our names are made of these pieces, so that Step Functions logs each release."""

import hashlib
import re

LONGEST = 80
"""Characters of an execution's name (Step Functions, StartExecution)."""

KEY = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
"""What may be a sender's key."""

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
"""What may not be in a name if CloudWatch Logs is to have the execution's log (StartExecution, `name`)."""


def plain(text: str) -> str:
    """Give the text with `-` for what a logged execution's name may not have."""
    return _FOREIGN.sub("-", text)


def distinct(key: str) -> str:
    """Give the key as a part of a name: no two keys give the same."""
    return key if key == plain(key) else f"{plain(key)}-{shortened(key, 6)}"


def shortened(text: str, digits: int) -> str:
    """Give so many hex digits that stand for the text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:digits]
