"""A release that was stopped at 10 %, behind the calls of a small AWS."""

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.fakes.small_aws import SmallAws, take_on
from tidegate.aws.ledger import items

NAME = "checkout-7"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
TARGET = "checkout:live"
WHOLE, SPLIT = ("42", dict[str, float]()), ("42", {"43": 0.1})


def begin(aws: SmallAws) -> None:
    """Have a release that was stopped at 10 %."""
    plan = a_plan(target := a_target())
    take_on(NAME, EXECUTION, plan)
    items.record_target(NAME, target.name, "43", NOON, expires=plan.expires, details={})
    items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {})
    aws.moved("checkout", "42", v43=0.1)
