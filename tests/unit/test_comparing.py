"""The step Compare versions, with what its own earlier try has left in the ledger."""

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.fakes.cloudwatch import cloudwatch
from tests.fakes.small_aws import small_aws, take_on
from tidegate.aws.ledger import items, records
from tidegate.domain.schedule import format_time
from tidegate.steps import compare

NAME = "release-1"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"


def test_a_try_that_finds_no_failure_takes_back_what_an_earlier_try_blamed() -> None:
    """Points that came late may turn a verdict; whatever ends the release later is not that one's fault."""
    target, plan = a_target(), a_plan()
    with small_aws() as aws, cloudwatch():
        aws.moved(target.function, "42", v43=0.1)
        take_on(NAME, EXECUTION, plan)
        items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {})
        records.blame(NAME, {"error": "VersionFailed", "cause": "7 of 7 failed", "failed": [target.name]})
        answer = compare.handler({"release": NAME, "now": format_time(NOON + 150), "step": 0}, None)
        assert (answer["next"], records.read(NAME).blame) == ("bake", None)
