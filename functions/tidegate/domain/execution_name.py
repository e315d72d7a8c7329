"""Valid execution names: our names consist of these parts, so that Step Functions logs each release."""

import hashlib
import re

LONGEST = 80
"""Characters of an execution's name (Step Functions, StartExecution)."""

KEY = re.compile(r"[A-Za-z0-9._-]{1,40}", re.ASCII)
"""Valid keys of a sender."""

_FOREIGN = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
"""Characters that prevent logging of an execution to CloudWatch Logs (StartExecution, `name`)."""


def plain(text: str) -> str:
    """Return the text with `-` for characters that a logged execution's name must not contain."""
    return _FOREIGN.sub("-", text)


def distinct(key: str) -> str:
    """Return the key as a part of a name: no two keys give the same."""
    return key if key == plain(key) else f"{plain(key)}-{shortened(key, 6)}"


def shortened(text: str, digits: int) -> str:
    """Return a hash of the text with the given number of hex digits."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:digits]
