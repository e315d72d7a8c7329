"""Once in, a user stays in while the share grows; nothing that others send or write fails a call."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.routing_calls import CALLED, item, router
from tidegate_route import CANARY, POSITIONS, STABLE, Document, incoming, position, pseudonym

users = st.text(st.characters(), max_size=40)
percents = st.integers(0, POSITIONS).map(lambda hundredths: hundredths / 100)
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.just("canary"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
NAMES = ["headers", "baggage", "Records", "Sns", "MessageAttributes", "messageAttributes", "body", "kinesis", "data"]
NAMES += ["dynamodb", "NewImage", "tidegate", "detail", "stringValue", "Value", "M", "S", "*", "orders"]
events = st.recursive(
    anything, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=4) | st.lists(inner, max_size=2)
)


@given(user=users, salt=users, steps=st.lists(percents, min_size=2))
def test_a_user_once_in_stays_in_while_the_percentage_grows(user: str, salt: str, steps: list[float]) -> None:
    key = pseudonym(user)
    channels = [Document.parse(item(step, salt=salt or "s")).place(key)[0] for step in sorted(steps)]
    assert channels == sorted(channels, key=[STABLE, CANARY].index)


@given(user=users, salt=users)
def test_nobody_is_in_at_none_and_everybody_at_all(user: str, salt: str) -> None:
    key = pseudonym(user)
    assert 0 <= position(salt, key) < POSITIONS
    assert Document.parse(item(0, salt=salt or "s")).place(key)[0] == STABLE
    assert Document.parse(item(100, salt=salt or "s")).place(key)[0] == CANARY


@given(document=st.dictionaries(st.sampled_from([*item(), "always", "never"]), anything) | anything)
def test_whatever_a_document_contains_a_call_gets_an_alias(document: Any) -> None:
    made = router({"orders": document})
    with made.serving("ana"):
        assert isinstance(made.qualifier("orders"), str)


class Context:
    invoked_function_arn = CALLED

    def __init__(self, custom: Any) -> None:
        self.client_context = self
        self.custom = custom


@given(event=events, custom=events, trusted=st.booleans())
def test_whatever_is_handed_on_a_handler_runs(event: Any, custom: Any, trusted: bool) -> None:
    made = router()
    handler = made.handler(key=lambda event, context: event["user"], trust_header=trusted, trust_payload=trusted)
    assert handler(lambda event, context: made.qualifier("orders"))(event, Context(custom)) in {"live", "live-canary"}


@given(event=events, user=users)
def test_a_version_is_never_reached_by_what_is_handed_on(event: Any, user: str) -> None:
    found = incoming(event, Context(event), trust_header=True, trust_payload=True)
    assert {*found.channels.values(), *found.overrides.values()} <= {CANARY, STABLE}
    made = router({"orders": item(0)})
    with made.serving(user, incoming=found):
        assert made.qualifier("orders") in {"live", "live-canary"}
