"""The settings of this deployment for requests."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tidegate.domain.request.limits import Limits
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import parse_request


class Settings(BaseModel):
    """Parameters of template.yaml, from the definition of the state machine.

    Not as environment variables: a version of a function keeps its original ones, and SAM publishes no
    version for a changed parameter. A running release keeps its original settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    function_pattern: str
    own_prefix: str
    default_strategy: str
    default_alias: str
    retention_days: int
    code_bucket_pattern: str
    image_repository_pattern: str
    allow_configuration: bool
    pass_role_pattern: str
    keep_versions: int
    event_bus: str
    allow_changes_by_event: bool = False
    layer_arn_pattern: str = ""
    parameter_pattern: str = ""
    secret_pattern: str = ""
    function_kms_key_arn: str = ""
    account: str = ""
    region: str = ""

    def limits(self) -> Limits:
        return Limits(
            function_pattern=self.function_pattern,
            own_prefix=self.own_prefix,
            allow_code=bool(self.code_bucket_pattern or self.image_repository_pattern),
            allow_configuration=self.allow_configuration,
            allow_keep=self.keep_versions > 0,
            code_buckets=(self.code_bucket_pattern,),
            image_repositories=(self.image_repository_pattern,),
            roles=(f"arn:*:iam::{self.account or '*'}:role/{self.pass_role_pattern}",)
            if self.pass_role_pattern
            else (),
            layers=(self.layer_arn_pattern,),
            parameters=(self.parameter_pattern,),
            secrets=(self.secret_pattern,),
            keys=(self.function_kms_key_arn,),
            account=self.account,
            region=self.region,
        )


def read_request(raw: Any, settings: Settings) -> Request:
    """Validate a request against what this deployment allows.

    Raises
    ------
    InvalidRequest
        With every problem: path, mistake, example.
    """
    return parse_request(
        raw,
        limits=settings.limits(),
        default_strategy=settings.default_strategy,
        default_alias=settings.default_alias,
    )
