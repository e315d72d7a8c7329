"""Which calls between targets are known: declared, or found in environments, destinations and state machines."""

from typing import Any

from tests.builders import ANYTHING
from tidegate.domain.planning.known_calls import (
    MACHINES,
    PASSED_ON,
    declared_calls,
    handed_on,
    in_environment,
)
from tidegate.domain.planning.preflight.survey import Partial, Unseen
from tidegate.domain.request.parse import parse_request

STEPS = {"steps": [{"weight": 10, "bake": "1m"}]}
ACCOUNT = "eu-west-1:123456789012"
BUS, TOPIC = f"arn:aws:events:{ACCOUNT}:event-bus/shop", f"arn:aws:sns:{ACCOUNT}:done"
QUEUE, FUNCTION = f"arn:aws:sqs:{ACCOUNT}:mails", f"arn:aws:lambda:{ACCOUNT}:function:"


def test_calls_are_declared_or_found_in_the_environment() -> None:
    targets = [
        {"function": "web", "calls": ["orders", "elsewhere"]},
        {"function": "orders"},
        {"function": "stock", "alias": "beta"},
        {"function": "mail"},
    ]
    found = parse_request({"targets": targets, "strategy": STEPS}, limits=ANYTHING).targets
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:stock:beta"
    variables = {"STOCK": arn, "MAIL": "mail:other", "TEXT": "mails", "SELF": "web"}
    configuration = {"Environment": {"Variables": variables}}
    assert in_environment(found[0], found, configuration) == {"stock:beta": "variable STOCK"}
    assert in_environment(found[1], found, None) == {}
    both = {"Environment": {"Variables": {"FIRST": "stock", "SECOND": "stock"}}}
    assert in_environment(found[0], found, both) == {"stock:beta": "variable FIRST"}
    assert declared_calls(found[0], found) == ("orders:live",)


def test_results_of_asynchronous_calls_that_another_target_receives_are_calls() -> None:
    names = (
        {"function": "orders"},
        {"function": "mail"},
        {"function": "stock", "alias": "beta"},
        {"function": "audit"},
    )
    targets = parse_request({"targets": list(names), "strategy": STEPS}, limits=ANYTHING).targets
    arn, queue = "arn:aws:lambda:eu-west-1:123456789012:function:", "arn:aws:sqs:eu-west-1:123456789012:failed"
    ways = {"OnSuccess": {"Destination": f"{arn}mail:live"}, "OnFailure": {"Destination": queue}}
    configs = [
        {"FunctionArn": f"{arn}orders:live", "DestinationConfig": ways},
        {"FunctionArn": f"{arn}orders:$LATEST", "DestinationConfig": {"OnSuccess": {"Destination": f"{arn}audit"}}},
    ]
    facts: list[dict[str, Any]] = [
        {"event-configs": configs},
        {"event-configs": Unseen("no")},
        {"mappings": [{"EventSourceArn": queue}]},
        {},
    ]
    where = {"mail:live": "destination of asynchronous calls", "stock:beta": "queue failed"}
    assert handed_on(targets, facts) == {"orders:live": where}


def received(*targets: dict[str, Any], **facts: Any) -> dict[str, dict[str, str]]:
    """Give who receives the results of orders: its calls succeed to a bus and fail to a topic; mail reads the queue."""
    asked: list[Any] = [*targets, {"function": "mail"}, {"function": "stock"}]
    wanted = parse_request({"targets": asked, "strategy": STEPS}, limits=ANYTHING).targets
    ways = {"OnSuccess": {"Destination": BUS}, "OnFailure": {"Destination": TOPIC}}
    configs = [{"FunctionArn": f"{FUNCTION}orders:live", "DestinationConfig": ways}]
    return handed_on(wanted, [{"event-configs": configs, **facts}, {"mappings": [{"EventSourceArn": QUEUE}]}, {}])


def test_topics_and_rules_pass_results_on_also_through_a_queue() -> None:
    subscribed = [(TOPIC, QUEUE), (TOPIC, f"{FUNCTION}other:live"), (f"{TOPIC}-2", f"{FUNCTION}stock:live")]
    assert received({"function": "orders"}, subscriptions=subscribed) == {
        "orders:live": {"mail:live": "topic done → queue mails"}
    }
    rules = [(BUS, "to-stock", f"{FUNCTION}stock:live"), (BUS, "to-topic", TOPIC), (f"{BUS}-2", "mail", QUEUE)]
    found = received({"function": "orders"}, **{PASSED_ON: rules, "subscriptions": Partial(subscribed, "late")})
    assert found["orders:live"] == {"stock:live": "rule to-stock", "mail:live": "topic done → queue mails"}


def test_a_call_found_in_several_places_names_the_first_two() -> None:
    machines = [("orders:live", "stock:live", name) for name in ("shop", "returns", "audit")]
    machines += [("mail:live", "stock:live", "mails"), ("orders:live", "orders:live", "shop")]
    assert received({"function": "orders"}, **{MACHINES: machines}) == {
        "orders:live": {
            "stock:live": "state machine shop, state machine returns and 1 more",
            "orders:live": "state machine shop",
        }
    }


def test_a_call_that_is_denied_is_not_found() -> None:
    facts = {MACHINES: [("orders:live", "stock:live", "shop"), ("orders:live", "mail:live", "shop")]}
    denying = {"function": "orders", "not_calls": ["stock", "elsewhere"]}
    assert received(denying, **facts) == {"orders:live": {"mail:live": "state machine shop"}}
    (target, *_) = found = parse_request(
        {"targets": [denying, {"function": "stock"}], "strategy": STEPS}, limits=ANYTHING
    ).targets
    assert in_environment(target, found, {"Environment": {"Variables": {"STOCK": "stock"}}}) == {}


def test_a_call_that_is_declared_stays_even_if_it_is_denied() -> None:
    both = [{"function": "web", "calls": ["orders"], "not_calls": ["orders"]}, {"function": "orders"}]
    targets = parse_request({"targets": both, "strategy": STEPS}, limits=ANYTHING).targets
    assert declared_calls(targets[0], targets) == ("orders:live",)
