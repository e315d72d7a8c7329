"""Who may talk to the front: programs of this machine, and no page that a browser on it has open.

A page of any site can have its browser send requests to 127.0.0.1, and the local cloud runs the code that it is given.
So a request that a browser makes for a page is refused, and one for a host by another name, which a page can give to
this address (DNS rebinding). Browsers send `Origin` (Fetch standard) and `Sec-Fetch-Site` (W3C, Fetch Metadata Request
Headers) by themselves; no page can leave them out.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import Forbidden

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

LOOPBACK = re.compile(r"(?:127\.0\.0\.1|\[::1\]|(?:[\w-]+\.)*localhost)(?::[0-9]+)?", re.ASCII | re.IGNORECASE)
"""Names of this machine that nobody else can give away: `localhost` and what is below it (RFC 6761, section 6.3)."""

OF_NO_PAGE = ("none", "same-origin")
"""Values of Sec-Fetch-Site: a person typed the address, or what the front itself answered asks for more."""


def refusal(environ: dict[str, Any]) -> str | None:
    """Explain why a request is refused; None where it may go on."""
    host = environ.get("HTTP_HOST", "")
    if not LOOPBACK.fullmatch(host):
        return f"The local cloud answers only on 127.0.0.1 and localhost, not on {host!r}."
    origin = environ.get("HTTP_ORIGIN")
    if origin not in (None, f"http://{host}"):
        return f"The local cloud does not answer web pages; this request is from {origin!r}."
    if environ.get("HTTP_SEC_FETCH_SITE", "none") not in OF_NO_PAGE:
        return "The local cloud does not answer pages of other sites."
    return None


class Visitors:
    """Lets requests through to an application, or refuses them."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        why = refusal(environ)
        if why is None:
            return self._application(environ, start_response)
        return Forbidden(why)(environ, start_response)
