"""What template.yaml has for releases that events start: rules, permissions, and where events end that start none."""

import re
from typing import Any

from tests.reading import Document, functions, listed, resources, statements, template
from tidegate.domain.events.detail import SOURCE


def written(resource: Any) -> str:
    """Give an ARN as the template writes it."""
    return resource if isinstance(resource, str) else str(next(iter(resource.values())))


def test_start_may_start_releases_and_tell_of_what_it_refused_and_nothing_else() -> None:
    allowed = {action for each in statements(functions()["StartFunction"]) for action in listed(each["Action"])}
    assert {action for action in allowed if not re.match(r"\w+:(Describe|Get|List)", action)} == {
        "states:StartExecution",
        "events:PutEvents",
    }


def rules_of_start() -> dict[str, Document]:
    """Give the rules that start releases."""
    rules = resources("AWS::Events::Rule")
    return {name: rule for name, rule in rules.items() if rule["Targets"][0]["Arn"] == {"Ref": "StartFunction.Alias"}}


def test_requests_come_on_a_bus_that_nobody_elses_events_come_to() -> None:
    on_a_bus_of_its_own = {
        name: rule["EventBusName"] for name, rule in rules_of_start().items() if "EventBusName" in rule
    }
    assert on_a_bus_of_its_own == {"ReleaseRequested": {"Ref": "RequestBusName"}}
    allowed = template()["Parameters"]["RequestBusName"]["AllowedPattern"]
    assert not re.fullmatch(allowed, "default")
    assert re.fullmatch(allowed, "releases")


def test_nothing_that_comes_on_the_bus_of_requests_is_lost_and_nothing_of_our_own_comes_back() -> None:
    assert rules_of_start()["ReleaseRequested"]["EventPattern"] == {"source": [{"anything-but": [SOURCE]}]}


def test_on_the_default_bus_only_events_of_aws_in_this_account_and_region_start_releases() -> None:
    here = {"account": [{"Ref": "AWS::AccountId"}], "region": [{"Ref": "AWS::Region"}]}
    on_the_default_bus = [rule for rule in rules_of_start().values() if "EventBusName" not in rule]
    assert len(on_the_default_bus) > 1
    for rule in on_the_default_bus:
        assert rule["EventPattern"].items() >= here.items()
        (source,) = rule["EventPattern"]["source"]
        assert source.startswith("aws.")


def test_an_event_that_starts_nothing_ends_in_a_queue_that_alarms() -> None:
    letters = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert functions()["StartFunction"]["DeadLetterQueue"] == {"Type": "SQS", "TargetArn": letters}
    for rule in rules_of_start().values():
        (target,) = rule["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": letters}
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 3600}
    (policy,) = resources("AWS::SQS::QueuePolicy")["DeadLettersPolicy"]["PolicyDocument"]["Statement"]
    assert (policy["Principal"], policy["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert "${AWS::AccountId}:rule/" in written(policy["Condition"]["ArnLike"]["aws:SourceArn"])
    alarm = resources("AWS::CloudWatch::Alarm")["DeadLettersAlarm"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["DeadLetters", "QueueName"]}}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_every_rule_that_starts_releases_may_do_so() -> None:
    allowed = {name: each["SourceArn"] for name, each in resources("AWS::Lambda::Permission").items()}
    assert allowed == {f"{rule}Permission": {"Fn::GetAtt": [rule, "Arn"]} for rule in rules_of_start()}
    declared = template()["Resources"]
    assert all(declared[rule]["Condition"] == declared[f"{rule}Permission"]["Condition"] for rule in rules_of_start())
