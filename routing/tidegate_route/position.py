"""The pseudonym of a user, and the user's position under a salt; routing/vectors.json has values to test a port."""

from __future__ import annotations

from hashlib import sha256

POSITIONS = 10_000
"""A position is a hundredth of a percent."""


def pseudonym(user: str) -> str:
    """Return the 16 hexadecimal digits that stand for a user wherever a decision travels or is logged."""
    return sha256(b"tidegate:" + _utf8(user)).hexdigest()[:16]


def position(salt: str, key: str) -> int:
    """Return a place from 0 to 9,999: the first 8 bytes of SHA-256("SALT:KEY"), big-endian, scaled.

    A user is on the canary if the position is below the percentage times 100: more percent only add users.
    """
    return int.from_bytes(sha256(_utf8(f"{salt}:{key}")).digest()[:8], "big") * POSITIONS >> 64


def _utf8(text: str) -> bytes:
    # Half a surrogate pair becomes U+FFFD, as in Node.js.
    text = text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.encode()
