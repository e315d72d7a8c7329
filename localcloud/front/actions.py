"""Which action a request names: moto matches method and path anew each time it asks, four times for each request."""

from functools import wraps
from typing import Any

from moto.core.responses import BaseResponse


def match_once() -> None:
    """Have a response remember the request that it matched last: some of moto's answer one after the other."""
    match = BaseResponse._get_action_from_method_and_request_uri

    @wraps(match)
    def remembered(response: Any, request: Any) -> Any:
        known, action, found = vars(response).get("_matched", (None, None, None))
        if known is not request:
            action = match(response, request)
            response._matched = request, action, response.uri_match
        else:
            response.uri_match = found
        return action

    patched: Any = BaseResponse
    patched._get_action_from_method_and_request_uri = remembered
