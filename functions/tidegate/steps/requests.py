"""The request of a release, as its execution was given it."""

from typing import Any

from tidegate.aws.settings import settings
from tidegate.domain.request import Limits, Request, parse_request


def read_request(raw: Any) -> Request:
    """Validate a request against what this deployment allows.

    Raises
    ------
    InvalidRequest
        With every problem: path, what was wrong, an example.
    """
    here = settings()
    limits = Limits(
        function_pattern=here.function_pattern,
        own_prefix=here.own_prefix,
        allow_code=here.allow_code,
        allow_configuration=here.allow_configuration,
    )
    return parse_request(raw, limits=limits, default_strategy=here.default_strategy, default_alias=here.default_alias)
