"""The limits that a deployment sets for requests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tidegate.domain.function_name import is_own

OnIdle = Literal["promote", "hold", "refuse"]
OnHoldExpired = Literal["rollback", "promote"]
"""Fields of a request's analysis whose defaults a deployment sets."""

NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True)
class Limits:
    """Deploy-time rules for requests.

    `function_pattern` is a name with `*` and `?` as IAM reads them; functions whose name begins with
    `own_prefix` are Tidegate's own. `code_buckets`, `image_repositories` (names in ECR), `parameters` (of Systems
    Manager, without a leading slash), `secrets` (names with their suffix), `roles`, `layers` and `keys` (ARNs) are
    patterns for names in a request that may contain code or configuration. `hooks` are patterns of names of functions
    that a release may ask, `log_groups` of those of callers that it may read. `allow_keep` is whether the stack deletes
    old versions, `allow_provision` whether a probe may provision an environment. `account` and `region` are those of
    the stack; empty if unknown.
    """

    function_pattern: str
    own_prefix: str
    allow_code: bool = False
    allow_configuration: bool = False
    allow_keep: bool = False
    allow_provision: bool = False
    code_buckets: tuple[str, ...] = ("*",)
    image_repositories: tuple[str, ...] = ("*",)
    roles: tuple[str, ...] = ()
    layers: tuple[str, ...] = ("*",)
    parameters: tuple[str, ...] = ("*",)
    secrets: tuple[str, ...] = ("*",)
    keys: tuple[str, ...] = ("*",)
    hooks: tuple[str, ...] = ("*",)
    log_groups: tuple[str, ...] = ("*",)
    account: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        if not self.function_pattern or not self.own_prefix:
            raise ValueError("a function pattern and the prefix of Tidegate's own functions must be set")

    def covers(self, function: str) -> bool:
        return matches(function, [self.function_pattern])

    def owns(self, function: str, tags: Mapping[str, str] = NO_TAGS) -> bool:
        return is_own(function, self.own_prefix, tags)


ANYTHING = Limits(
    "*", "-", allow_code=True, allow_configuration=True, allow_keep=True, allow_provision=True, roles=("*",)
)
"""For requests that are read where the stack is unknown: Plan applies its limits."""


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
    hook_function_pattern: str = ""
    caller_log_group_pattern: str = ""
    provisioned_probes: bool = False
    carry_provisioned: bool = False
    account: str = ""
    region: str = ""
    on_idle: OnIdle = "promote"
    on_hold_expired: OnHoldExpired = "rollback"
    roll_back_under_freeze: bool = True
    regions_role: str = ""
    preflight: Literal["own", "full"] = "own"
    preflight_severities: str = ""

    def limits(self) -> Limits:
        return Limits(
            function_pattern=self.function_pattern,
            own_prefix=self.own_prefix,
            allow_code=bool(self.code_bucket_pattern or self.image_repository_pattern),
            allow_configuration=self.allow_configuration,
            allow_keep=self.keep_versions > 0,
            allow_provision=self.provisioned_probes,
            code_buckets=(self.code_bucket_pattern,),
            image_repositories=(self.image_repository_pattern,),
            roles=(f"arn:*:iam::{self.account or '*'}:role/{self.pass_role_pattern}",)
            if self.pass_role_pattern
            else (),
            layers=(self.layer_arn_pattern,),
            parameters=(self.parameter_pattern,),
            secrets=(self.secret_pattern,),
            keys=(self.function_kms_key_arn,),
            hooks=(self.hook_function_pattern,),
            log_groups=(f"/aws/lambda/{self.function_pattern}", self.caller_log_group_pattern),
            account=self.account,
            region=self.region,
        )


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Return whether one of the patterns fits all of the name, as in an IAM policy: `*`, `?`, case-sensitive.

    The time is at most proportional to the length of the name times the length of the pattern, because people write
    both.
    """
    return any(re.fullmatch(_expression(pattern), name, re.DOTALL) for pattern in patterns)


def matches_arn(arn: str, patterns: Sequence[str]) -> bool:
    """Return whether one of the patterns fits.

    `*` alone, or an ARN whose wildcards stay within their part, as in IAM.
    """
    return any(pattern == "*" or _each_part(arn.split(":", 5), pattern.split(":", 5)) for pattern in patterns)


def _each_part(given: Sequence[str], wanted: Sequence[str]) -> bool:
    return len(given) == len(wanted) and all(matches(one, [other]) for one, other in zip(given, wanted, strict=True))


def _expression(pattern: str) -> str:
    """Each part between two stars is taken where it comes first, and never again: `(?>…)` does not backtrack."""
    first, *others = (re.escape(part).replace(r"\?", ".") for part in re.split(r"\*+", pattern))
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}"
