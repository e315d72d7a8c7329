"""Shift traffic: what keeps a release from getting more of it."""

import pytest

from tests.builders import NOON, a_plan, a_shift, a_target
from tests.fakes.small_aws import small_aws, take_on
from tidegate.aws.ledger import decisions, items, records, table
from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.errors import Aborted
from tidegate.domain.schedule import format_time
from tidegate.domain.strategy import Step
from tidegate.steps import shift

NAME = "release-1"
EXECUTION = f"arn:aws:states:us-east-1:123456789012:execution:tidegate-release:{NAME}"


def test_a_release_that_was_aborted_since_the_last_look_gets_no_more_traffic() -> None:
    target = a_target()
    plan = a_plan(target, steps=(Step(10, 5), Step(50, 5)))
    decision = Decision(Kind.ABORT, "ana", "orders are missing", "command", NOON + 400)
    with small_aws() as aws:
        aws.moved(target.function, "42", v43=0.1)
        take_on(NAME, EXECUTION, plan)
        items.record_shift(NAME, 0, a_shift(NOON, 10), plan.expires, {})
        said = {"number": 1, "decision": decision.document(), "closed": 0, "started": NOON}
        table.put({"pk": f"decisions#{NAME}", "sk": "current", **said})
        assert decisions.read(records.read(NAME)).pending == decision
        at = format_time(NOON + 420)
        with pytest.raises(Aborted, match=r"ana aborted it at .*: orders are missing"):
            shift.handler({"release": NAME, "now": at, "step": 1, "tried": at}, None)
        assert aws.state(target.function) == ("42", {"43": 0.1})
