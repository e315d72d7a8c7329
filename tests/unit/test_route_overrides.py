"""Overrides answer: which channel ran and why, for a header, a log or a decision; and why one was not honoured."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.routing_calls import CALLED, Cloud, item, keys, mark, router
from tidegate_route import lines, pseudonym

ANA = pseudonym("ana")
OVERRIDE = {"tidegate-override": "orders=canary"}


def context(**custom: str) -> Any:
    return SimpleNamespace(
        invoked_function_arn=CALLED.replace(":orders:", ":front:"), client_context=SimpleNamespace(custom=custom)
    )


def answered(event: Any, context: Any, *, trusted: bool, percent: float = 0, **document: Any) -> tuple[str, Any]:
    """Let a handler call orders for ana; give the URL that is called, and the answer."""
    made, cloud = router({"orders": item(percent, **document)}, timeout=5), Cloud()
    client = made.instrument(cloud.client(), "orders")

    @made.handler(key=lambda event, context: "ana", trust_header=trusted)
    def handler(event: Any, context: Any) -> dict[str, str]:
        client.invoke(FunctionName="orders", Payload=b"{}")
        assert made.qualifier("orders", explain=True).why in made.answer()["tidegate-channel"]
        return made.answer()

    answer = handler(event, context)
    return str(cloud.requests[-1].url).partition("Qualifier=")[2], answer


@pytest.mark.parametrize(
    ("event", "custom"),
    [({"headers": OVERRIDE}, {}), ({}, OVERRIDE), ({"headers": {"Baggage": "tidegate=;orders.override=canary"}}, {})],
    ids=["a header", "a client context", "the baggage of a caller"],
)
def test_an_override_of_a_trusted_caller_reaches_the_canary_at_no_percent_and_the_answer_says_so(
    event: Any, custom: dict[str, str]
) -> None:
    alias, answer = answered(event, context(**custom), trusted=True)
    assert (alias, answer) == ("live-canary", {"tidegate-channel": "orders=canary; override"})


def test_a_header_that_is_not_trusted_reaches_nothing_and_the_answer_says_so() -> None:
    alias, answer = answered({"headers": OVERRIDE}, context(), trusted=False)
    assert alias == "live"
    assert answer["tidegate-channel"].startswith("orders=stable; position ")
    assert answer["tidegate-ignored"] == "the header: it is not trusted here"


@pytest.mark.parametrize(
    ("override", "document", "expected"),
    [
        ("orders=7", {}, {"tidegate-ignored": "'orders.override'='7': a pin names canary or stable, never a version"}),
        ("ordres=canary", {}, {"tidegate-ignored": "ordres=canary: not called here"}),
        (
            "orders=canary",
            {"never": [ANA]},
            {"tidegate-channel": "orders=stable; in never; the override canary is not honoured"},
        ),
        ("orders=canary", {"schema": 2}, {"tidegate-channel": "orders=stable; the document is not understood"}),
    ],
    ids=["a version", "another function", "never", "no document"],
)
def test_an_override_that_is_not_honoured_says_why(override: str, document: Any, expected: dict[str, str]) -> None:
    event = {"headers": {"tidegate-override": override}}
    alias, answer = answered(event, context(), trusted=True, **document)
    assert alias == "live"
    ((name, text),) = expected.items()
    assert answer[name].startswith(text)


def test_a_tester_in_always_reaches_the_canary_at_no_percent_without_an_override() -> None:
    assert answered({}, context(), trusted=False, always=[ANA]) == (
        "live-canary",
        {"tidegate-channel": "orders=canary; in always"},
    )


def test_an_override_for_a_function_further_down_is_handed_on_and_told() -> None:
    made = router({"orders": item(0)}, timeout=5)

    @made.handler(key=lambda event, context: "ana", trust_header=True)
    def handler(event: Any, context: Any) -> tuple[dict[str, str], dict[str, str]]:
        return made.headers("orders"), made.answer()

    sent, answer = handler({"headers": {"tidegate-override": "billing=canary"}}, context())
    assert "billing.override=canary" in sent["baggage"]
    assert answer["tidegate-ignored"] == "billing=canary: not called here"


def test_a_key_with_more_than_five_percent_of_a_function_s_calls_is_warned_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = router({"orders": item(10)}, timeout=5)

    @made.handler(key=lambda event, context: event["user"])
    def handler(event: Any, context: Any) -> None:
        pass

    for number in range(lines.WINDOW):
        (key,) = keys("ana" if number % 10 == 0 else f"user-{number}")
        custom = {"baggage": f"tidegate={key};orders=stable;orders.chance={mark(10)}"}
        handler(
            {"user": "?"}, SimpleNamespace(invoked_function_arn=CALLED, client_context=SimpleNamespace(custom=custom))
        )
    told = [json.loads(line)["tidegate"] for line in capsys.readouterr().out.splitlines()]
    (warning,) = [each["warning"] for each in told if "warning" in each]
    assert warning == f"the user {ANA} makes 100 of 1000 calls: choose a key that divides them further"
