"""Tells a web or mobile client which channel it is on, and gives it a cookie by which the edge knows it.

A Lambda handler behind an HTTP API or a function URL (payload format 2.0), with Tidegate's layer and TIDEGATE_TABLE.
FUNCTIONS names the functions that the client asks about, separated by commas. docs/clients.md describes its use.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from typing import Any

from tidegate_route import Incoming, Router, pseudonym

COOKIE = "__Host-tidegate"
"""Browsers accept a cookie of this prefix only from the host itself, with Secure and Path=/."""
AGE = 30
"""Seconds for which a client may keep the answer: as long as a caller keeps a document."""

router = Router.from_table()


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    key = _key(event)
    with router.serving(None, incoming=Incoming(key, {}, {}, {}, [])):
        channels = {name: router.qualifier(name, explain=True).channel for name in os.environ["FUNCTIONS"].split(",")}
        why = router.answer()
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json", "cache-control": f"private, max-age={AGE}", **why},
        "cookies": [f"{COOKIE}={key}; Max-Age=31536000; Path=/; Secure; HttpOnly; SameSite=Lax"],
        "body": json.dumps({"user": key, "channels": channels, "seconds": AGE}),
    }


def _key(event: Mapping[str, Any]) -> str:
    """Return the pseudonym of who signed in, otherwise what the cookie remembers, otherwise a new one."""
    user = _signed_in(event)
    if user:
        return pseudonym(user)
    found = [text.partition("=")[2] for text in event.get("cookies", []) if text.startswith(f"{COOKIE}=")]
    return next((key for key in found if re.fullmatch("[0-9a-f]{16}", key)), "") or secrets.token_hex(8)


def _signed_in(event: Mapping[str, Any]) -> str | None:
    """Return the user whom the API's authorizer has verified; your functions must name the user in the same way."""
    claims = event.get("requestContext", {}).get("authorizer", {}).get("jwt", {}).get("claims", {})
    return claims.get("sub")
