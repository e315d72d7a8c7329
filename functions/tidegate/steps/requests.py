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
        allow_code=bool(here.code_bucket_pattern or here.image_repository_pattern),
        allow_configuration=here.allow_configuration,
        code_buckets=(here.code_bucket_pattern,),
        image_repositories=(here.image_repository_pattern,),
        roles=(here.pass_role_pattern,),
    )
    return parse_request(raw, limits=limits, default_strategy=here.default_strategy, default_alias=here.default_alias)
