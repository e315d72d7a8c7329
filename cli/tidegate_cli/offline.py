"""Validating a request without AWS, by the rules that every deployment has; Plan adds those of its stack."""

from collections.abc import Mapping
from typing import Any


def problems(request: Mapping[str, Any]) -> list[str]:
    """Return every problem of a request, each with path, text and example.

    One that selects its functions is checked as if it had found one. The default strategy of the stack is unknown here,
    so that places of approvals are checked only with a strategy.
    """
    from tidegate.domain.errors import InvalidRequest
    from tidegate.domain.request.limits import ANYTHING
    from tidegate.domain.request.parse import parse_request

    approvals = request.get("approvals")
    if "strategy" not in request and isinstance(approvals, list):
        request = {**request, "approvals": [each for each in approvals if isinstance(each, str)]}
    try:
        parse_request(dict(request), limits=ANYTHING, functions=("checkout",))
    except InvalidRequest as error:
        return list(error.problems)
    return []
