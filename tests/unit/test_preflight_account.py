"""What calls a function in the rest of an account, however much there is and whatever part cannot be read."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.failing import refused
from tidegate.aws.preflight import of_account, of_function
from tidegate.aws.preflight.aim import Aim
from tidegate.domain.planning.preflight.survey import Partial

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
PAGES: dict[str, dict[str, Any]] = {
    "": {"EventBuses": [{"Name": "default"}], "NextToken": "more"},
    "more": {"EventBuses": [{"Name": "orders"}]},
}


def test_rules_of_buses_on_the_second_page_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    events = SimpleNamespace(list_event_buses=lambda Limit, NextToken="": PAGES[NextToken])
    monkeypatch.setattr(of_account, "client", lambda _: events)
    monkeypatch.setattr(of_account, "pages", lambda *_, EventBusName, **__: [f"to-{EventBusName}"])
    found = of_account.rules([Aim("checkout", "live", ARN)], 0)
    assert found == {ARN: [("rule", "to-default"), ("rule", "orders/to-orders")]}


def test_a_machine_that_cannot_be_read_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one whose definition is encrypted needs its key."""

    def describe(stateMachineArn: str) -> Any:
        if stateMachineArn == "m-7":
            raise refused("DescribeStateMachine")
        return {"definition": f'{{"Resource": "{ARN}"}}'}

    machines = [{"name": f"m-{number}", "stateMachineArn": f"m-{number}"} for number in range(9)]
    monkeypatch.setattr(of_account, "client", lambda _: SimpleNamespace(describe_state_machine=describe))
    monkeypatch.setattr(of_account, "pages", lambda _, call, *__, **___: machines if "machines" in call else [])
    found = of_account.machines([Aim("checkout", "live", ARN)], 0)
    assert isinstance(found, Partial)
    assert [name for _, name in found.value[ARN]] == [f"m-{number}" for number in range(9) if number != 7]
    assert found.why.startswith("1 of 9 were not read: ")
    assert "DescribeStateMachine" in found.why


def test_where_nothing_can_be_read_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> Any:
        raise refused("GetBucketNotification")

    policy = {"Effect": "Allow", "Action": "*", "Principal": "*"}
    condition = {"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::gone"}}}
    allowing = {"Policy": json.dumps({"Statement": {**policy, **condition}})}
    aws = SimpleNamespace(get_bucket_notification_configuration=denied, get_policy=lambda **_: allowing)
    for module in (of_account, of_function):
        monkeypatch.setattr(module, "client", lambda _: aws)
    with pytest.raises(ClientError, match="GetBucketNotification"):
        of_account.buckets([Aim("checkout", "live", ARN)], 0)
