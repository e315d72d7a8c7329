"""What calls a function in the rest of an account, however much there is and whatever part cannot be read."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.failing import refused
from tests.surveys import a_survey
from tidegate.aws.preflight import facts, of_account, of_buses, of_function
from tidegate.aws.preflight.aim import Aim
from tidegate.domain.planning.known_calls import MACHINES, PASSED_ON
from tidegate.domain.planning.preflight.survey import Partial
from tidegate.domain.planning.preflight.unqualified_callers import unqualified_callers

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
    assert [name for _, name in found.value[ARN].callers] == [f"m-{number}" for number in range(9) if number != 7]
    assert found.why.startswith("1 of 9 were not read: ")
    assert "DescribeStateMachine" in found.why


def a_definition(*functions: str) -> str:
    """Give a state machine that calls the alias live of one function after the other."""
    tasks = {
        name: {"Type": "Task", "Resource": f"{ARN[:-8]}{name}:live", "Next": after}
        for name, after in zip(functions, (*functions[1:], "Done"), strict=True)
    }
    return json.dumps({"StartAt": functions[0], "States": {**tasks, "Done": {"Type": "Succeed"}}})


def test_definitions_tell_whose_result_reaches_whom_and_one_that_is_not_understood_costs_only_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = {"shop": a_definition("checkout", "basket"), "odd": '"checkout"', "else": "not read: no target in it"}
    machines = [{"name": name, "stateMachineArn": name} for name in texts]
    described = SimpleNamespace(describe_state_machine=lambda stateMachineArn: {"definition": texts[stateMachineArn]})
    monkeypatch.setattr(of_account, "client", lambda _: described)
    monkeypatch.setattr(of_account, "pages", lambda _, call, *__, **___: machines if "machines" in call else [])
    aims = [Aim(name, "live", f"{ARN[:-8]}{name}") for name in ("checkout", "basket")]
    checkout, basket = facts.read(aims, {"machines"}, 0, full=True)
    assert checkout[MACHINES] == basket[MACHINES] == [("checkout:live", "basket:live", "shop")]
    assert checkout["machines"].why.startswith("the definition of odd was not understood")


BUS = "arn:aws:events:us-east-1:123456789012:event-bus/shop"
RULES: list[dict[str, Any]] = [
    {"Name": "results", "EventPattern": '{"source": ["lambda"]}', "State": "ENABLED"},
    {"Name": "off", "EventPattern": '{"source": ["lambda"]}', "State": "DISABLED"},
    {"Name": "orders", "EventPattern": '{"source": ["shop"]}', "State": "ENABLED"},
    {"Name": "hourly", "ScheduleExpression": "rate(1 hour)", "State": "ENABLED"},
]


def to_bus(alias: str, bus: str) -> dict[str, Any]:
    ways = {"OnSuccess": {"Destination": bus}, "OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}
    return {"FunctionArn": f"{ARN}:{alias}", "DestinationConfig": ways}


def after_a_destination(
    monkeypatch: pytest.MonkeyPatch, rules: Any, alias: str = "live", bus: str = BUS, *, full: bool = True
) -> Any:
    """Give what is read of a function whose asynchronous calls, of this alias, succeed to a bus; and the calls."""
    asked: list[str] = []

    def read(service: str, call: str, *_: Any, **parameters: Any) -> Any:
        asked.append(call)
        if call == "list_rules":
            return rules()
        return [to_bus(alias, bus)] if "invoke_configs" in call else [{"Arn": f"to-{parameters['Rule']}"}]

    monkeypatch.setattr(of_function, "pages", read)
    monkeypatch.setattr(of_buses, "pages", read)
    (found,) = facts.read([Aim("checkout", "live", ARN)], {"event-configs", PASSED_ON}, 0, full=full)
    return found.get(PASSED_ON), asked[1:]


def test_of_a_bus_that_receives_results_the_rules_are_read_and_the_targets_of_those_that_match(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, asked = after_a_destination(monkeypatch, lambda: RULES)
    assert found == [(BUS, "results", "to-results")]
    assert asked == ["list_rules", "list_targets_by_rule"]


def test_no_rule_is_read_of_other_destinations_nor_without_the_right(monkeypatch: pytest.MonkeyPatch) -> None:
    assert after_a_destination(monkeypatch, lambda: RULES, "$LATEST") == (None, [])
    assert after_a_destination(monkeypatch, lambda: RULES, full=False) == (None, [])


def test_the_rules_of_a_bus_in_another_account_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """No permission here would allow it, so each release would have a finding that nobody can mend."""
    elsewhere = BUS.replace("123456789012", "210987654321")
    assert after_a_destination(monkeypatch, lambda: RULES, bus=elsewhere) == (None, [])


def test_rules_that_cannot_be_read_are_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied() -> Any:
        raise refused("ListRules")

    unseen, _ = after_a_destination(monkeypatch, denied)
    (found,) = unqualified_callers(a_survey(facts={PASSED_ON: unseen}))
    assert (found.looked, found.found[:55]) == (False, "could not look: rules-of-destinations: An error occurre")


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
