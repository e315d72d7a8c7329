"""Pieces of a release with everything filled in that a test does not care about."""

from collections.abc import Mapping
from typing import Any

from tidegate.domain.alias import AliasState
from tidegate.domain.analysis.readings import Reading, Shift
from tidegate.domain.analysis.verdict import TargetVerdict
from tidegate.domain.judge import Combined, Metric, MetricJudgement, Minute, Verdict, shown
from tidegate.domain.metric import ERRORS
from tidegate.domain.plan import ReleasePlan, TargetPlan
from tidegate.domain.request.limits import Limits, Settings
from tidegate.domain.request.models import Request
from tidegate.domain.request.parse import parse_request
from tidegate.domain.strategy import Step, Strategy

NOON = 1_800_014_400
"""A whole hour, in seconds since 1970: 2027-01-15T12:00:00Z."""

SETTINGS = {
    "function_pattern": "*",
    "own_prefix": "tidegate-",
    "default_strategy": "guarded",
    "default_alias": "live",
    "retention_days": 400,
    "code_bucket_pattern": "*",
    "image_repository_pattern": "*",
    "allow_configuration": True,
    "pass_role_pattern": "",
    "keep_versions": 0,
    "event_bus": "default",
    "layer_arn_pattern": "*",
    "parameter_pattern": "*",
    "secret_pattern": "*",
    "function_kms_key_arn": "*",
    "hook_function_pattern": "*",
    "caller_log_group_pattern": "*",
    "provisioned_probes": True,
    "carry_provisioned": True,
}
"""What a deployment that allows everything has its steps told."""

ANYTHING = Limits(
    "*", "tidegate-", allow_code=True, allow_configuration=True, allow_keep=True, allow_provision=True, roles=("*",)
)


def a_target(function: str = "checkout", **fields: Any) -> TargetPlan:
    """Give a target whose alias `live` goes from version 42 to 43."""
    usual: dict[str, Any] = {
        "alias": "live",
        "snapshot": AliasState("42"),
        "timeout_seconds": 3,
        "canary": "43",
    }
    return TargetPlan(function=function, **{**usual, **fields})


def a_plan(*targets: TargetPlan, steps: tuple[Step, ...] = (Step(10, 5),), **fields: Any) -> ReleasePlan:
    """Give a plan of one target and one step, 10 % for 5 minutes, that holds when undecided."""
    usual: dict[str, Any] = {
        "targets": targets or (a_target(),),
        "strategy": Strategy("steps", steps, on_inconclusive="hold", bakes_on=True),
        "alpha": 0.05,
        "min_effect": 0.001,
        "max_bake_minutes": 15,
        "on_inconclusive": "hold",
        "max_hold_minutes": 60,
        "deadline": NOON + 86_400,
        "expires": NOON + 400 * 86_400,
    }
    return ReleasePlan(**{**usual, **fields})


def a_shift(at: int, weight: float) -> Shift:
    """Give a change of weight that took two seconds."""
    return Shift(at, weight, until=at + 2)


def a_verdict(verdict: Verdict, target: TargetPlan | None = None, problem: str | None = None) -> TargetVerdict:
    """Give a verdict on 812 calls of the canary, of which 3 failed, and 7310 of stable with 4."""
    if problem:
        return TargetVerdict(target or a_target(), verdict, problem)
    whole = Minute(812, 3, 7310, 4)
    numbers = shown([NOON], [whole], evidence=0.0, limit=3.0)
    judged = MetricJudgement(
        Metric(ERRORS, {NOON: whole}), 1.0, 0.0, 0.0, 0.0, needed=8.0, whole=whole, fails=False, shown=numbers
    )
    combined = Combined(verdict, 0.0, ERRORS, 0.0, None, None, (judged,), "As it is.")
    return TargetVerdict(target or a_target(), verdict, combined=combined)


def by_start(*minutes: Minute, since: int = NOON) -> dict[int, Minute]:
    """Give minutes in a row by their starts."""
    return {since + 60 * number: minute for number, minute in enumerate(minutes)}


def a_reading(minutes: Mapping[int, Minute], problem: str | None = None) -> Reading:
    """Give what was read of errors."""
    return Reading({ERRORS: minutes}, problem)


def a_request(**fields: Any) -> Request:
    return parse_request({"function": "checkout", **fields}, limits=ANYTHING)


def some_settings(**changes: Any) -> Settings:
    """Give what a deployment allows that names what may be released, and where code comes from."""
    usual = {
        "function_pattern": "shop-*",
        "own_prefix": "tidegate-",
        "default_strategy": "guarded",
        "default_alias": "live",
        "retention_days": 400,
        "code_bucket_pattern": "builds",
        "image_repository_pattern": "shop-*",
        "allow_configuration": True,
        "pass_role_pattern": "",
        "keep_versions": 0,
        "event_bus": "default",
        "allow_changes_by_event": False,
    }
    return Settings.model_validate({**usual, **changes})
