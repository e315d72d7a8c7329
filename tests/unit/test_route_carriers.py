"""Decisions travel with a request through every kind of call, and are adopted from trusted places only."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.routing_calls import item, keys, mark, router
from tidegate_route import Incoming, Router, incoming

ANA, EVE = keys("ana", "eve")
HEADER = f"tidegate={ANA};orders=canary"
ALL, NONE = mark(100), mark(0)


def sender() -> Router:
    """Give a router that sends half of the users to the canary of orders."""
    return router({"orders": item(100), "billing": item(0)})


def context(custom: Any) -> Any:
    return SimpleNamespace(client_context=SimpleNamespace(custom=custom))


def by_sns(sent: Mapping[str, Any]) -> Any:
    return {name: {"Type": each["DataType"], "Value": each["StringValue"]} for name, each in sent.items()}


def by_sqs(sent: Mapping[str, Any]) -> Any:
    return {
        name: {"dataType": each["DataType"], "stringValue": each["StringValue"], "binaryListValues": []}
        for name, each in sent.items()
    }


def data(content: Any) -> str:
    return b64encode(json.dumps(content).encode()).decode()


def image(content: Mapping[str, Any]) -> Any:
    inner = {name: {"S": value} for name, value in content["tidegate"].items()}
    return {"order": {"N": "7"}, "tidegate": {"M": inner}}


Sent = Any
Received = tuple[Any, Any]
"""The event and the context of a handler."""


def headers(made: Router) -> Sent:
    return made.headers("orders", "billing")


def attributes(made: Router) -> Sent:
    return made.attributes("orders", "billing")


def content(made: Router) -> Sent:
    return made.carry({"order": 7}, "orders", "billing")


WAYS: dict[str, tuple[Callable[[Router], Sent], Callable[[Sent], Received], dict[str, bool]]] = {
    "http": (
        headers,
        lambda sent: ({"headers": {"Baggage": sent["baggage"]}, "body": "{}"}, None),
        {"trust_header": True},
    ),
    "invoke": (headers, lambda sent: ({"any": "event"}, context(sent)), {}),
    "sns": (
        attributes,
        lambda sent: ({"Records": [{"Sns": {"Message": "m", "MessageAttributes": by_sns(sent)}}]}, None),
        {},
    ),
    "sqs": (attributes, lambda sent: ({"body": "no json", "messageAttributes": by_sqs(sent)}, None), {}),
    "sqs body": (
        content,
        lambda sent: ({"body": json.dumps(sent), "messageAttributes": {}}, None),
        {"trust_payload": True},
    ),
    "eventbridge": (
        content,
        lambda sent: ({"detail-type": "Ordered", "source": "shop", "detail": sent}, None),
        {"trust_payload": True},
    ),
    "eventbridge through sqs": (
        content,
        lambda sent: ({"body": json.dumps({"detail": sent}), "messageAttributes": {}}, None),
        {"trust_payload": True},
    ),
    "kinesis": (content, lambda sent: ({"kinesis": {"data": data(sent)}}, None), {"trust_payload": True}),
    "dynamodb": (content, lambda sent: ({"dynamodb": {"NewImage": image(sent)}}, None), {"trust_payload": True}),
    "step functions": (content, lambda sent: (sent, None), {"trust_payload": True}),
}


def received(way: str) -> Received:
    carried, arrives, _ = WAYS[way]
    made = sender()
    with made.serving("ana"):
        return arrives(carried(made))


@pytest.mark.parametrize("way", WAYS)
def test_user_and_decisions_arrive(way: str) -> None:
    found = incoming(*received(way), **WAYS[way][2])
    chances = {"orders": ALL, "billing": NONE}
    assert found == Incoming(ANA, {"orders": "canary", "billing": "stable"}, {}, chances, [])
    receiver = router({"orders": item(0), "billing": item(100), "stock": item(0, always=[ANA])})
    with receiver.serving("somebody else", incoming=found):
        assert receiver.qualifier("orders") == "live-canary"
        assert receiver.qualifier("billing") == "live"
        assert receiver.qualifier("stock", explain=True).why == "in always"


@pytest.mark.parametrize("way", [way for way, (*_, trusted) in WAYS.items() if trusted])
def test_content_and_headers_are_adopted_only_where_they_are_trusted(way: str) -> None:
    found = incoming(*received(way))
    assert (found.key, found.channels) == (None, {})
    if way in {"http", "eventbridge", "step functions"}:
        assert "not trusted here" in found.ignored[0]


def test_a_client_context_counts_more_than_attributes_and_headers() -> None:
    event = {"headers": {"baggage": f"tidegate={EVE};orders=stable"}}
    assert incoming(event, context({"baggage": HEADER}), trust_header=True).key == ANA
    assert incoming(event, context({"baggage": HEADER})) == Incoming(ANA, {"orders": "canary"}, {}, {}, [])


def test_baggage_of_others_stays_and_is_not_mistaken_for_ours() -> None:
    made = sender()
    with made.serving("ana"):
        sent = made.headers("orders", baggage=f"a=b;c, tidegate={EVE};orders=stable ,session = 5;x=y")
    assert sent == {"baggage": f"{HEADER};orders.chance={ALL},a=b;c,session = 5;x=y"}
    assert incoming({}, context(sent)).channels == {"orders": "canary"}
    assert incoming({"headers": {"baggage": "session=5"}}) == Incoming(None, {}, {}, {}, [])


def test_baggage_that_would_grow_too_long_stays_as_it_was() -> None:
    made, long = sender(), "x=" + "y" * 8180
    with made.serving("ana"):
        assert made.headers("orders", baggage=long) == {"baggage": long}


@pytest.mark.parametrize("pin", ["orders=7", "orders=live-canary", "orders=$LATEST", "orders", "orders=Canary"])
def test_a_pin_names_a_channel_and_never_a_version(pin: str) -> None:
    found = incoming({}, context({"tidegate-override": pin, "baggage": f"tidegate={ANA};{pin}"}))
    assert (found.key, found.channels, found.overrides) == (ANA, {}, {})
    assert "a pin names canary or stable, never a version" in found.ignored[0]
    made = router({"orders": item(0)})
    with made.serving("ana", incoming=found):
        assert made.qualifier("orders") == "live"
        assert pin.partition("=")[0] in made.answer()["tidegate-ignored"]


def test_what_was_not_honoured_is_told_without_control_characters() -> None:
    field = {"tidegate": {"orders": "7\r\nset-cookie: x=1", "é" * 900 + "\n": "8"}}
    made = router()
    with made.serving("ana", incoming=incoming(field, trust_payload=True)):
        told = made.answer()["tidegate-ignored"]
    assert told.isprintable()
    assert told.isascii()
    assert len(told) < 400


def test_an_override_travels_on_as_an_override_to_functions_further_down() -> None:
    found = incoming({"headers": {"Tidegate-Override": " billing = canary "}}, trust_header=True)
    made = router({"orders": item(0)})
    with made.serving("ana", incoming=found):
        sent = made.headers("orders")
    assert sent == {"baggage": f"tidegate={ANA};billing.override=canary;orders=stable;orders.chance={NONE}"}
    arrived = incoming({"headers": sent}, trust_header=True)
    assert (arrived.channels, arrived.overrides) == ({"orders": "stable"}, {"billing": "canary"})
    assert incoming({"headers": {"tidegate-override": "orders=canary"}}).ignored == [
        "the header: it is not trusted here"
    ]


@pytest.mark.parametrize(
    "chance", ["", "10", "ten@e86a722d", "101@e86a722d", "-1@e86a722d", "nan@e86a722d", "10@rel-1"]
)
def test_a_mark_that_is_not_understood_is_not_adopted(chance: str) -> None:
    found = incoming({}, context({"baggage": f"{HEADER};orders.chance={chance}"}))
    assert (found.channels, found.chances) == ({"orders": "canary"}, {})


def test_a_mark_belongs_to_the_user_who_was_handed_on() -> None:
    assert incoming({}, context({"baggage": f"tidegate=;orders=canary;orders.chance={ALL}"})).chances == {}


def test_a_user_who_is_no_pseudonym_is_not_adopted() -> None:
    for user in ("ana", ANA.upper(), ANA + "0", "' or 1=1 --     ", ""):
        assert incoming({}, context({"baggage": f"tidegate={user};orders=canary"})).key is None


STRANGE: list[Any] = [
    None,
    7,
    "text",
    [],
    {"headers": 5},
    {"headers": {"baggage": 5}},
    {"Records": [{"Sns": 5}]},
    {"Records": 5},
    {"messageAttributes": {"baggage": 5}},
    {"body": "no json"},
    {"body": "[1]"},
    {"kinesis": {"data": "§"}},
    {"dynamodb": {"NewImage": {"tidegate": {"S": "x"}}}},
    {"detail": "text"},
    {"tidegate": "text"},
    {"tidegate": {"*": 5, "orders": ["canary"]}},
    {"detail": 5},
    {"headers": ["a"]},
    {"Records": {"a": 1}},
    {"Records": [5]},
]


@pytest.mark.parametrize("event", STRANGE, ids=str)
def test_what_others_send_never_fails_a_call(event: Any) -> None:
    for trusted in (False, True):
        found = incoming(event, context("text"), trust_header=trusted, trust_payload=trusted)
        assert (found.key, found.channels, found.overrides) == (None, {}, {})


@pytest.mark.parametrize("event", STRANGE, ids=str)
def test_a_client_context_is_adopted_whatever_the_event_contains(event: Any) -> None:
    assert incoming(event, context({"baggage": HEADER})) == Incoming(ANA, {"orders": "canary"}, {}, {}, [])


def test_attributes_and_a_trusted_header_are_adopted_whatever_else_the_event_contains() -> None:
    attributes = by_sqs({"baggage": {"DataType": "String", "StringValue": HEADER}})
    for odd in ({"detail": 5}, {"headers": ["a"]}, {"Sns": 5}, {"body": "[1]"}, {"Records": {"a": 1}}):
        for trusted in (False, True):
            assert incoming({"messageAttributes": attributes, **odd}, trust_payload=trusted).key == ANA
    for odd in ({"detail": 5}, {"messageAttributes": 5}, {"Sns": 5}, {"body": "[1]"}, {"Records": {"a": 1}}):
        assert incoming({"headers": {"baggage": HEADER}, **odd}, trust_header=True).key == ANA


def test_of_a_batch_each_record_is_read_by_itself() -> None:
    records = [{"messageAttributes": by_sqs({"baggage": {"DataType": "String", "StringValue": HEADER}})}] * 2
    assert incoming({"Records": records}).key is None
    assert [incoming(record).key for record in records] == [ANA, ANA]


def test_content_is_not_changed_by_reading_it() -> None:
    event = {"tidegate": {"*": ANA, "orders": "canary"}}
    incoming(event, trust_payload=True)
    assert event == {"tidegate": {"*": ANA, "orders": "canary"}}


def test_attributes_have_one_for_each_function_that_a_subscription_filters_on() -> None:
    made = sender()
    with made.serving("ana"):
        sent = made.attributes("orders", "billing")
    assert {name: each["StringValue"] for name, each in sent.items()} == {
        "baggage": f"tidegate={ANA};orders=canary;orders.chance={ALL};billing=stable;billing.chance={NONE}",
        "tidegate-orders": "canary",
        "tidegate-billing": "stable",
    }
